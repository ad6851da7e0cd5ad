package org.aima.jobs.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class EvaluationTest {
    private static final double EXACT = 1e-12;

    private record Vector(String cluster, String identity) {}

    private static Evaluation evaluate(List<Vector> vectors) {
        Evaluation.Contingency counts = new Evaluation.Contingency();
        vectors.forEach(v -> counts.add(v.cluster(), v.identity()));
        return counts.evaluate();
    }

    private static List<Vector> of(String clusters, String identities) {
        List<Vector> vectors = new ArrayList<>();
        for (int i = 0; i < clusters.length(); i++) {
            vectors.add(new Vector(clusters.substring(i, i + 1), identities.substring(i, i + 1)));
        }
        return vectors;
    }

    @Test
    void agreesWithAnExampleWorkedOutByHand() {
        // Clusters a = {x, x, y}, b = {y, y}, c = {z}.
        Evaluation scores = evaluate(of("aaabbc", "xxyyyz"));

        assertThat(scores.labelled()).isEqualTo(6);
        assertThat(scores.clusters()).isEqualTo(3);
        assertThat(scores.singletons()).isEqualTo(1);
        assertThat(scores.identities()).isEqualTo(3);
        // Pairs: 4 claimed (3 + 1), 4 wanted (1 + 3), 2 of them the same (xx in a, yy in b).
        assertThat(scores.pairwise().precision()).isEqualTo(0.5, within(EXACT));
        assertThat(scores.pairwise().recall()).isEqualTo(0.5, within(EXACT));
        assertThat(scores.pairwise().f()).isEqualTo(0.5, within(EXACT));
        // By vector: precision 2/3, 2/3, 1/3, 1, 1, 1; recall 1, 1, 1/3, 2/3, 2/3, 1.
        assertThat(scores.bcubed().precision()).isEqualTo(14 / 18.0, within(EXACT));
        assertThat(scores.bcubed().recall()).isEqualTo(14 / 18.0, within(EXACT));
        // H = ln 2 / 2 + ln 3 / 3 + ln 6 / 6 on both sides, I = H - (1/2)(2/3 ln 3/2 + 1/3 ln 3).
        double entropy = Math.log(2) / 2 + Math.log(3) / 3 + Math.log(6) / 6;
        double lost = (2 / 3.0 * Math.log(1.5) + Math.log(3) / 3) / 2;
        assertThat(scores.nmi()).isEqualTo((entropy - lost) / entropy, within(EXACT));
    }

    @Test
    void everythingInOneClusterHasFullRecall() {
        Evaluation scores = evaluate(of("aaaa", "xxyy"));

        assertThat(scores.pairwise().recall()).isEqualTo(1);
        assertThat(scores.pairwise().precision()).isEqualTo(2 / 6.0, within(EXACT));
        assertThat(scores.bcubed().precision()).isEqualTo(0.5, within(EXACT));
        assertThat(scores.nmi()).isZero();
    }

    @Test
    void everythingAloneHasFullPrecision() {
        Evaluation scores = evaluate(of("abcd", "xxyy"));

        assertThat(scores.pairwise().precision()).isEqualTo(1);
        assertThat(scores.pairwise().recall()).isZero();
        assertThat(scores.pairwise().f()).isZero();
        assertThat(scores.bcubed().recall()).isEqualTo(0.5, within(EXACT));
        assertThat(scores.singletons()).isEqualTo(4);
    }

    @Test
    void nothingAtAllIsNoError() {
        assertThat(evaluate(List.of()).pairwise().f()).isEqualTo(1);
    }

    @Provide
    Arbitrary<List<Vector>> clusterings() {
        Arbitrary<String> names = Arbitraries.of("a", "b", "c", "d", "e");
        return Combinators.combine(names, names).as(Vector::new).list().ofMinSize(1).ofMaxSize(60);
    }

    @Property
    void scoresStayWithinTheirBounds(@ForAll("clusterings") List<Vector> vectors) {
        Evaluation scores = evaluate(vectors);
        assertThat(
                        List.of(
                                scores.nmi(),
                                scores.pairwise().f(),
                                scores.pairwise().precision(),
                                scores.pairwise().recall(),
                                scores.bcubed().f(),
                                scores.bcubed().precision(),
                                scores.bcubed().recall()))
                .allMatch(s -> s >= 0 && s <= 1 + EXACT);
    }

    @Property
    void namesAndOrderDoNotMatter(@ForAll("clusterings") List<Vector> vectors, @ForAll long seed) {
        List<Vector> other =
                new ArrayList<>(
                        vectors.stream()
                                .map(
                                        v ->
                                                new Vector(
                                                        "renamed "
                                                                + (char)
                                                                        (v.cluster().charAt(0) ^ 1),
                                                        "x" + v.identity()))
                                .toList());
        Collections.shuffle(other, new Random(seed));

        assertThat(evaluate(other)).isEqualTo(evaluate(vectors));
    }

    @Property
    void aPerfectClusteringScoresOne(@ForAll("clusterings") List<Vector> vectors) {
        Evaluation scores =
                evaluate(
                        vectors.stream()
                                .map(v -> new Vector("c" + v.identity(), v.identity()))
                                .toList());

        assertThat(scores.pairwise()).isEqualTo(new Evaluation.Score(1, 1, 1));
        assertThat(scores.bcubed().f()).isEqualTo(1, within(EXACT));
        assertThat(scores.nmi()).isEqualTo(1, within(EXACT));
    }

    @Property
    void precisionAndRecallChangePlacesWithTheSides(@ForAll("clusterings") List<Vector> vectors) {
        Evaluation scores = evaluate(vectors);
        Evaluation mirrored =
                evaluate(vectors.stream().map(v -> new Vector(v.identity(), v.cluster())).toList());

        assertThat(mirrored.pairwise().precision()).isEqualTo(scores.pairwise().recall());
        assertThat(mirrored.bcubed().recall()).isEqualTo(scores.bcubed().precision());
        assertThat(mirrored.nmi()).isEqualTo(scores.nmi(), within(EXACT));
    }

    @Property
    void agreesWithComparingEveryPair(@ForAll("clusterings") List<Vector> vectors) {
        long claimed = 0;
        long wanted = 0;
        long both = 0;
        double bcubed = 0;
        for (int i = 0; i < vectors.size(); i++) {
            double mine = 0;
            double right = 0;
            for (int j = 0; j < vectors.size(); j++) {
                boolean together = vectors.get(i).cluster().equals(vectors.get(j).cluster());
                boolean same = vectors.get(i).identity().equals(vectors.get(j).identity());
                mine += together ? 1 : 0;
                right += together && same ? 1 : 0;
                if (j < i) {
                    claimed += together ? 1 : 0;
                    wanted += same ? 1 : 0;
                    both += together && same ? 1 : 0;
                }
            }
            bcubed += right / mine / vectors.size();
        }
        Evaluation scores = evaluate(vectors);

        assertThat(scores.pairwise().precision())
                .isEqualTo(claimed == 0 ? 1 : (double) both / claimed, within(EXACT));
        assertThat(scores.pairwise().recall())
                .isEqualTo(wanted == 0 ? 1 : (double) both / wanted, within(EXACT));
        assertThat(scores.bcubed().precision()).isEqualTo(bcubed, within(1e-9));
    }
}
