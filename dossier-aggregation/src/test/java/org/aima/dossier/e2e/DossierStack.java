package org.aima.dossier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A stack of this module's own, started and used by the operator's command. */
final class DossierStack implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long MINUTES = 5;
    private static final String DATABASE = "dossiers";
    private static final String STACK = "e2e-dossier";
    // Linux keeps no more of a thread's name.
    private static final int THREAD_NAME_LENGTH = 15;

    private final Path root = Path.of(System.getProperty("aima.root")).toAbsolutePath();
    private final Map<String, String> environment = new TreeMap<>(System.getenv());
    private final Path records;
    private final MongoClient mongo;

    DossierStack() {
        environment
                .keySet()
                .removeIf(
                        k ->
                                k.startsWith("FLINK_")
                                        || k.startsWith("AIMA_") && !k.equals("AIMA_HOME"));
        environment.put("AIMA_STACK", STACK);
        environment.put("AIMA_NO_BUILD", "1");
        environment.put("AIMA_MONGO_DB", DATABASE);
        environment.put(
                "AIMA_REPORTS", root.resolve("dossier-aggregation/target/e2e-reports").toString());
        String home =
                environment.getOrDefault(
                        "AIMA_HOME", System.getProperty("user.home") + "/.cache/aima");
        records = Path.of(home, "stacks", STACK, "run");
        aima("stack", "reset", "--yes").exits(0);
        aima("stack", "up").exits(0);
        mongo =
                MongoClients.create(
                        aima("stack", "env", "--json")
                                .exits(0)
                                .json()
                                .path("AIMA_MONGO_URI")
                                .asText());
    }

    MongoDatabase mongo() {
        return mongo.getDatabase(DATABASE);
    }

    /** How a command ended. */
    record Result(List<String> words, int exit, String out, String err) {
        Result exits(int code) {
            assertThat(exit)
                    .as("exit code of %s%n%s%n%s", String.join(" ", words), err, out)
                    .isEqualTo(code);
            return this;
        }

        JsonNode json() {
            try {
                return JSON.readTree(out);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** A command that runs. */
    record Running(List<String> words, Process process, Path out, Path err) {
        Result await() {
            try {
                if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
                    process.descendants().forEach(ProcessHandle::destroyForcibly);
                    process.destroyForcibly();
                    throw new AssertionError(words + " does not end:\n" + Files.readString(err));
                }
                return new Result(
                        words, process.exitValue(), Files.readString(out), Files.readString(err));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    Running start(String... arguments) {
        List<String> words =
                new ArrayList<>(List.of(root.resolve("submit-scripts/aima").toString()));
        words.addAll(Arrays.asList(arguments));
        return start(words);
    }

    private Running start(List<String> words) {
        try {
            Path out = Files.createTempFile("dossier", ".out");
            Path err = Files.createTempFile("dossier", ".err");
            ProcessBuilder builder =
                    new ProcessBuilder(words)
                            .directory(root.toFile())
                            .redirectOutput(out.toFile())
                            .redirectError(err.toFile());
            builder.environment().clear();
            builder.environment().putAll(environment);
            return new Running(words, builder.start(), out, err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Result aima(String... arguments) {
        return start(arguments).await();
    }

    /**
     * Kills with -9 a TaskManager while it runs a task of the stage; a task's thread bears the
     * stage's name.
     */
    void killTaskManagerIn(String stage, Running run) {
        until(
                "a task of " + stage + " was killed",
                () -> {
                    if (!run.process().isAlive()) {
                        throw new AssertionError(
                                "the run ended before " + stage + " was seen: " + run.await());
                    }
                    return taskManagers().stream().anyMatch(pid -> killIfRunning(pid, stage));
                });
    }

    private List<Long> taskManagers() {
        List<Long> found = new ArrayList<>();
        try (var files = Files.newDirectoryStream(records, "flink-taskmanager-*.pid")) {
            for (Path file : files) {
                found.add(JSON.readTree(Files.readString(file)).path("pid").asLong());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    private boolean killIfRunning(long pid, String stage) {
        if (!hasThread(pid, stage)) {
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
        try {
            // The record may be older than a process that has since been given its number.
            if (!Files.readString(Path.of("/proc/" + pid + "/cmdline"))
                    .contains("TaskManagerRunner")) {
                return false;
            }
        } catch (IOException e) {
            return false;
        }
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

    private void signal(String name, long pid) {
        start(List.of("kill", "-" + name, Long.toString(pid))).await().exits(0);
    }

    static void until(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited in vain until " + what);
            }
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    @Override
    public void close() {
        mongo.close();
        aima("stack", "down");
    }
}
