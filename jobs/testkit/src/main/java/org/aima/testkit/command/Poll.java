package org.aima.testkit.command;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Waits for conditions by asking again; the deadline is for hangs, not a promise of speed. */
public final class Poll {
    private static final Duration DEADLINE = Duration.ofMinutes(4);

    private Poll() {}

    /** Returns when the condition holds. */
    public static void until(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + DEADLINE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited in vain until " + what);
            }
            pause(20);
        }
    }

    /** Returns what the source has, once it has something. */
    public static <T> T untilPresent(String what, Supplier<Optional<T>> source) {
        AtomicReference<@Nullable T> found = new AtomicReference<>();
        until(
                what,
                () -> {
                    source.get().ifPresent(found::set);
                    return found.get() != null;
                });
        return Objects.requireNonNull(found.get());
    }

    /** Waits once. */
    public static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
