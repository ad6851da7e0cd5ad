package org.aima.operate.migrate;

/** Where the version of the stores and the log of migrations are kept. */
public interface MigrationLedger {

    /** The version the stores have, 0 before the first migration; reads only. */
    int version();

    /** Records a migration that succeeded and moves the version up to it. */
    void succeeded(Migration migration);

    /** Records a migration that failed; the version stays. */
    void failed(Migration migration, String error);

    /**
     * Keeps other runners out until the lock is closed or its holder is gone.
     *
     * @throws org.aima.jobs.error.AimaException refused, naming the holder, when one is at work
     */
    Lock lock();

    /** A held lock. */
    interface Lock extends AutoCloseable {

        /**
         * Asked before each step.
         *
         * @throws org.aima.jobs.error.AimaException refused when another runner took over
         */
        void check();

        @Override
        void close();
    }
}
