package org.aima.personclustering.core;

import java.util.Arrays;

/**
 * Where the similarities of strangers lie, estimated from the data itself.
 *
 * <p>Similarities are put on the scale {@code atanh((s - centre) / (1 - centre))}, on which those
 * of strangers are close to normal with the given spread, for encoders with a mean far from zero
 * too. Constants and their sensitivity: docs/adr/0002-linking.md.
 *
 * @param centre median similarity of strangers
 * @param spread their standard deviation on the scale above, the heavier upper tail included
 */
public record ImpostorCalibration(double centre, double spread) implements java.io.Serializable {
    private static final double CENTRE_MAX = 0.75;
    private static final double SPREAD_MIN = 0.04;
    private static final double SPREAD_MAX = 0.25;
    // Tails of real strangers are heavier than their core: measured 1.12 on faces, 1.10 on voices.
    private static final double TAIL = 1.12;
    private static final double CLAMP = 0.999;
    private static final int TAIL_SAMPLE = 20_000;

    /** Fewer pairs tell nothing. */
    static final int FEWEST = 200;

    /** Pairs sampled; the 99.9 % quantile then rests on 200 of them. */
    public static final int PAIRS = 200_000;

    /**
     * A fixed choice of pairs of n vectors, all of them where there are at most {@link #PAIRS}: the
     * left ends and the right ends.
     */
    static int[][] pairs(int n) {
        if ((long) n * (n - 1) / 2 <= PAIRS) {
            int total = n * (n - 1) / 2;
            int[][] pairs = new int[2][total];
            int at = 0;
            for (int i = 0; i < n; i++) {
                for (int j = i + 1; j < n; j++) {
                    pairs[0][at] = i;
                    pairs[1][at++] = j;
                }
            }
            return pairs;
        }
        int[][] pairs = new int[2][PAIRS];
        int at = 0;
        for (int i = 0; i < PAIRS; i++) {
            int a = (int) Long.remainderUnsigned(MergeRounds.mix(2L * i), n);
            int b = (int) Long.remainderUnsigned(MergeRounds.mix(2L * i + 1), n);
            if (a != b) {
                pairs[0][at] = a;
                pairs[1][at++] = b;
            }
        }
        return new int[][] {Arrays.copyOf(pairs[0], at), Arrays.copyOf(pairs[1], at)};
    }

    /**
     * @param similarities of pairs; sorted by this call
     * @param mixed true when some pairs may be of one person: only ever inflates upper quantiles
     */
    public static ImpostorCalibration estimate(double[] similarities, boolean mixed) {
        Arrays.sort(similarities);
        double q05 = quantile(similarities, 0.05);
        double q40 = quantile(similarities, 0.40);
        double half = (q40 - q05) / (1.64485 - 0.25335);
        double centre =
                Math.min(CENTRE_MAX, Math.min(quantile(similarities, 0.50), q40 + 0.25335 * half));
        ImpostorCalibration unit = new ImpostorCalibration(centre, 1);
        double core =
                TAIL
                        * Math.min(
                                Math.min(
                                        -unit.scaled(q05) / 1.64485,
                                        unit.scaled(quantile(similarities, 0.80)) / 0.84162),
                                Math.min(
                                        unit.scaled(quantile(similarities, 0.90)) / 1.28155,
                                        unit.scaled(quantile(similarities, 0.95)) / 1.64485));
        if (!mixed) {
            double upper = unit.scaled(quantile(similarities, 0.99)) / 2.32635;
            if (similarities.length >= TAIL_SAMPLE) {
                upper = Math.max(upper, unit.scaled(quantile(similarities, 0.999)) / 3.09023);
            }
            core = Math.min(core, upper);
        }
        return new ImpostorCalibration(centre, Math.max(SPREAD_MIN, Math.min(SPREAD_MAX, core)));
    }

    /** The similarity that lies {@code z} spreads above the centre. */
    public double similarityAt(double z) {
        return centre + (1 - centre) * Math.tanh(z * spread);
    }

    /** The same with another spread, within what the scale allows. */
    ImpostorCalibration widened(double factor) {
        return factor == 1
                ? this
                : new ImpostorCalibration(centre, Math.min(SPREAD_MAX, spread * factor));
    }

    /** 0 for a stranger's similarity, 1 for identity. */
    double normalised(double similarity) {
        return (similarity - centre) / (1 - centre);
    }

    /** The similarity that {@link #normalised} made a value of. */
    double denormalised(double value) {
        return centre + (1 - centre) * value;
    }

    /** On the scale on which strangers are close to normal around 0. */
    double scaled(double similarity) {
        double v = Math.max(-CLAMP, Math.min(CLAMP, normalised(similarity)));
        return 0.5 * Math.log((1 + v) / (1 - v));
    }

    private static double quantile(double[] sorted, double p) {
        double at = p * (sorted.length - 1);
        int low = (int) at;
        int high = Math.min(low + 1, sorted.length - 1);
        return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
    }

    /**
     * Upper quantile of the standard normal distribution, 0 &lt; p &lt; 0.5, by Acklam's rational
     * approximation (relative error 1.15e-9).
     */
    static double upperNormalQuantile(double p) {
        if (p < 0.02425) {
            double q = Math.sqrt(-2 * Math.log(p));
            double numerator =
                    ((((-7.784894002430293e-03 * q - 3.223964580411365e-01) * q
                                                                            - 2.400758277161838e+00)
                                                                    * q
                                                            - 2.549732539343734e+00)
                                                    * q
                                            + 4.374664141464968e+00)
                                    * q
                            + 2.938163982698783e+00;
            double denominator =
                    (((7.784695709041462e-03 * q + 3.224671290700398e-01) * q
                                                            + 2.445134137142996e+00)
                                                    * q
                                            + 3.754408661907416e+00)
                                    * q
                            + 1;
            return -numerator / denominator;
        }
        double u = p - 0.5;
        double r = u * u;
        double numerator =
                (((((-3.969683028665376e+01 * r + 2.209460984245205e+02) * r
                                                                                - 2.759285104469687e+02)
                                                                        * r
                                                                + 1.383577518672690e+02)
                                                        * r
                                                - 3.066479806614716e+01)
                                        * r
                                + 2.506628277459239e+00)
                        * u;
        double denominator =
                ((((-5.447609879822406e+01 * r + 1.615858368580409e+02) * r - 1.556989798598866e+02)
                                                                * r
                                                        + 6.680131188771972e+01)
                                                * r
                                        - 1.328068155288572e+01)
                                * r
                        + 1;
        return -numerator / denominator;
    }
}
