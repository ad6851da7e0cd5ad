package org.aima.backfill.core;

import java.util.function.LongSupplier;

/**
 * A subtask's share of the allowed rate, which shrinks when the server struggles and recovers.
 *
 * <p>Shares are equal parts of the whole, so subtasks need not talk to each other; each one sees
 * the same server and halves and recovers by itself. Not thread-safe.
 */
public final class RateLimiter {
    private static final double LEAST = 0.02;
    private static final double AFTER_PUSH_BACK = 0.5;
    private static final double AFTER_SLOW_ANSWER = 0.8;
    private static final double RECOVERY = 0.05;
    private static final double NANOS = 1e9;
    private static final long CREDIT_NANOS = 500_000_000L;
    private static final long SETTLE_NANOS = 1_000_000_000L;

    private final double rowsPerSecond;
    private final double bytesPerSecond;
    private final long slowNanos;
    private final LongSupplier clock;
    private double share = 1;
    private double measured;
    private long freeAt;
    private long slowedAt;
    private long pushBacks;
    private long slowAnswers;

    /**
     * @param rowsPerSecond of this subtask; 0 for no limit
     * @param bytesPerSecond of this subtask; 0 for no limit
     * @param slowNanos an answer that took longer is a sign of strain
     * @param clock nanoseconds
     */
    public RateLimiter(
            double rowsPerSecond, double bytesPerSecond, long slowNanos, LongSupplier clock) {
        this.rowsPerSecond = rowsPerSecond;
        this.bytesPerSecond = bytesPerSecond;
        this.slowNanos = slowNanos;
        this.clock = clock;
        this.freeAt = clock.getAsLong();
        this.slowedAt = freeAt - SETTLE_NANOS;
    }

    /**
     * Takes a place for a request and tells how long to wait before it is sent.
     *
     * @return nanoseconds, 0 or more
     */
    public long reserve(int rows, long bytes) {
        long now = clock.getAsLong();
        // A pause of the source is made up for by half a second's worth, not by more.
        freeAt = Math.max(freeAt, now - CREDIT_NANOS);
        long wait = Math.max(0, freeAt - now);
        double seconds =
                Math.max(seconds(rows, rowLimit()), seconds(bytes, bytesPerSecond * share));
        freeAt += Math.round(seconds * NANOS);
        return wait;
    }

    private double rowLimit() {
        if (rowsPerSecond > 0) {
            return rowsPerSecond * share;
        }
        return share < 1 ? measured * share : 0;
    }

    private static double seconds(double amount, double perSecond) {
        return perSecond > 0 ? amount / perSecond : 0;
    }

    /** The most rows one request should carry, so that a limited rate is smooth. */
    public int rowsPerRequest(int most) {
        double limit = rowLimit();
        return limit <= 0 ? most : (int) Math.max(1, Math.min(most, Math.ceil(limit / 2)));
    }

    /** A request was answered well. */
    public void answered(int rows, long nanos) {
        double rate = rows * NANOS / Math.max(1, nanos);
        measured = measured == 0 ? rate : 0.8 * measured + 0.2 * rate;
        if (nanos > slowNanos) {
            slowAnswers++;
            slow(AFTER_SLOW_ANSWER);
        } else {
            share = Math.min(1, share + RECOVERY);
        }
    }

    /** The server refused a request for now or did not answer it. */
    public void pushedBack() {
        pushBacks++;
        slow(AFTER_PUSH_BACK);
    }

    private void slow(double factor) {
        long now = clock.getAsLong();
        // Several bad answers of one moment are one sign.
        if (now - slowedAt >= SETTLE_NANOS) {
            slowedAt = now;
            share = Math.max(LEAST, share * factor);
        }
    }

    /** The part of the allowed rate that is used now, at most 1. */
    public double share() {
        return share;
    }

    public long pushBacks() {
        return pushBacks;
    }

    public long slowAnswers() {
        return slowAnswers;
    }
}
