package org.aima.personclustering.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

/** More similar is never less likely one person, and what is certain outweighs the prior. */
class SimilarityCurveTest {
    private static double[] pairs(long seed, int count, double mean, double spread) {
        Random random = new Random(seed);
        return random.doubles(count)
                .map(u -> Math.max(-1, Math.min(1, mean + spread * random.nextGaussian())))
                .toArray();
    }

    @Property(tries = 200)
    void risesFromImpossibleToCertain(
            @ForAll long seed,
            @ForAll @IntRange(min = 0, max = 2_000) int tracks,
            @ForAll @IntRange(min = 0, max = 2_000) int confirmed,
            @ForAll @DoubleRange(min = -0.1, max = 0.6) double centre,
            @ForAll @DoubleRange(min = 0.04, max = 0.2) double spread) {
        ImpostorCalibration strangers = new ImpostorCalibration(centre, spread);
        double same = centre + (1 - centre) * 0.7;
        SimilarityCurve curve =
                SimilarityCurve.of(
                        strangers,
                        pairs(seed, tracks, same, 0.1),
                        pairs(seed + 1, confirmed, same, 0.1));
        for (int b = 1; b < curve.probabilities().length; b++) {
            assertThat(curve.probabilities()[b]).isBetween(curve.probabilities()[b - 1], 1.0);
        }
        assertThat(curve.at(centre)).isLessThan(0.5);
        assertThat(curve.at(same)).isGreaterThan(0.99);
    }

    @Example
    void confirmedPersonsCountBeforeTracksAndTracksBeforeThePrior() {
        ImpostorCalibration strangers = new ImpostorCalibration(0, 0.1);
        double[] few = pairs(1, SimilarityCurve.FEWEST - 1, 0.9, 0.02);
        double[] many = pairs(2, SimilarityCurve.FEWEST, 0.9, 0.02);
        assertThat(SimilarityCurve.of(strangers, few, few).basis()).startsWith("the prior");
        assertThat(SimilarityCurve.of(strangers, many, few).basis()).contains("tracks");
        assertThat(SimilarityCurve.of(strangers, many, many).basis()).contains("confirmed");
        // Where strangers and persons are equally dense the answer is one half.
        SimilarityCurve close = SimilarityCurve.of(strangers, many, pairs(3, 200_000, 0.0, 0.1));
        assertThat(close.at(0.0)).isCloseTo(0.5, within(0.05));
    }
}
