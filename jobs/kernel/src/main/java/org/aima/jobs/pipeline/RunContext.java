package org.aima.jobs.pipeline;

import java.io.Serializable;

/**
 * What a run knows about itself, fixed at submission so that every retry sees the same.
 *
 * @param runId the id in the ledger
 * @param fence the lease's number; a write under a smaller one is refused
 * @param planOnly true when nothing but the ledger may be written
 * @param submittedAtMillis the one clock reading of the run, epoch milliseconds
 */
public record RunContext(String runId, long fence, boolean planOnly, long submittedAtMillis)
        implements Serializable {}
