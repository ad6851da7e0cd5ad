package org.aima.testkit.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/** The cluster as its REST interface shows it, and the processes of its TaskManagers. */
public final class FlinkCluster {
    private static final ObjectMapper JSON = new ObjectMapper();

    // Linux keeps no more of a thread's name.
    private static final int THREAD_NAME_LENGTH = 15;
    private static final int LAST_LINES = 40;

    private final HttpClient http = HttpClient.newHttpClient();
    private final String address;
    private final Path records;

    /**
     * @param address of the REST interface
     * @param records directory in which the stack keeps the process ids
     */
    public FlinkCluster(String address, Path records) {
        this.address = address;
        this.records = records;
    }

    /** The answer to a GET as text, whatever its status. */
    public String text(String path) {
        return send(HttpRequest.newBuilder(URI.create(address + path)).build());
    }

    /** The answer to a GET as JSON. */
    public JsonNode get(String path) {
        try {
            return JSON.readTree(text(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Cancels a job, so that one which is bound to fail need not try ten times. */
    public void cancel(String job) {
        send(
                HttpRequest.newBuilder(URI.create(address + "/jobs/" + job + "?mode=cancel"))
                        .method("PATCH", HttpRequest.BodyPublishers.noBody())
                        .build());
    }

    private String send(HttpRequest request) {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
        } catch (IOException e) {
            throw new UncheckedIOException("the JobManager's last words:\n" + lastWords(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private String lastWords() {
        StringBuilder words = new StringBuilder();
        for (String ending : List.of("out", "log")) {
            try {
                List<String> lines =
                        Files.readAllLines(
                                records.resolveSibling("logs")
                                        .resolve("flink-jobmanager." + ending));
                lines.stream()
                        .skip(Math.max(0, lines.size() - LAST_LINES))
                        .forEach(l -> words.append(l).append('\n'));
            } catch (IOException e) {
                words.append(e).append('\n');
            }
        }
        return words.toString();
    }

    /** Ids of all jobs the cluster knows, with their names. */
    public Map<String, String> jobs() {
        Map<String, String> jobs = new TreeMap<>();
        get("/jobs/overview")
                .path("jobs")
                .forEach(j -> jobs.put(j.path("jid").asText(), j.path("name").asText()));
        return jobs;
    }

    /** The job of a run, whose name ends with the run's id. */
    public Optional<String> jobOf(String runId) {
        return jobs().entrySet().stream()
                .filter(j -> j.getValue().endsWith(" " + runId))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** The state of a job as Flink names it. */
    public String state(String job) {
        return get("/jobs/" + job).path("state").asText();
    }

    /**
     * Kills with -9 a TaskManager while it runs a task of the stage.
     *
     * <p>REST would not do: it shows states of up to three seconds ago, longer than most stages
     * last. A task's thread bears the stage's name.
     *
     * @param stage how the name starts
     */
    public void killWhileRunning(String job, String stage) {
        killWhileRunning(stage, () -> "FINISHED".equals(state(job)));
    }

    /**
     * The same for a job that is not known yet.
     *
     * @param ended whether the job has ended, so that there is nothing to wait for
     */
    public void killWhileRunning(String stage, BooleanSupplier ended) {
        Poll.until(
                "a task of " + stage + " was killed",
                () -> {
                    if (processes().values().stream().anyMatch(pid -> killIfRunning(pid, stage))) {
                        return true;
                    }
                    if (ended.getAsBoolean()) {
                        throw new AssertionError("the job ended before " + stage + " was seen");
                    }
                    return false;
                });
    }

    private static boolean killIfRunning(long pid, String stage) {
        if (!alive(pid) || !hasThread(pid, stage)) {
            return false;
        }
        // Halted, it cannot finish the task between the second look and the kill.
        signal("STOP", pid);
        boolean runs = hasThread(pid, stage);
        signal(runs ? "KILL" : "CONT", pid);
        return runs;
    }

    private static boolean hasThread(long pid, String name) {
        String start = name.substring(0, Math.min(name.length(), THREAD_NAME_LENGTH));
        try (var threads = Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
            for (Path thread : threads) {
                try {
                    if (Files.readString(thread.resolve("comm")).startsWith(start)) {
                        return true;
                    }
                } catch (IOException e) {
                    // The thread ended while the others were read.
                }
            }
        } catch (IOException e) {
            return false;
        }
        return false;
    }

    /** Process ids of the TaskManagers by name, as the stack recorded them. */
    public Map<String, Long> processes() {
        Map<String, Long> found = new TreeMap<>();
        try (var files = Files.newDirectoryStream(records, "flink-taskmanager-*.pid")) {
            for (Path file : files) {
                String name = file.getFileName().toString().replace(".pid", "");
                found.put(name, JSON.readTree(Files.readString(file)).path("pid").asLong());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    private static boolean alive(long pid) {
        try {
            // The record may be older than a process that has since been given its number.
            return Files.readString(Path.of("/proc/" + pid + "/cmdline"))
                    .contains("TaskManagerRunner");
        } catch (IOException e) {
            return false;
        }
    }

    private static void signal(String name, long pid) {
        List<String> words = List.of("kill", "-" + name, Long.toString(pid));
        Command.start(Path.of("/"), System.getenv(), words).await().exits(0);
    }
}
