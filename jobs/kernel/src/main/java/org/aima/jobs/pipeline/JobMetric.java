package org.aima.jobs.pipeline;

import java.util.function.Supplier;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/**
 * What operators measure while a job runs, under fixed names in the group {@code aima_<job>}.
 *
 * <p>A counter begins at zero with each attempt of a task; sums that must add up are figures of the
 * run's report instead.
 */
public enum JobMetric {
    RECORDS_READ(
            "records_read",
            Kind.COUNTER,
            Where.BATCH,
            "what sources of pages handed on: documents and rows; pages of rows in"
                    + " embedding-backfill"),
    DOCUMENTS_WRITTEN(
            "documents_written",
            Kind.COUNTER,
            Where.DOCUMENTS,
            "upserts and deletes handed to MongoDB; `operator_name` says which"),
    ROWS_REJECTED(
            "rows_rejected", Kind.COUNTER, Where.BATCH, "dead letters written or rows refused"),
    ROWS_WRITTEN(
            "rows_written", Kind.COUNTER, Where.BACKFILL, "rows of ranges that were written whole"),
    BYTES_WRITTEN("bytes_written", Kind.COUNTER, Where.BACKFILL, "size of those rows, by estimate"),
    RATE_SHARE(
            "rate_share",
            Kind.GAUGE,
            Where.BACKFILL,
            "share of the permitted rate that a copy uses; it falls when the store is slow"),
    EVENTS_READ("events_read", Kind.COUNTER, Where.STREAM, "events taken from the topic"),
    EVENTS_REJECTED(
            "events_rejected", Kind.COUNTER, Where.STREAM, "events that became dead letters"),
    AUDIT_DIFFERENCES(
            "audit_differences",
            Kind.COUNTER,
            Where.REFRESH,
            "drift: what an audit found to differ from a recount of everything"),
    OLDEST_WAITING(
            "oldest_waiting_millis",
            Kind.GAUGE,
            Where.REFRESH,
            "age of the oldest change that is not carried out yet");

    /** Begin of the names that Flink's Prometheus reporter gives to metrics of operators. */
    public static final String OPERATOR_SCOPE = "flink_taskmanager_job_task_operator_";

    private static final String JOB_NAME = "<job_name>";

    private final String key;
    private final Kind kind;
    private final Where where;
    private final String meaning;

    JobMetric(String key, Kind kind, Where where, String meaning) {
        this.key = key;
        this.kind = kind;
        this.where = where;
        this.meaning = meaning;
    }

    /** Whether a metric only grows. */
    public enum Kind {
        COUNTER,
        GAUGE
    }

    /** Which jobs have a metric. */
    public enum Where {
        BATCH,
        DOCUMENTS,
        BACKFILL,
        STREAM,
        REFRESH
    }

    public Kind kind() {
        return kind;
    }

    public Where where() {
        return where;
    }

    public String meaning() {
        return meaning;
    }

    /** The name without the parts that Flink's reporters put before it. */
    public String key() {
        return key;
    }

    /** The name under which Prometheus finds it for a job. */
    public String prometheusName(String job) {
        return OPERATOR_SCOPE + groupName(job) + "_" + key;
    }

    public Counter counter(MetricGroup operator) {
        return group(operator).counter(key);
    }

    public <T extends Number> void gauge(MetricGroup operator, Supplier<T> value) {
        group(operator).gauge(key, (Gauge<T>) value::get);
    }

    /** The group of the job that an operator belongs to, also for what only that job measures. */
    public static MetricGroup group(MetricGroup operator) {
        // What jobs share does not know whose it is; the name Flink shows begins with the job's.
        String flinkJob = operator.getAllVariables().getOrDefault(JOB_NAME, "");
        int colon = flinkJob.indexOf(':');
        return operator.addGroup(groupName(colon < 0 ? "job" : flinkJob.substring(0, colon)));
    }

    private static String groupName(String job) {
        return "aima_" + job.replace('-', '_');
    }
}
