package org.aima.personclustering.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.aima.personclustering.core.LinkRule.Kind;
import org.aima.personclustering.core.PlantedVectors.Found;
import org.aima.personclustering.core.PlantedVectors.Labelled;

/** Faces of low quality join persons; they never bring two of them together. */
class LowQualityLinkingTest {
    private static final String FACE = "face_embeddings";
    private static final int K = 40;
    private static final int DIMENSION = 64;
    private static final LinkingParameters FROM_HALF =
            new LinkingParameters(
                    LinkingParameters.DEFAULT.falseLinks(),
                    LinkingParameters.DEFAULT.sizePrior(),
                    LinkingParameters.DEFAULT.sizeCorrection(),
                    0.5,
                    Double.NaN,
                    LinkingParameters.DEFAULT.prior());

    private static Found link(
            List<Labelled> vectors, Map<String, Float> quality, List<LinkRule> rules) {
        return PlantedVectors.cluster(
                PlantedVectors.graded(PlantedVectors.blocks(vectors, 2), quality),
                K,
                FROM_HALF,
                rules,
                FACE);
    }

    private static List<Labelled> people(Random random) {
        int[] sizes = IntStream.range(0, 40).map(i -> 2 + random.nextInt(8)).toArray();
        return PlantedVectors.around(random, DIMENSION, 0.5, sizes);
    }

    /** Vectors half way between two persons, as blurred faces are. */
    private static List<Labelled> between(List<Labelled> people, Random random, int count) {
        List<Labelled> found = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            float[] a = people.get(random.nextInt(people.size())).vector();
            float[] b = people.get(random.nextInt(people.size())).vector();
            float[] middle = new float[DIMENSION];
            for (int d = 0; d < DIMENSION; d++) {
                middle[d] = a[d] + b[d];
            }
            found.add(new Labelled("blur-" + i, EmbeddingValidator.unit(middle), 9_000));
        }
        return found;
    }

    @Property(tries = 30)
    void theOthersClusterAsIfTheyWereNotThere(@ForAll long seed) {
        Random random = new Random(seed);
        List<Labelled> good = people(random);
        List<Labelled> blurred = between(good, random, good.size() / 4);
        Map<String, Float> quality = new HashMap<>();
        blurred.forEach(b -> quality.put(b.id(), 0.4f));
        List<Labelled> all = new ArrayList<>(good);
        all.addAll(blurred);
        Found with = link(all, quality, List.of());
        // One scale of strangers for both, so that only the bridging differs.
        assertThat(with.raw().weak().vectors()).isEqualTo(blurred.size());
        for (Set<String> cluster : with.clusters()) {
            List<String> goodOnes = cluster.stream().filter(id -> !id.startsWith("blur")).toList();
            if (goodOnes.isEmpty()) {
                assertThat(cluster).as("low quality alone").hasSize(1);
            } else {
                assertThat(identities(all, goodOnes)).hasSize(1);
            }
        }
    }

    private static List<Integer> identities(List<Labelled> vectors, List<String> ids) {
        return vectors.stream()
                .filter(v -> ids.contains(v.id()))
                .map(Labelled::identity)
                .distinct()
                .toList();
    }

    @Example
    void aFaceOfLowQualityJoinsItsPerson() {
        Random random = new Random(3);
        List<Labelled> people = people(random);
        Labelled first = people.get(0);
        Labelled again = new Labelled("again", first.vector().clone(), first.identity());
        List<Labelled> all = new ArrayList<>(people);
        all.add(again);
        Found found = link(all, Map.of("again", 0.2f), List.of());
        assertThat(found.clusterById().get("again")).isEqualTo(found.clusterById().get(first.id()));
        assertThat(found.raw().weak()).isEqualTo(new CalibratedLinking.Weak(1, 1, 0));
    }

    @Example
    void peopleOutrankQuality() {
        Random random = new Random(4);
        List<Labelled> people = people(random);
        String poor = people.get(0).id();
        String other =
                people.stream()
                        .filter(p -> p.identity() != people.get(0).identity())
                        .findFirst()
                        .orElseThrow()
                        .id();
        LinkRule together =
                new LinkRule(
                        Kind.TOGETHER,
                        "constraint 1",
                        new String[] {FACE + "/" + poor},
                        new String[] {FACE + "/" + other});
        Found found = link(people, Map.of(poor, 0.1f), List.of(together));
        assertThat(found.clusterById().get(poor)).isEqualTo(found.clusterById().get(other));
        assertThat(found.raw().weak().vectors()).isZero();
    }

    @Example
    void aLimitThatMostVectorsMissIsNotUsed() {
        List<Labelled> people = people(new Random(5));
        Map<String, Float> quality = new HashMap<>();
        people.forEach(p -> quality.put(p.id(), 0.3f));
        Found found = link(people, quality, List.of());
        assertThat(found.raw().weak()).isEqualTo(new CalibratedLinking.Weak(0, 0, 1));
        assertThat(found.clusters().size()).isLessThan(people.size());
    }
}
