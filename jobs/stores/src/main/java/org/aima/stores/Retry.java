package org.aima.stores;

import java.io.Serializable;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.aima.jobs.error.Failure;

/**
 * Bounded retries of transient failures with growing, jittered pauses.
 *
 * @param attempts calls in all, at least 1
 * @param firstPause before the second call; doubles after each
 * @param longestPause upper bound of one pause
 */
public record Retry(int attempts, Duration firstPause, Duration longestPause)
        implements Serializable {
    /** About a minute of patience in all: longer outages are the restart strategy's business. */
    public static final Retry DEFAULT =
            new Retry(10, Duration.ofMillis(200), Duration.ofSeconds(15));

    /**
     * Calls until it succeeds, fails fatally or the attempts are used up; the call must be
     * idempotent, because a lost reply repeats it.
     *
     * @throws StoreException the last one
     */
    public <T> T call(Supplier<T> call) {
        Duration pause = firstPause;
        for (int attempt = 1; ; attempt++) {
            try {
                return call.get();
            } catch (StoreException e) {
                if (e.failure() == Failure.FATAL || attempt >= attempts) {
                    throw e;
                }
                sleep(pause);
                pause = pause.multipliedBy(2);
                if (pause.compareTo(longestPause) > 0) {
                    pause = longestPause;
                }
            }
        }
    }

    private static void sleep(Duration pause) {
        try {
            // Half fixed, half random: many subtasks must not come back in the same instant.
            long millis = pause.toMillis();
            Thread.sleep(millis / 2 + ThreadLocalRandom.current().nextLong(millis / 2 + 1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException(Failure.FATAL, "interrupted while waiting to retry", e);
        }
    }
}
