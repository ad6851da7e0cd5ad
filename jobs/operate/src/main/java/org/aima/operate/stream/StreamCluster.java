package org.aima.operate.stream;

import java.util.Optional;
import java.util.OptionalLong;
import org.aima.jobs.error.AimaException;

/** What the course of a stream asks of a Flink cluster; every call may be repeated. */
public interface StreamCluster {

    /** The job's state as Flink names it, not from a cache; empty when the job is not known. */
    Optional<String> state(String flinkJob);

    /**
     * Begins to stop a job with a savepoint.
     *
     * @param trigger 32 hex digits; asked again with the same ones it is one savepoint
     * @param directory in which the savepoint's directory is made
     * @throws AimaException failed, when the cluster does not begin
     */
    void stop(String flinkJob, String trigger, String directory);

    /** Begins a savepoint of a job that goes on; as {@link #stop}. */
    void savepoint(String flinkJob, String trigger, String directory);

    /** How a savepoint stands that was begun. */
    Answer answer(String flinkJob, String trigger);

    /** The job's last completed savepoint, as long as the cluster remembers the job. */
    Optional<String> lastSavepoint(String flinkJob);

    /** The job's last completed checkpoint, as long as the cluster remembers the job. */
    Optional<String> lastCheckpoint(String flinkJob);

    /**
     * Starts a version. When the cluster has taken a job of that id before, nothing happens.
     *
     * @throws AimaException failed, when the cluster does not take it
     */
    void submit(Start start);

    /** Cancels a job; returns when it has ended or is not known. */
    void cancel(String flinkJob);

    /** What tells whether a job is well. */
    Vitals vitals(String flinkJob);

    /** Why a job failed, for people. */
    String failure(String flinkJob);

    /** Where savepoints go. */
    String savepointDirectory();

    /** Deletes a savepoint with all its files. */
    void dispose(String path);

    /**
     * What is submitted.
     *
     * @param savepoint empty to begin without state
     * @param dropState whether state without an operator may be left behind
     */
    record Start(
            String runId,
            long fence,
            long submittedAtMillis,
            StreamVersion version,
            String savepoint,
            boolean dropState) {}

    /** How a savepoint stands. */
    record Answer(Progress progress, String path, String failure) {
        /** Whether there is an outcome. */
        public enum Progress {
            RUNNING,
            DONE,
            FAILED,
            /** The cluster has forgotten it, or was never asked. */
            UNKNOWN
        }

        /** Without a path. */
        public static Answer of(Progress progress) {
            return new Answer(progress, "", "");
        }
    }

    /**
     * What tells whether a job is well.
     *
     * @param checkpoints completed by this job
     * @param records that its sources have passed on
     * @param pending records that wait in front of its sources, if they tell
     */
    record Vitals(
            String state, long restarts, long checkpoints, long records, OptionalLong pending) {}

    /** Whether Flink's name of a state means that nothing more happens to the job. */
    static boolean ended(String state) {
        return java.util.List.of("FINISHED", "CANCELED", "FAILED").contains(state);
    }
}
