package org.aima.operate.flink;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.ExitCode;
import org.aima.operate.Installation;
import org.aima.operate.stream.KeptFiles;
import org.aima.operate.stream.StreamCluster;
import org.aima.operate.stream.StreamVersion;

/** Streams on a session cluster, by its REST interface and {@code flink run}. */
public final class FlinkStreams implements StreamCluster {
    private static final int ATTEMPTS = 15;
    private static final long PAUSE_MILLIS = 2_000;
    private static final long POLL_MILLIS = 250;
    private static final long CANCEL_MILLIS = 180_000;
    private static final int SHOWN_CAUSES = 6;
    private static final int CAUSE_ATTEMPTS = 20;

    private final Installation installation;
    private final KeptFiles kept;
    private final FlinkRest rest;

    public FlinkStreams(Installation installation) {
        this.installation = installation;
        this.kept = new KeptFiles(installation.jars());
        this.rest = new FlinkRest(installation.flinkRest());
    }

    /** The kept jar of a version under its kept configuration. */
    public JobJar jar(StreamVersion version) {
        return new JobJar(
                installation, kept.jar(version.jar()), kept.configuration(version.conf()));
    }

    @Override
    public Optional<String> state(String flinkJob) {
        return flinkJob.isEmpty() ? Optional.empty() : patiently(() -> rest.status(flinkJob));
    }

    @Override
    public void stop(String flinkJob, String trigger, String directory) {
        rest.send(
                "POST",
                "/jobs/" + flinkJob + "/stop",
                Map.of("drain", false, "targetDirectory", directory, "triggerId", trigger));
    }

    @Override
    public void savepoint(String flinkJob, String trigger, String directory) {
        rest.send(
                "POST",
                "/jobs/" + flinkJob + "/savepoints",
                Map.of("cancel-job", false, "target-directory", directory, "triggerId", trigger));
    }

    @Override
    public Answer answer(String flinkJob, String trigger) {
        Optional<JsonNode> answer =
                patiently(() -> rest.resource("/jobs/" + flinkJob + "/savepoints/" + trigger));
        if (answer.isEmpty()) {
            return Answer.of(Answer.Progress.UNKNOWN);
        }
        if (!answer.get().path("status").path("id").asText().equals("COMPLETED")) {
            return Answer.of(Answer.Progress.RUNNING);
        }
        JsonNode operation = answer.get().path("operation");
        if (operation.hasNonNull("location")) {
            return new Answer(Answer.Progress.DONE, operation.path("location").asText(), "");
        }
        return new Answer(
                Answer.Progress.FAILED,
                "",
                causes(operation.path("failure-cause").path("stack-trace").asText()));
    }

    @Override
    public Optional<String> lastSavepoint(String flinkJob) {
        return latest(flinkJob, "savepoint");
    }

    @Override
    public Optional<String> lastCheckpoint(String flinkJob) {
        return latest(flinkJob, "completed").or(() -> latest(flinkJob, "restored"));
    }

    private Optional<String> latest(String flinkJob, String kind) {
        return Optional.of(
                        checkpoints(flinkJob)
                                .path("latest")
                                .path(kind)
                                .path("external_path")
                                .asText())
                .filter(p -> !p.isEmpty() && !p.equals("null") && !p.startsWith("<"));
    }

    private JsonNode checkpoints(String flinkJob) {
        return patiently(() -> rest.resource("/jobs/" + flinkJob + "/checkpoints"))
                .orElse(MissingNode.getInstance());
    }

    @Override
    public void submit(Start start) {
        StreamVersion version = start.version();
        List<String> options = new ArrayList<>();
        if (!start.savepoint().isEmpty()) {
            options.addAll(List.of("-s", start.savepoint()));
            if (start.dropState()) {
                options.add("-n");
            }
        }
        // With an id chosen beforehand, a submission whose answer was lost is not made twice.
        options.add("-D$internal.pipeline.job-id=" + version.flinkJob());
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "--run-id",
                                start.runId(),
                                "--fence",
                                Long.toString(start.fence()),
                                "--submitted-at",
                                Long.toString(start.submittedAtMillis())));
        if (start.savepoint().isEmpty()) {
            arguments.add("--allow-empty-state");
        }
        arguments.addAll(version.arguments());
        try {
            jar(version).submit(options, arguments);
        } catch (AimaException e) {
            if (e.exitCode() == ExitCode.INTERRUPTED || state(version.flinkJob()).isEmpty()) {
                throw e;
            }
        }
    }

    @Override
    public void cancel(String flinkJob) {
        long start = System.currentTimeMillis();
        Optional<String> state = state(flinkJob);
        if (state.isPresent() && !StreamCluster.ended(state.get())) {
            rest.send("PATCH", "/jobs/" + flinkJob + "?mode=cancel", Map.of());
        }
        while (state.isPresent() && !StreamCluster.ended(state.get())) {
            if (System.currentTimeMillis() - start > CANCEL_MILLIS) {
                throw AimaException.failed(
                        "Flink job " + flinkJob + " does not end; it is " + state.get(), null);
            }
            pause(POLL_MILLIS);
            state = state(flinkJob);
        }
    }

    @Override
    public Vitals vitals(String flinkJob) {
        Optional<JsonNode> job = patiently(() -> rest.resource("/jobs/" + flinkJob));
        if (job.isEmpty()) {
            return new Vitals("", 0, 0, 0, OptionalLong.empty());
        }
        Map<String, Double> sources = sourceMetrics(flinkJob, job.get());
        return new Vitals(
                job.get().path("state").asText(),
                (long) jobMetric(flinkJob, "numRestarts"),
                checkpoints(flinkJob).path("counts").path("completed").asLong(),
                (long) sum(sources, ".numRecordsOut"),
                pending(sources));
    }

    /**
     * What {@code aima status} shows of a stream; figures are up to ten seconds old.
     *
     * @param checkpointAtMillis 0 before the first
     * @param lag records in front of the sources, if they tell
     */
    public record View(
            String state,
            long runningMillis,
            double recordsInPerSecond,
            double recordsOutPerSecond,
            long records,
            long checkpointAtMillis,
            long checkpointBytes,
            long restarts,
            OptionalLong lag) {}

    /** A look at a stream; empty when the cluster does not know it. */
    public Optional<View> look(String flinkJob) {
        if (flinkJob.isEmpty()) {
            return Optional.empty();
        }
        return patiently(() -> rest.resource("/jobs/" + flinkJob))
                .map(
                        job -> {
                            Map<String, Double> sources = sourceMetrics(flinkJob, job);
                            JsonNode completed =
                                    checkpoints(flinkJob).path("latest").path("completed");
                            return new View(
                                    state(flinkJob).orElse(job.path("state").asText()),
                                    job.path("duration").asLong(),
                                    sum(sources, ".numRecordsOutPerSecond"),
                                    sinkRate(flinkJob, job),
                                    (long) sum(sources, ".numRecordsOut"),
                                    completed.path("latest_ack_timestamp").asLong(),
                                    completed.path("state_size").asLong(),
                                    (long) jobMetric(flinkJob, "numRestarts"),
                                    pending(sources));
                        });
    }

    private double sinkRate(String flinkJob, JsonNode job) {
        Set<String> inputs = new java.util.HashSet<>();
        job.path("plan")
                .path("nodes")
                .forEach(n -> n.path("inputs").forEach(i -> inputs.add(i.path("id").asText())));
        Map<String, Double> metrics = new LinkedHashMap<>();
        for (JsonNode node : job.path("plan").path("nodes")) {
            if (!inputs.contains(node.path("id").asText())) {
                metrics.putAll(
                        metrics(
                                flinkJob,
                                node.path("id").asText(),
                                name ->
                                        name.contains("Writer.")
                                                && name.endsWith(".numRecordsInPerSecond")));
            }
        }
        return sum(metrics, ".numRecordsInPerSecond");
    }

    private Map<String, Double> sourceMetrics(String flinkJob, JsonNode job) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        for (JsonNode node : job.path("plan").path("nodes")) {
            if (node.path("inputs").isEmpty()) {
                metrics.putAll(
                        metrics(
                                flinkJob,
                                node.path("id").asText(),
                                name ->
                                        name.startsWith("Source__")
                                                && (name.endsWith(".numRecordsOut")
                                                        || name.endsWith(".numRecordsOutPerSecond")
                                                        || name.endsWith("pendingRecords"))));
            }
        }
        return metrics;
    }

    /** Sums over the subtasks of a vertex, by {@code vertex/metric}. */
    private Map<String, Double> metrics(
            String flinkJob, String vertex, java.util.function.Predicate<String> wanted) {
        String path = "/jobs/" + flinkJob + "/vertices/" + vertex + "/subtasks/metrics";
        List<String> names = new ArrayList<>();
        rest.resource(path)
                .ifPresent(
                        all ->
                                all.forEach(
                                        m -> {
                                            String name = m.path("id").asText();
                                            if (wanted.test(name)) {
                                                names.add(
                                                        URLEncoder.encode(
                                                                name, StandardCharsets.UTF_8));
                                            }
                                        }));
        Map<String, Double> values = new LinkedHashMap<>();
        if (!names.isEmpty()) {
            rest.resource(path + "?agg=sum&get=" + String.join(",", names))
                    .ifPresent(
                            answer ->
                                    answer.forEach(
                                            m ->
                                                    values.put(
                                                            vertex + "/" + m.path("id").asText(),
                                                            m.path("sum").asDouble())));
        }
        return values;
    }

    /** Records in front of the sources; empty when none of them tells. */
    private static OptionalLong pending(Map<String, Double> sources) {
        return sources.keySet().stream().anyMatch(m -> m.endsWith("pendingRecords"))
                ? OptionalLong.of((long) sum(sources, "pendingRecords"))
                : OptionalLong.empty();
    }

    private double jobMetric(String flinkJob, String name) {
        return rest.resource("/jobs/" + flinkJob + "/metrics?get=" + name)
                .map(answer -> answer.path(0).path("value").asDouble())
                .orElse(0.0);
    }

    private static double sum(Map<String, Double> metrics, String ending) {
        return metrics.entrySet().stream()
                .filter(e -> e.getKey().endsWith(ending))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }

    @Override
    public String failure(String flinkJob) {
        // The answer is some seconds old; right after a failure it may be from before.
        String causes = causes(rest.failure(flinkJob));
        for (int attempt = 1; causes.isEmpty() && attempt < CAUSE_ATTEMPTS; attempt++) {
            pause(POLL_MILLIS);
            causes = causes(rest.failure(flinkJob));
        }
        return causes.isEmpty() ? "the cluster does not tell why" : causes;
    }

    @Override
    public String savepointDirectory() {
        JsonNode rows =
                patiently(() -> rest.resource("/jobmanager/config"))
                        .orElse(MissingNode.getInstance());
        for (JsonNode row : rows) {
            if (Set.of("execution.checkpointing.savepoint-dir", "state.savepoints.dir")
                    .contains(row.path("key").asText())) {
                String value = row.path("value").asText();
                return value.endsWith("/") ? value.substring(0, value.length() - 1) : value;
            }
        }
        throw AimaException.refused(
                "the cluster has no directory for savepoints; set"
                        + " execution.checkpointing.savepoint-dir in its configuration");
    }

    @Override
    public void dispose(String path) {
        JsonNode answer = rest.send("POST", "/savepoint-disposal", Map.of("savepoint-path", path));
        String trigger = answer.path("request-id").asText();
        while (true) {
            JsonNode state =
                    rest.resource("/savepoint-disposal/" + trigger)
                            .orElse(MissingNode.getInstance());
            if (state.path("status").path("id").asText().equals("COMPLETED")) {
                JsonNode failure = state.path("operation").path("failure-cause");
                if (failure.hasNonNull("stack-trace")) {
                    throw AimaException.failed(
                            "savepoint "
                                    + path
                                    + " could not be disposed of: "
                                    + causes(failure.path("stack-trace").asText()),
                            null);
                }
                return;
            }
            pause(POLL_MILLIS);
        }
    }

    /** A new id of a Flink job or a trigger. */
    public static String newId() {
        return UUID.randomUUID().toString().replace("-", "");
    }

    private static String causes(String stackTrace) {
        return String.join(
                "\n",
                stackTrace
                        .lines()
                        .filter(l -> !l.startsWith("\t") && !l.isBlank())
                        .distinct()
                        .limit(SHOWN_CAUSES)
                        .toList());
    }

    // The JobManager may be busy for a moment; a change is not given up for one missed answer.
    private static <T> T patiently(Supplier<T> question) {
        for (int attempt = 1; ; attempt++) {
            try {
                return question.get();
            } catch (AimaException e) {
                if (attempt >= ATTEMPTS) {
                    throw e;
                }
                pause(PAUSE_MILLIS);
            }
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AimaException(ExitCode.INTERRUPTED, "interrupted", e);
        }
    }
}
