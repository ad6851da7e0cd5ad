package org.aima.personclustering.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.aima.personclustering.core.PlantedVectors.Found;
import org.aima.personclustering.core.PlantedVectors.Labelled;

/**
 * Linking finds planted identities, whatever their sizes, and depends on the set of vectors only.
 */
class CalibratedLinkingTest {
    private static final int K = 80;
    private static final double NOISE = 0.5;

    private static Found cluster(List<Labelled> vectors, int blocks) {
        return PlantedVectors.cluster(
                PlantedVectors.blocks(vectors, blocks), K, LinkingParameters.DEFAULT);
    }

    @Property(tries = 8)
    void findsPlantedIdentities(@ForAll long seed, @ForAll @IntRange(min = 64, max = 128) int d) {
        Random random = new Random(seed);
        int[] sizes = IntStream.range(0, 40).map(i -> 1 + random.nextInt(20)).toArray();
        List<Labelled> vectors = PlantedVectors.around(random, d, NOISE, sizes);
        Set<Set<String>> found = cluster(vectors, 2).clusters();
        // No identity is torn apart, and as few are joined as the parameter promises.
        assertThat(PlantedVectors.truth(vectors))
                .allMatch(identity -> found.stream().anyMatch(c -> c.containsAll(identity)));
        assertThat(found)
                .hasSizeGreaterThanOrEqualTo(
                        (int) (40 - LinkingParameters.DEFAULT.falseLinks() * vectors.size()));
    }

    @Property(tries = 5)
    void dependsOnTheSetOfVectorsOnly(@ForAll long seed) {
        Random random = new Random(seed);
        // So noisy that many decisions are close ones, where an order would show.
        int[] sizes = IntStream.range(0, 60).map(i -> 1 + random.nextInt(8)).toArray();
        List<Labelled> vectors = PlantedVectors.around(random, 64, 1.1, sizes);
        Set<Set<String>> expected = cluster(vectors, 1).clusters();
        List<Labelled> shuffled = new ArrayList<>(vectors);
        Collections.shuffle(shuffled, random);
        assertThat(cluster(shuffled, 1).clusters()).isEqualTo(expected);
        List<VectorBlock> blocks = PlantedVectors.blocks(shuffled, 5);
        Collections.shuffle(blocks, random);
        assertThat(PlantedVectors.cluster(blocks, K, LinkingParameters.DEFAULT).clusters())
                .isEqualTo(expected);
    }

    @Example
    void identityLargerThanKStaysWhole() {
        int[] sizes = new int[40];
        Arrays.fill(sizes, 5);
        sizes[0] = 6 * K;
        sizes[1] = 3 * K;
        List<Labelled> vectors = PlantedVectors.around(new Random(1), 128, NOISE, sizes);
        assertThat(cluster(vectors, 3).clusters()).isEqualTo(PlantedVectors.truth(vectors));
    }

    @Example
    void partsLargerThanKFindEachOther() {
        Random random = new Random(8);
        int[] sizes = new int[60];
        Arrays.fill(sizes, 5);
        List<Labelled> vectors = new ArrayList<>(PlantedVectors.around(random, 96, NOISE, sizes));
        float[] centre = PlantedVectors.direction(random, 96);
        for (int part = 0; part < 2; part++) {
            float[] middle = PlantedVectors.direction(random, 96);
            for (int d = 0; d < middle.length; d++) {
                middle[d] = (float) (centre[d] + 0.6 * middle[d]);
            }
            // So close together that every neighbour list is filled by the own part.
            for (int i = 0; i < 2 * K; i++) {
                float[] vector = PlantedVectors.direction(random, 96);
                for (int d = 0; d < vector.length; d++) {
                    vector[d] = (float) (middle[d] + 0.1 * vector[d]);
                }
                vectors.add(
                        new Labelled(
                                "part-" + part + "-" + i, EmbeddingValidator.unit(vector), 3_000));
            }
        }
        assertThat(cluster(vectors, 2).clusters()).isEqualTo(PlantedVectors.truth(vectors));
    }

    @Example
    void strangersStayAlone() {
        int[] sizes = new int[600];
        Arrays.fill(sizes, 1);
        List<Labelled> vectors = PlantedVectors.around(new Random(2), 64, 0, sizes);
        // The parameter promises at most this share of false links.
        assertThat(cluster(vectors, 2).clusters())
                .hasSizeGreaterThanOrEqualTo(
                        (int) (600 * (1 - LinkingParameters.DEFAULT.falseLinks())));
    }

    @Example
    void identicalVectorsAreOnePerson() {
        float[] same = PlantedVectors.direction(new Random(3), 64);
        List<Labelled> vectors =
                IntStream.range(0, 300).mapToObj(i -> new Labelled("id-" + i, same, 0)).toList();
        assertThat(cluster(vectors, 2).clusters()).isEqualTo(PlantedVectors.truth(vectors));
    }

    @Example
    void twoStrangersAreNotMergedByWhatLiesBetweenThem() {
        Random random = new Random(4);
        int[] sizes = new int[60];
        Arrays.fill(sizes, 4);
        List<Labelled> vectors = new ArrayList<>(PlantedVectors.around(random, 96, NOISE, sizes));
        // A path of small steps past strangers: each vector is close to the next one only.
        int legs = 6;
        int steps = 6;
        float[] from = PlantedVectors.direction(random, 96);
        for (int leg = 0; leg < legs; leg++) {
            float[] to = PlantedVectors.direction(random, 96);
            for (int i = 0; i < steps; i++) {
                float[] vector = new float[96];
                for (int d = 0; d < vector.length; d++) {
                    vector[d] = from[d] * (steps - i) + to[d] * i;
                }
                vectors.add(
                        new Labelled(
                                "chain-%02d".formatted(leg * steps + i),
                                EmbeddingValidator.unit(vector),
                                1_000));
            }
            from = to;
        }
        Found found = cluster(vectors, 1);
        assertThat(found.clusterById().get("chain-00"))
                .isNotEqualTo(found.clusterById().get("chain-%02d".formatted(legs * steps - 1)));
        assertThat(found.clusterById().get("chain-00"))
                .isEqualTo(found.clusterById().get("chain-01"));
    }

    @Example
    void bridgeJoinsOneSideAtMost() {
        Random random = new Random(5);
        int[] sizes = new int[50];
        Arrays.fill(sizes, 12);
        List<Labelled> vectors = new ArrayList<>(PlantedVectors.around(random, 96, NOISE, sizes));
        Set<Set<String>> truth = PlantedVectors.truth(vectors);
        float[] middle = new float[96];
        for (Labelled v : vectors) {
            if (v.identity() < 2) {
                for (int d = 0; d < middle.length; d++) {
                    middle[d] += v.vector()[d];
                }
            }
        }
        for (int i = 0; i < 3; i++) {
            vectors.add(new Labelled("bridge-" + i, EmbeddingValidator.unit(middle), 2_000));
        }
        Set<Set<String>> found =
                cluster(vectors, 1).clusters().stream()
                        .map(
                                c ->
                                        c.stream()
                                                .filter(id -> !id.startsWith("bridge"))
                                                .collect(Collectors.toSet()))
                        .filter(c -> !c.isEmpty())
                        .collect(Collectors.toSet());
        assertThat(found).isEqualTo(truth);
    }

    @Example
    void fewVectorsAreJudgedByThePrior() {
        float[] a = {1, 0, 0, 0};
        float[] b = {0, 1, 0, 0};
        assertThat(cluster(List.of(), 1).clusters()).isEmpty();
        assertThat(cluster(List.of(new Labelled("a", a, 0)), 1).clusters())
                .containsExactly(Set.of("a"));
        assertThat(cluster(List.of(new Labelled("a", a, 0), new Labelled("b", a, 0)), 1).clusters())
                .containsExactly(Set.of("a", "b"));
        assertThat(cluster(List.of(new Labelled("a", a, 0), new Labelled("b", b, 1)), 1).clusters())
                .containsExactlyInAnyOrder(Set.of("a"), Set.of("b"));
    }

    @Example
    void fixedThresholdOverridesTheData() {
        Random random = new Random(6);
        int[] sizes = new int[40];
        Arrays.fill(sizes, 6);
        List<Labelled> vectors = PlantedVectors.around(random, 64, NOISE, sizes);
        LinkingParameters d = LinkingParameters.DEFAULT;
        LinkingParameters strict =
                new LinkingParameters(
                        d.falseLinks(), d.sizePrior(), d.sizeCorrection(), 0, 0.995, d.prior());
        Found found = PlantedVectors.cluster(PlantedVectors.blocks(vectors, 1), K, strict);
        assertThat(found.raw().threshold()).isBetween(0.98, 0.999);
        assertThat(found.clusters()).hasSize(vectors.size());
    }

    @Example
    void labelsAreSmallestIndexesAndSimilaritiesAreCosines() {
        int[] sizes = {7, 1, 5, 9, 1, 30};
        Found found = cluster(PlantedVectors.around(new Random(7), 64, NOISE, sizes), 2);
        int[] labels = found.raw().labels();
        Set<Integer> singles = new TreeSet<>();
        for (int i = 0; i < labels.length; i++) {
            assertThat(labels[i]).isLessThanOrEqualTo(i);
            assertThat(labels[labels[i]]).isEqualTo(labels[i]);
            assertThat(found.raw().similarities()[i]).isBetween(0.0, 1.000001);
            int label = labels[i];
            if (Arrays.stream(labels).filter(l -> l == label).count() == 1) {
                singles.add(i);
            }
        }
        assertThat(singles).isNotEmpty();
        singles.forEach(i -> assertThat(found.raw().similarities()[i]).isEqualTo(1.0));
    }
}
