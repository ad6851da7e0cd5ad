package org.aima.personclustering.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Calibration finds where strangers lie, also among pairs of one person. */
class ImpostorCalibrationTest {
    private static final int PAIRS = 50_000;

    /** The reserve for heavier tails that a normal sample does not have. */
    private static final double TAIL = 1.12;

    private static double[] strangers(long seed, double centre, double spread) {
        Random random = new Random(seed);
        double[] sample = new double[PAIRS];
        for (int i = 0; i < sample.length; i++) {
            sample[i] = centre + (1 - centre) * Math.tanh(spread * random.nextGaussian());
        }
        return sample;
    }

    @Property(tries = 20)
    void findsCentreAndSpreadOfNormalStrangers(
            @ForAll long seed,
            @ForAll @DoubleRange(min = -0.1, max = 0.6) double centre,
            @ForAll @DoubleRange(min = 0.06, max = 0.2) double spread) {
        for (boolean mixed : new boolean[] {false, true}) {
            ImpostorCalibration found =
                    ImpostorCalibration.estimate(strangers(seed, centre, spread), mixed);
            assertThat(found.centre()).isCloseTo(centre, within(0.02));
            assertThat(found.spread())
                    .isBetween(spread * (mixed ? 1.05 : 0.97), spread * TAIL * 1.04);
        }
    }

    @Property(tries = 20)
    void pairsOfOnePersonHardlyMoveIt(
            @ForAll long seed, @ForAll @DoubleRange(min = 0, max = 0.09) double share) {
        double[] clean = strangers(seed, 0.1, 0.1);
        double[] mixed = clean.clone();
        for (int i = 0; i < share * mixed.length; i++) {
            mixed[i] = 0.8;
        }
        ImpostorCalibration before = ImpostorCalibration.estimate(clean, true);
        ImpostorCalibration after = ImpostorCalibration.estimate(mixed, true);
        assertThat(after.centre()).isCloseTo(before.centre(), within(0.03));
        assertThat(after.spread()).isCloseTo(before.spread(), within(0.03));
    }

    @Property
    void spreadStaysInItsBounds(@ForAll long seed) {
        Random random = new Random(seed);
        double[] sample =
                random.doubles(1 + random.nextInt(300), -1, 1).map(v -> Math.pow(v, 5)).toArray();
        ImpostorCalibration found = ImpostorCalibration.estimate(sample, random.nextBoolean());
        assertThat(found.spread()).isBetween(0.04, 0.25);
        assertThat(found.centre()).isBetween(-1.0, 0.75);
    }

    @Example
    void similarityGrowsWithDeviation() {
        ImpostorCalibration voices = new ImpostorCalibration(0.54, 0.16);
        assertThat(voices.similarityAt(0)).isEqualTo(0.54);
        assertThat(voices.similarityAt(3)).isLessThan(voices.similarityAt(4)).isLessThan(1);
        assertThat(voices.normalised(1)).isEqualTo(1);
        assertThat(voices.normalised(0.54)).isEqualTo(0);
    }

    @ParameterizedTest
    @CsvSource({
        "0.4, 0.2533471031",
        "0.1, 1.2815515655",
        "0.025, 1.9599639845",
        "0.02, 2.0537489106",
        "0.001, 3.0902323062",
        "1e-6, 4.7534243088",
        "1e-9, 5.9978070150"
    })
    void normalQuantileEqualsTheTable(double p, double expected) {
        assertThat(ImpostorCalibration.upperNormalQuantile(p)).isCloseTo(expected, within(1e-7));
    }
}
