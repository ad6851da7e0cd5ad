package org.aima.jobs.pipeline;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The record of every run and the lock on what runs change.
 *
 * <p>Every write after {@link #begin} carries the fence in its filter: a holder whose lease was
 * taken over changes nothing and is told so.
 */
public interface RunLedger extends AutoCloseable {
    /** How long a lease lasts without renewal; holders renew every ten seconds. */
    Duration LEASE = Duration.ofSeconds(60);

    /**
     * Starts a run, or takes an interrupted run of the same id up again, and acquires the lease on
     * its target. Atomic: of two callers one gets the lease.
     *
     * @param stillActive asked for the present holder whose lease has expired: true keeps it locked
     * @throws org.aima.jobs.error.AimaException refused, naming the holder, when the target is
     *     taken; refused when the run id was already used and has ended
     */
    Lease begin(RunRequest request, Duration lease, Predicate<RunRecord> stillActive);

    /**
     * Takes over the following of a run whose Flink job goes on: same fence, other holder, so that
     * the job's own writes stay valid.
     *
     * @throws org.aima.jobs.error.AimaException refused when another run holds the target
     */
    Lease adopt(String runId, String holder, Duration lease);

    /**
     * Gives a run that goes on with other code a larger fence: what its former code still writes is
     * refused from now on. Of two callers with the same lease one succeeds.
     *
     * @param request of the run; its configuration and code version hold from now on
     * @throws org.aima.jobs.error.AimaException refused when the lease was lost or has advanced
     */
    Lease advance(Lease held, RunRequest request, Duration lease);

    /**
     * Prolongs the lease.
     *
     * @throws org.aima.jobs.error.AimaException refused when another run holds the target
     */
    void renew(Lease held, Duration lease);

    /** Sets fields of the run's document; idempotent. Refused when the fence is stale. */
    void record(Lease held, Map<String, Object> fields);

    /** Sets the final state and releases the lease; idempotent. Refused when the fence is stale. */
    void finish(Lease held, RunState state, Map<String, Object> fields);

    /**
     * Marks a run as undone by the run that holds the lease on the same target; idempotent.
     *
     * @throws org.aima.jobs.error.AimaException refused when the lease was lost
     */
    void undone(Lease held, String runId);

    /** The run's record, if it exists. */
    Optional<RunRecord> find(String runId);

    /** The newest runs first. */
    List<RunRecord> latest(int limit);

    /** Appends to the audit log; never changes what is there. */
    void audit(String runId, String phase, Map<String, Object> what);

    @Override
    void close();

    /** Life of a run. */
    enum RunState {
        PLANNED,
        RUNNING,
        VERIFYING,
        SUCCEEDED,
        FAILED,
        REFUSED,
        UNDONE;

        /** Whether nothing more will happen to the run by itself. */
        public boolean ended() {
            return this != RUNNING && this != VERIFYING;
        }
    }

    /**
     * What is to be run.
     *
     * @param configuration redacted
     */
    record RunRequest(
            String runId,
            String job,
            String action,
            String target,
            String holder,
            boolean planOnly,
            String codeVersion,
            Map<String, String> configuration) {}

    /** A held lease: the fence is its number, larger for each later holder of the target. */
    record Lease(String runId, String target, String holder, long fence, long submittedAtMillis) {}

    /** A run as the ledger knows it; {@code document} is JSON-like and may be shown as it is. */
    record RunRecord(
            String runId,
            String job,
            String action,
            RunState state,
            String flinkJobId,
            Map<String, Object> document) {}
}
