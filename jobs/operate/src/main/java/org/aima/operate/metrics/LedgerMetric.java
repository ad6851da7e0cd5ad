package org.aima.operate.metrics;

/**
 * What the ledger and the cluster know of runs, for jobs that have ended before anybody could have
 * asked them.
 */
public enum LedgerMetric {
    LAST_SUCCESS(
            "aima_job_last_success_timestamp_seconds",
            "",
            "when the newest run that succeeded ended"),
    LAST_END(
            "aima_job_last_end_timestamp_seconds", "", "when the newest run that has ended did so"),
    LAST_SUCCEEDED(
            "aima_job_last_run_succeeded",
            "",
            "1 when the newest run that has ended succeeded, 0 when it failed or was refused"),
    LAST_DURATION("aima_job_last_run_duration_seconds", "", "how long that run took"),
    LAST_COUNT(
            "aima_job_last_run_count",
            "counter",
            "its counters: read = written + unchanged + rejected, and the job's own"),
    VERIFICATION_DIFFERENCES(
            "aima_job_last_verification_differences",
            "",
            "checks that failed in the newest read-back"),
    RUNNING_SINCE(
            "aima_job_running_since_timestamp_seconds", "", "when the run that is going on began"),
    LEASE_EXPIRES(
            "aima_job_lease_expires_timestamp_seconds",
            "",
            "until when its holder has said to be alive; nobody follows a detached run"),
    LEASE_FENCE("aima_job_lease_fence", "", "number of its lease; it grows with every holder"),
    LEASE_LOST(
            "aima_job_last_lease_lost_timestamp_seconds",
            "",
            "when a run last lost its target to another after its lease had expired"),
    STREAM_SAVEPOINT(
            "aima_stream_last_savepoint_timestamp_seconds",
            "",
            "newest savepoint of a job with checkpoints, or its start when it has none since"),
    READ_AT("aima_ledger_read_timestamp_seconds", "", "when all these were read");

    private final String fullName;
    private final String label;
    private final String meaning;

    LedgerMetric(String fullName, String label, String meaning) {
        this.fullName = fullName;
        this.label = label;
        this.meaning = meaning;
    }

    public String fullName() {
        return fullName;
    }

    /** The label beside {@code aima_job} and {@code action}; empty when there is none. */
    public String label() {
        return label;
    }

    public String meaning() {
        return meaning;
    }
}
