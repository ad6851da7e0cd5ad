package org.aima.stores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.aima.jobs.error.Failure;
import org.junit.jupiter.api.Test;

/** How often a call is made, by the kind of its failure. */
class RetryTest {
    private static final Retry THREE = new Retry(3, Duration.ofMillis(1), Duration.ofMillis(2));

    private final AtomicInteger calls = new AtomicInteger();

    private Supplier<String> failing(int times, Failure failure) {
        return () -> {
            if (calls.incrementAndGet() <= times) {
                throw new StoreException(failure, "call " + calls.get(), null);
            }
            return "answer";
        };
    }

    @Test
    void transientFailureIsTriedAgain() {
        assertThat(THREE.call(failing(2, Failure.TRANSIENT))).isEqualTo("answer");
        assertThat(calls).hasValue(3);
    }

    @Test
    void fatalFailureIsNotTriedAgain() {
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> THREE.call(failing(1, Failure.FATAL)));
        assertThat(calls).hasValue(1);
    }

    @Test
    void lastFailureIsThrownOnceTheAttemptsAreUsedUp() {
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> THREE.call(failing(9, Failure.TRANSIENT)))
                .withMessage("call 3");
        assertThat(calls).hasValue(3);
    }

    @Test
    void otherExceptionsAreNotTriedAgain() {
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(
                        () ->
                                THREE.call(
                                        () -> {
                                            calls.incrementAndGet();
                                            throw new IllegalStateException();
                                        }));
        assertThat(calls).hasValue(1);
    }

    @Test
    void interruptionEndsTheWaitAndStaysSet() {
        Retry patient = new Retry(3, Duration.ofHours(1), Duration.ofHours(1));
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> patient.call(failing(9, Failure.TRANSIENT)))
                .matches(e -> e.failure() == Failure.FATAL);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(calls).hasValue(1);
    }
}
