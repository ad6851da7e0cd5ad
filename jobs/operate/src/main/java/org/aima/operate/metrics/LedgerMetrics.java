package org.aima.operate.metrics;

import java.time.Instant;
import java.util.Date;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.aima.jobs.pipeline.RunLedger.RunRecord;
import org.aima.jobs.pipeline.RunLedger.RunState;
import org.jspecify.annotations.Nullable;

/** Writes {@link LedgerMetric}s in the text format that Prometheus and its collectors read. */
public final class LedgerMetrics {
    private static final double MILLIS = 1_000;

    private final Map<LedgerMetric, Map<String, Double>> samples =
            new EnumMap<>(LedgerMetric.class);

    /**
     * What runs tell.
     *
     * @param newestFirst runs of all jobs; what is older than these is not seen
     */
    public LedgerMetrics(List<RunRecord> newestFirst, Instant now) {
        sample(LedgerMetric.READ_AT, "", now.toEpochMilli() / MILLIS);
        for (RunRecord run : newestFirst) {
            if (!Boolean.TRUE.equals(run.document().get("plan_only"))) {
                add(run);
            }
        }
    }

    /** Adds the newest savepoint of a stream that the cluster runs. */
    public void savepoint(String flinkJobName, Instant at) {
        int colon = flinkJobName.indexOf(':');
        int end = flinkJobName.indexOf(' ');
        if (colon > 0 && end > colon) {
            sample(
                    LedgerMetric.STREAM_SAVEPOINT,
                    labels(
                            flinkJobName.substring(0, colon),
                            flinkJobName.substring(colon + 1, end)),
                    at.toEpochMilli() / MILLIS);
        }
    }

    private void add(RunRecord run) {
        String labels = labels(run.job(), run.action());
        @Nullable Double ended = seconds(run.document().get("ended_at"));
        @Nullable Double started = seconds(run.document().get("started_at"));
        boolean lost = lease(run, "lost") instanceof Boolean b && b;
        if (lost && ended != null) {
            sample(LedgerMetric.LEASE_LOST, labels, ended);
        }
        if (!run.state().ended()) {
            running(run, labels, started);
            return;
        }
        // A run that was undone had succeeded; neither is its undoing a failure.
        boolean succeeded = run.state() == RunState.SUCCEEDED || run.state() == RunState.UNDONE;
        if (ended == null) {
            return;
        }
        if (run.state() == RunState.SUCCEEDED) {
            sample(LedgerMetric.LAST_SUCCESS, labels, ended);
        }
        if (!has(LedgerMetric.LAST_END, labels)) {
            sample(LedgerMetric.LAST_END, labels, ended);
            sample(LedgerMetric.LAST_SUCCEEDED, labels, succeeded ? 1 : 0);
            if (started != null) {
                sample(LedgerMetric.LAST_DURATION, labels, ended - started);
            }
            counters(run, labels);
        }
        if (run.document().get("verification") instanceof List<?> checks && !checks.isEmpty()) {
            sample(
                    LedgerMetric.VERIFICATION_DIFFERENCES,
                    labels,
                    checks.stream()
                            .filter(
                                    c ->
                                            c instanceof Map<?, ?> check
                                                    && !Boolean.TRUE.equals(check.get("passed")))
                            .count());
        }
    }

    private void running(RunRecord run, String labels, @Nullable Double started) {
        if (started != null) {
            sample(LedgerMetric.RUNNING_SINCE, labels, started);
        }
        @Nullable Double expires = seconds(lease(run, "expires_at"));
        if (expires != null) {
            sample(LedgerMetric.LEASE_EXPIRES, labels, expires);
        }
        if (lease(run, "fence") instanceof Number fence) {
            sample(LedgerMetric.LEASE_FENCE, labels, fence.doubleValue());
        }
    }

    private void counters(RunRecord run, String labels) {
        if (run.document().get("counters") instanceof Map<?, ?> counters) {
            counters.forEach(
                    (name, value) -> {
                        // Bins of a chart have a bar in their names.
                        if (value instanceof Number number && !String.valueOf(name).contains("|")) {
                            sample(
                                    LedgerMetric.LAST_COUNT,
                                    labels + "," + label("counter", String.valueOf(name)),
                                    number.doubleValue());
                        }
                    });
        }
    }

    private boolean has(LedgerMetric metric, String labels) {
        return samples.getOrDefault(metric, Map.of()).containsKey(labels);
    }

    // Runs come newest first: the first sample stands.
    private void sample(LedgerMetric metric, String labels, double value) {
        samples.computeIfAbsent(metric, m -> new TreeMap<>()).putIfAbsent(labels, value);
    }

    private static @Nullable Object lease(RunRecord run, String field) {
        return run.document().get("lease") instanceof Map<?, ?> lease ? lease.get(field) : null;
    }

    private static @Nullable Double seconds(@Nullable Object at) {
        return at instanceof Date date ? date.getTime() / MILLIS : null;
    }

    // Not `job`: Prometheus gives that name to what it scrapes.
    private static String labels(String job, String action) {
        return label("aima_job", job) + "," + label("action", action);
    }

    private static String label(String name, String value) {
        return name
                + "=\""
                + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n")
                + "\"";
    }

    /** The text; the same runs give the same text. */
    public String text() {
        StringBuilder text = new StringBuilder();
        samples.forEach(
                (metric, values) -> {
                    String name = metric.fullName();
                    text.append("# HELP ").append(name).append(' ').append(metric.meaning());
                    text.append("\n# TYPE ").append(name).append(" gauge\n");
                    values.forEach(
                            (labels, value) ->
                                    text.append(name)
                                            .append(labels.isEmpty() ? "" : "{" + labels + "}")
                                            .append(' ')
                                            .append(number(value))
                                            .append('\n'));
                });
        return text.toString();
    }

    private static String number(double value) {
        return value == Math.rint(value)
                ? Long.toString((long) value)
                : String.format(Locale.ROOT, "%.3f", value);
    }
}
