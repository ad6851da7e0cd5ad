package org.aima.dossier.core;

/**
 * Seconds and shares as whole numbers: sums of doubles depend on the order of adding, sums of whole
 * numbers do not, so that every parallelism gives the same bytes.
 */
public final class FixedPoint {
    public static final long ONE = 1_000_000;
    private static final double MILLIS = 1_000;

    private FixedPoint() {}

    public static long millis(double seconds) {
        return Math.round(seconds * MILLIS);
    }

    public static double seconds(long millis) {
        return millis / MILLIS;
    }

    /** A share, such as a confidence, in millionths. */
    public static long millionths(double share) {
        return Math.round(share * ONE);
    }

    public static double share(long millionths) {
        return (double) millionths / ONE;
    }

    /** Rounded to six digits. */
    public static double round(double value) {
        return (double) Math.round(value * ONE) / ONE;
    }
}
