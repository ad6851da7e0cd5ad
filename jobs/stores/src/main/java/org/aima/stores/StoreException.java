package org.aima.stores;

import org.aima.jobs.error.Failure;
import org.jspecify.annotations.Nullable;

/** A store's error, classified: a transient one may pass when tried again, a fatal one will not. */
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Failure failure;

    public StoreException(Failure failure, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.failure = failure;
    }

    public Failure failure() {
        return failure;
    }
}
