package org.aima.jobs.pipeline;

import java.io.Serializable;

/** Asked before each batch of writes whether this run still holds its lease. */
public interface WriteGuard extends Serializable, AutoCloseable {

    /**
     * Returns while the lease is held.
     *
     * @throws org.aima.jobs.error.AimaException refused, when another run has taken the target
     *     over: the writer must stop, its data is stale
     */
    void check();

    /** Frees connections; a guard that is asked again afterwards opens them again. */
    @Override
    void close();

    /** Lets everything pass: for tests of logic. */
    static WriteGuard open() {
        return new WriteGuard() {
            private static final long serialVersionUID = 1L;

            @Override
            public void check() {}

            @Override
            public void close() {}
        };
    }
}
