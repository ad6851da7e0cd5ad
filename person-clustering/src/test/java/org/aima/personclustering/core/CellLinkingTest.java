package org.aima.personclustering.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.aima.personclustering.core.LinkRule.Kind;
import org.aima.personclustering.core.PlantedVectors.Found;
import org.aima.personclustering.core.PlantedVectors.Labelled;

/** Cells link what is beyond doubt, and no rule is broken by what they linked. */
class CellLinkingTest {
    private static final String FACE = "face_embeddings";
    private static final int DIMENSION = 64;
    private static final int K = 20;
    private static final int PROBES = 6;
    private static final double NOISE = 0.45;
    private static final float BLURRED = 0.1f;
    private static final LinkingParameters SHARP =
            new LinkingParameters(0.01, 0.75, 0.5, 0.5, Double.NaN, LinkingParameters.FACE_PRIOR);

    private static List<Labelled> planted(long seed) {
        int[] sizes = new Random(seed).ints(80, 1, 9).toArray();
        return PlantedVectors.around(new Random(seed), DIMENSION, NOISE, sizes);
    }

    private static Map<String, Integer> identityById(List<Labelled> vectors) {
        return vectors.stream().collect(Collectors.toMap(Labelled::id, Labelled::identity));
    }

    /** Pairs of ids that cells linked. */
    private static List<List<String>> linked(
            List<VectorBlock> blocks, LinkingParameters parameters) {
        VectorSet vectors = new VectorSet(blocks);
        List<List<String>> pairs = new ArrayList<>();
        for (CellMerges cell :
                PlantedVectors.linkedInCells(
                        PlantedVectors.probed(blocks, PROBES, 0), K, parameters)) {
            for (int i = 0; i < cell.into().length; i++) {
                pairs.add(
                        List.of(
                                vectors.id(vectors.indexOf(cell.into()[i])),
                                vectors.id(vectors.indexOf(cell.from()[i]))));
            }
        }
        return pairs;
    }

    @Property(tries = 10)
    void cellsLinkWhatBelongsTogetherAndTheRestFollows(@ForAll long seed) {
        List<Labelled> vectors = planted(seed);
        Map<String, Integer> identity = identityById(vectors);
        List<VectorBlock> blocks = PlantedVectors.blocks(vectors, 3);
        List<List<String>> linked = linked(blocks, LinkingParameters.DEFAULT);
        // A third at least of all that is to be linked: else this would test nothing.
        assertThat(linked.size()).isGreaterThan((vectors.size() - 80) / 3);
        assertThat(linked)
                .allSatisfy(
                        p -> assertThat(identity.get(p.get(0))).isEqualTo(identity.get(p.get(1))));
        Found found =
                PlantedVectors.clusterByCells(
                        blocks, K, PROBES, LinkingParameters.DEFAULT, List.of(), FACE);
        Found whole = PlantedVectors.cluster(blocks, K, LinkingParameters.DEFAULT);
        assertThat(found.clusters()).isEqualTo(whole.clusters());
    }

    @Example
    void nothingIsLinkedWhereTooFewVectorsTellWhatStrangersAre() {
        List<Labelled> few = PlantedVectors.around(new Random(6), DIMENSION, NOISE, 3, 3, 3);
        for (int size : new int[] {1, 2, few.size()}) {
            assertThat(
                            PlantedVectors.probed(
                                    PlantedVectors.blocks(few.subList(0, size), 2), PROBES, 0))
                    .isNotEmpty()
                    .allMatch(p -> p.strangers() == null);
        }
    }

    @Property(tries = 10)
    void orderOfBlocksDoesNotMatter(@ForAll long seed) {
        List<VectorBlock> blocks = PlantedVectors.blocks(planted(seed), 4);
        List<VectorBlock> shuffled = new ArrayList<>(blocks);
        Collections.shuffle(shuffled, new Random(seed));
        assertThat(linked(shuffled, LinkingParameters.DEFAULT))
                .isEqualTo(linked(blocks, LinkingParameters.DEFAULT));
    }

    @Example
    void twoFacesSideBySideAreNotLinkedHoweverAlike() {
        List<Labelled> vectors = new ArrayList<>(planted(3));
        float[] twin = vectors.get(0).vector();
        vectors.add(new Labelled("twin-a", twin, 9_000));
        vectors.add(new Labelled("twin-b", twin, 9_000));
        List<VectorBlock> blocks = PlantedVectors.blocks(vectors, 3);
        assertThat(clusterMates(linked(blocks, LinkingParameters.DEFAULT), "twin-a", "twin-b"))
                .isTrue();
        List<VectorBlock> sighted =
                PlantedVectors.sighted(
                        blocks,
                        Map.of(
                                "twin-a", new Sighting(7, 0, 0, 10, 10),
                                "twin-b", new Sighting(7, 100, 0, 10, 10)));
        assertThat(clusterMates(linked(sighted, LinkingParameters.DEFAULT), "twin-a", "twin-b"))
                .isFalse();
    }

    private static boolean clusterMates(List<List<String>> linked, String a, String b) {
        Map<String, String> into = new HashMap<>();
        linked.forEach(p -> into.put(p.get(1), p.get(0)));
        return into.getOrDefault(a, a).equals(into.getOrDefault(b, b));
    }

    @Example
    void blurredFacesAreLeftOut() {
        List<Labelled> vectors = planted(4);
        List<VectorBlock> blocks = PlantedVectors.blocks(vectors, 3);
        Map<String, Float> grades = new HashMap<>();
        for (int i = 0; i < vectors.size(); i += 5) {
            grades.put(vectors.get(i).id(), BLURRED);
        }
        assertThat(linked(blocks, SHARP).stream().flatMap(List::stream))
                .containsAnyElementsOf(grades.keySet());
        assertThat(
                        linked(PlantedVectors.graded(blocks, grades), SHARP).stream()
                                .flatMap(List::stream))
                .isNotEmpty()
                .doesNotContainAnyElementsOf(grades.keySet());
        // Where most are blurred the limit means nothing.
        vectors.forEach(v -> grades.put(v.id(), BLURRED));
        assertThat(linked(PlantedVectors.graded(blocks, grades), SHARP))
                .isEqualTo(linked(blocks, SHARP));
    }

    @Property(tries = 10)
    void whatPeopleKeepApartStaysApart(@ForAll long seed) {
        List<VectorBlock> blocks = PlantedVectors.blocks(planted(seed), 3);
        List<String> pair = linked(blocks, LinkingParameters.DEFAULT).get(0);
        LinkRule apart =
                new LinkRule(
                        Kind.APART,
                        "c",
                        new String[] {FACE + "/" + pair.get(0)},
                        new String[] {FACE + "/" + pair.get(1)});
        Found found =
                PlantedVectors.clusterByCells(
                        blocks, K, PROBES, LinkingParameters.DEFAULT, List.of(apart), FACE);
        assertThat(found.clusterById().get(pair.get(0)))
                .isNotEqualTo(found.clusterById().get(pair.get(1)));
    }
}
