package org.aima.operate.stream;

import java.time.Clock;
import java.time.Duration;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.ExitCode;

/**
 * How patient a change of versions is.
 *
 * @param deadline within which a version has to be well
 * @param settle how long it has to run without a restart; the figures of Flink's REST interface may
 *     be ten seconds old, so less than that can miss an early failure
 * @param restarts more of them make a version unwell
 * @param idle whether a version is well though no record has passed its sources
 */
public record Pace(
        Duration deadline,
        Duration settle,
        int restarts,
        boolean idle,
        Clock clock,
        Sleep sleeper) {

    /** Lets time pass. */
    @FunctionalInterface
    public interface Sleep {
        void of(Duration duration) throws InterruptedException;
    }

    private static final Duration DEADLINE = Duration.ofSeconds(180);
    private static final Duration SETTLE = Duration.ofSeconds(10);
    private static final int RESTARTS = 3;

    /** What the commands take when nothing else is said. */
    public static Pace standard() {
        return real(DEADLINE, SETTLE, RESTARTS, false);
    }

    /** By this machine's clock. */
    public static Pace real(Duration deadline, Duration settle, int restarts, boolean idle) {
        return new Pace(
                deadline,
                settle,
                restarts,
                idle,
                Clock.systemUTC(),
                duration -> Thread.sleep(duration.toMillis()));
    }

    void sleep(Duration duration) {
        try {
            sleeper.of(duration);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AimaException(ExitCode.INTERRUPTED, "interrupted", e);
        }
    }
}
