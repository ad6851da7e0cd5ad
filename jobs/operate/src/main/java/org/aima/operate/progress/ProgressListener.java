package org.aima.operate.progress;

/** Is told how far a stage is; called often, so it must be cheap. */
@FunctionalInterface
public interface ProgressListener {
    /** Hears and says nothing. */
    ProgressListener SILENT = (stage, done, total) -> {};

    /**
     * @param total 0 while it is not known
     */
    void advance(String stage, long done, long total);
}
