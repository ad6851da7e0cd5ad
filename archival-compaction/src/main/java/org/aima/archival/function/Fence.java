package org.aima.archival.function;

import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.ExitCode;
import org.aima.jobs.error.RunRefusedException;
import org.aima.jobs.pipeline.WriteGuard;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/** Asks the guard, and ends the job at once when the lease is lost: no restart brings it back. */
final class Fence {
    private Fence() {}

    static void check(WriteGuard guard) {
        try {
            guard.check();
        } catch (AimaException e) {
            if (e.exitCode() == ExitCode.REFUSED) {
                throw new SuppressRestartsException(
                        new RunRefusedException(String.valueOf(e.getMessage())));
            }
            throw e;
        }
    }
}
