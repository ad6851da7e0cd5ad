package org.aima.backfill.core;

import java.util.Arrays;

/** Latencies and their quantiles, in milliseconds; keeps the last 10,000. */
public final class LatencyProfile {
    private static final int KEPT = 10_000;

    private final double[] millis = new double[KEPT];
    private long count;

    public synchronized void add(double latencyMillis) {
        millis[(int) (count++ % KEPT)] = latencyMillis;
    }

    public synchronized long count() {
        return count;
    }

    /** The latency that the given share of all stays below; 0 without any. */
    public synchronized double quantile(double share) {
        int size = (int) Math.min(count, KEPT);
        if (size == 0) {
            return 0;
        }
        double[] sorted = Arrays.copyOf(millis, size);
        Arrays.sort(sorted);
        return sorted[(int) Math.min(size - 1, Math.floor(share * size))];
    }

    /** What was kept, in no order. */
    public synchronized double[] values() {
        return Arrays.copyOf(millis, (int) Math.min(count, KEPT));
    }
}
