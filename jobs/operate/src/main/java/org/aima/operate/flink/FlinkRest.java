package org.aima.operate.flink;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.aima.jobs.error.AimaException;

/** Reads the state of jobs from Flink's REST interface. */
public final class FlinkRest {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Set<String> ACTIVE =
            Set.of(
                    "INITIALIZING",
                    "CREATED",
                    "RUNNING",
                    "FAILING",
                    "CANCELLING",
                    "RESTARTING",
                    "RECONCILING");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
    private final String address;

    public FlinkRest(String address) {
        this.address = address.endsWith("/") ? address.substring(0, address.length() - 1) : address;
    }

    /** A job as a list shows it. */
    public record JobOverview(String id, String name, String state, long startMillis) {
        public boolean active() {
            return ACTIVE.contains(state);
        }
    }

    /**
     * One vertex of a job.
     *
     * @param expected records it is going to read as far as its inputs tell, 0 when unknown
     */
    public record Stage(
            String name,
            String state,
            int parallelism,
            int finishedTasks,
            long startMillis,
            long durationMillis,
            long recordsIn,
            long recordsOut,
            long expected) {}

    /** A job with its stages in topological order. */
    public record JobDetail(String id, String state, long durationMillis, List<Stage> stages) {
        public boolean active() {
            return ACTIVE.contains(state);
        }

        public boolean finished() {
            return "FINISHED".equals(state);
        }
    }

    public List<JobOverview> jobs() {
        List<JobOverview> jobs = new ArrayList<>();
        for (JsonNode job : get("/jobs/overview").path("jobs")) {
            jobs.add(
                    new JobOverview(
                            job.path("jid").asText(),
                            job.path("name").asText(),
                            job.path("state").asText(),
                            job.path("start-time").asLong()));
        }
        return jobs;
    }

    /** The newest job of that name: how a submission whose answer was lost is found again. */
    public Optional<JobOverview> newestNamed(String name) {
        return jobs().stream()
                .filter(j -> j.name().equals(name))
                .max(java.util.Comparator.comparingLong(JobOverview::startMillis));
    }

    /** Empty when the cluster does not know the job (any more). */
    public Optional<JobDetail> job(String id) {
        Optional<JsonNode> answer = find("/jobs/" + id);
        return answer.map(FlinkRest::detail);
    }

    /** A job's state, which unlike the rest does not come from a cache; empty when unknown. */
    public Optional<String> status(String id) {
        return find("/jobs/" + id + "/status").map(s -> s.path("status").asText());
    }

    /**
     * Any resource.
     *
     * @return empty when the cluster does not know it
     */
    public Optional<JsonNode> resource(String path) {
        return find(path);
    }

    /**
     * Sends a request with a body.
     *
     * @throws AimaException failed, with what the cluster says
     */
    public JsonNode send(String method, String path, Object body) {
        try {
            HttpResponse<String> response =
                    http.send(
                            HttpRequest.newBuilder(URI.create(address + path))
                                    .timeout(TIMEOUT)
                                    .header("Content-Type", "application/json")
                                    .method(
                                            method,
                                            HttpRequest.BodyPublishers.ofString(
                                                    JSON.writeValueAsString(body)))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() >= 300) {
                throw AimaException.failed(
                        "Flink at "
                                + address
                                + path
                                + " answered "
                                + response.statusCode()
                                + ": "
                                + response.body(),
                        null);
            }
            return response.body().isEmpty()
                    ? JSON.createObjectNode()
                    : JSON.readTree(response.body());
        } catch (IOException e) {
            throw AimaException.failed("Flink at " + address + " does not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AimaException(org.aima.jobs.error.ExitCode.INTERRUPTED, "interrupted", e);
        }
    }

    /**
     * When the newest savepoint of a job was taken, or the one it was started from was restored;
     * empty when there is none, or the job has no checkpoints.
     */
    public Optional<Instant> newestSavepoint(String id) {
        JsonNode latest =
                find("/jobs/" + id + "/checkpoints")
                        .orElse(MissingNode.getInstance())
                        .path("latest");
        long taken = latest.path("savepoint").path("trigger_timestamp").asLong();
        JsonNode restored = latest.path("restored");
        long since =
                restored.path("is_savepoint").asBoolean()
                        ? restored.path("restore_timestamp").asLong()
                        : 0;
        long newest = Math.max(taken, since);
        return newest == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(newest));
    }

    /** Whether a job takes checkpoints. */
    public boolean checkpointed(String id) {
        return find("/jobs/" + id + "/checkpoints/config")
                .map(c -> c.path("interval").asLong())
                .filter(interval -> interval > 0 && interval < Long.MAX_VALUE)
                .isPresent();
    }

    /** The root cause of a failed job, as far as Flink tells. */
    public String failure(String id) {
        return find("/jobs/" + id + "/exceptions")
                .map(
                        e -> {
                            // A job that restarts has only the history.
                            JsonNode last = e.path("exceptionHistory").path("entries").path(0);
                            return e.hasNonNull("root-exception")
                                    ? e.path("root-exception").asText()
                                    : last.path("stacktrace").asText("");
                        })
                .orElse("");
    }

    private static JobDetail detail(JsonNode job) {
        Map<String, JsonNode> vertices = new HashMap<>();
        job.path("vertices").forEach(v -> vertices.put(v.path("id").asText(), v));
        List<Stage> stages = new ArrayList<>();
        Map<String, List<String>> inputs = new HashMap<>();
        for (JsonNode node : job.path("plan").path("nodes")) {
            List<String> from = new ArrayList<>();
            node.path("inputs").forEach(i -> from.add(i.path("id").asText()));
            inputs.put(node.path("id").asText(), from);
        }
        for (JsonNode vertex : job.path("vertices")) {
            JsonNode metrics = vertex.path("metrics");
            long expected = 0;
            for (String input : inputs.getOrDefault(vertex.path("id").asText(), List.of())) {
                JsonNode upstream = vertices.get(input);
                if (upstream != null) {
                    expected += upstream.path("metrics").path("write-records").asLong();
                }
            }
            stages.add(
                    new Stage(
                            vertex.path("name").asText(),
                            vertex.path("status").asText(),
                            vertex.path("parallelism").asInt(),
                            vertex.path("tasks").path("FINISHED").asInt(),
                            vertex.path("start-time").asLong(),
                            vertex.path("duration").asLong(),
                            metrics.path("read-records").asLong(),
                            metrics.path("write-records").asLong(),
                            expected));
        }
        return new JobDetail(
                job.path("jid").asText(),
                job.path("state").asText(),
                job.path("duration").asLong(),
                stages);
    }

    private JsonNode get(String path) {
        return find(path)
                .orElseThrow(
                        () ->
                                AimaException.failed(
                                        "Flink at " + address + " has no " + path, null));
    }

    private Optional<JsonNode> find(String path) {
        try {
            HttpResponse<String> response =
                    http.send(
                            HttpRequest.newBuilder(URI.create(address + path))
                                    .timeout(TIMEOUT)
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            // Some resources of a job that is not known answer 500 and name the reason (Flink
            // 1.20).
            if (response.statusCode() == 404
                    || response.statusCode() == 500
                            && response.body().contains("FlinkJobNotFoundException")) {
                return Optional.empty();
            }
            if (response.statusCode() != 200) {
                throw AimaException.failed(
                        "Flink at " + address + path + " answered " + response.statusCode(), null);
            }
            return Optional.of(JSON.readTree(response.body()));
        } catch (IOException e) {
            throw AimaException.failed(
                    "Flink at "
                            + address
                            + " does not answer; start it (aima stack up) or set AIMA_FLINK_REST",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw AimaException.failed("interrupted", e);
        }
    }
}
