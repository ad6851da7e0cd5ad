package org.aima.personclustering.e2e;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for conditions by asking again; the deadline is for hangs, not a promise of speed. */
final class Poll {
    private static final Duration DEADLINE = Duration.ofMinutes(4);

    private Poll() {}

    static void until(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + DEADLINE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited in vain until " + what);
            }
            pause(20);
        }
    }

    static <T> T untilPresent(String what, Supplier<java.util.Optional<T>> source) {
        java.util.concurrent.atomic.AtomicReference<T> found =
                new java.util.concurrent.atomic.AtomicReference<>();
        until(
                what,
                () -> {
                    source.get().ifPresent(found::set);
                    return found.get() != null;
                });
        return found.get();
    }

    static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
