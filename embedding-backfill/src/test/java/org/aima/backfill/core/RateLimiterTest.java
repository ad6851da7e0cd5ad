package org.aima.backfill.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** The rate over a simulated clock. */
class RateLimiterTest {
    private static final long SECOND = 1_000_000_000L;

    private final AtomicLong clock = new AtomicLong();

    private RateLimiter limiter(double rows, double bytes) {
        return new RateLimiter(rows, bytes, SECOND, clock::get);
    }

    /** Sends for some seconds, each request answered after a time; returns rows a second. */
    private double send(RateLimiter limiter, int seconds, int rows, long answerNanos) {
        long start = clock.get();
        long sent = 0;
        while (clock.get() - start < seconds * SECOND) {
            clock.addAndGet(limiter.reserve(rows, rows * 100L));
            clock.addAndGet(answerNanos);
            limiter.answered(rows, answerNanos);
            sent += rows;
        }
        return sent * (double) SECOND / (clock.get() - start);
    }

    @Property(tries = 50)
    void limitedRateIsKeptWithinFivePercent(
            @ForAll @IntRange(min = 200, max = 20_000) int rate,
            @ForAll @IntRange(min = 1, max = 100) int answerMillis) {
        RateLimiter limiter = limiter(rate, 0);
        int rows = Math.min(500, limiter.rowsPerRequest(5_000));
        double possible = rows * 1_000.0 / answerMillis;
        double wanted = Math.min(rate, possible);
        assertThat(send(limiter, 60, rows, answerMillis * 1_000_000L))
                .isBetween(0.95 * wanted, 1.05 * wanted);
    }

    @Test
    void bytesLimitTheRateToo() {
        assertThat(send(limiter(0, 50_000), 60, 100, 1_000_000)).isBetween(475.0, 525.0);
    }

    @Test
    void withoutALimitNothingWaits() {
        RateLimiter limiter = limiter(0, 0);
        for (int i = 0; i < 100; i++) {
            assertThat(limiter.reserve(5_000, 10_000_000)).isZero();
            limiter.answered(5_000, 1_000_000);
        }
        assertThat(limiter.rowsPerRequest(4_000)).isEqualTo(4_000);
    }

    @Test
    void pushBackHalvesOnceASecondAndRecovers() {
        RateLimiter limiter = limiter(1_000, 0);
        limiter.pushedBack();
        limiter.pushedBack();
        assertThat(limiter.share()).isEqualTo(0.5);
        clock.addAndGet(2 * SECOND);
        limiter.pushedBack();
        assertThat(limiter.share()).isEqualTo(0.25);
        assertThat(limiter.pushBacks()).isEqualTo(3);
        for (int i = 0; i < 15; i++) {
            limiter.answered(100, 1_000);
        }
        assertThat(limiter.share()).isEqualTo(1);
    }

    @Test
    void anUnlimitedCopySlowsDownFromWhatItMeasured() {
        RateLimiter limiter = limiter(0, 0);
        double free = send(limiter, 5, 1_000, SECOND / 10);
        clock.addAndGet(2 * SECOND);
        limiter.answered(1_000, 3 * SECOND);
        assertThat(limiter.slowAnswers()).isEqualTo(1);
        assertThat(limiter.share()).isLessThan(1);
        limiter.reserve(10_000, 1);
        assertThat(limiter.reserve(1, 1)).isPositive();
        assertThat(free).isBetween(9_000.0, 11_000.0);
    }

    @Test
    void neverStopsAltogether() {
        RateLimiter limiter = limiter(1_000, 0);
        for (int i = 0; i < 1_000; i++) {
            clock.addAndGet(2 * SECOND);
            limiter.pushedBack();
        }
        assertThat(limiter.share()).isPositive();
    }
}
