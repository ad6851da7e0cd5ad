package org.aima.personclustering.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.aima.testkit.command.Command;
import org.aima.testkit.command.FlinkCluster;
import org.aima.testkit.command.Poll;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Secrets are where they are used and nowhere else: whole runs leave no trace of made-up ones. */
@ExtendWith(OperatorStack.Extension.class)
class SecretsITCase {
    private static final String JOB = "person-clustering:recluster";
    private static final List<String> SECRETS =
            List.of(
                    OperatorStack.MONGO_SECRET,
                    OperatorStack.MILVUS_SECRET,
                    OperatorStack.WORKER_SECRET);

    @Test
    void noTraceOfASecretAfterRunsThatSucceedAndFail(OperatorStack stack, @TempDir Path directory)
            throws IOException {
        SharedWorld world = stack.world();
        Command.Result good = world.undisturbed().run();
        assertThat(stack.environment().get("AIMA_MONGO_URI")).contains(OperatorStack.MONGO_SECRET);
        assertWorkersHold(stack);

        List<String> places = new ArrayList<>();
        look("output of the good run", good.all(), places);
        Command.Result bad = failOnTheWorkers(stack, directory, places);
        look("output of the failing run", bad.all(), places);
        look("output of a refused run", refused(stack).all(), places);
        look(
                "status",
                stack.aima("status", "--json").exits(0).all()
                        + stack.aima("status", good.json().path("run_id").asText()).exits(0).all(),
                places);

        lookInFiles(stack.state().resolve("logs"), places);
        lookInFiles(stack.state().resolve("run"), places);
        lookInFiles(stack.reports(), places);
        lookInCluster(stack, places);
        lookInProcesses(places);
        for (String collection :
                List.of("job_runs", "audit_log", "dead_letters", "run_leases", "persons")) {
            for (Document document : world.mongo().getCollection(collection).find()) {
                look(collection + " " + document.get("_id"), document.toJson(), places);
            }
        }
        assertThat(places).as("places that hold a secret").isEmpty();
    }

    /** Without this a run could pass because the secrets never reached the cluster. */
    private static void assertWorkersHold(OperatorStack stack) throws IOException {
        for (long pid : stack.cluster().processes().values()) {
            assertThat(Files.readString(Path.of("/proc/" + pid + "/environ")))
                    .contains(
                            OperatorStack.MONGO_SECRET,
                            OperatorStack.MILVUS_SECRET,
                            OperatorStack.WORKER_SECRET);
        }
    }

    /** The address is good for the client and broken, with a password, for the workers. */
    private static Command.Result failOnTheWorkers(
            OperatorStack stack, Path directory, List<String> places) throws IOException {
        Path file =
                Files.writeString(
                        directory.resolve("worker.yaml"),
                        "mongo: {uri: \"${env:AIMA_E2E_MONGO_URI}\"}\n");
        Map<String, String> environment = stack.environment();
        environment.put("AIMA_E2E_MONGO_URI", environment.get("AIMA_MONGO_URI"));
        String runId = OperatorStack.newRunId("e2e-fails-on-workers");
        Command run =
                stack.start(environment, "run", JOB, "-c", file.toString(), "--run-id", runId);
        String job =
                Poll.untilPresent(
                        "the failing run is a Flink job",
                        () -> {
                            if (!run.alive()) {
                                throw new AssertionError("ended early:\n" + run.await().all());
                            }
                            return stack.cluster().jobOf(runId);
                        });
        Poll.until(
                "a task has failed",
                () ->
                        !stack.cluster()
                                .get("/jobs/" + job + "/exceptions")
                                .path("exceptionHistory")
                                .path("entries")
                                .isEmpty());
        lookInProcesses(places);
        stack.cluster().cancel(job);
        return run.await().exits(1);
    }

    private static Command.Result refused(OperatorStack stack) {
        Map<String, String> environment = stack.environment();
        environment.put(
                "AIMA_MONGO_URI",
                "mongodb://robot:" + OperatorStack.MONGO_SECRET + "@127.0.0.1:1/");
        return stack.aima(environment, "run", JOB).exits(2);
    }

    private static void lookInCluster(OperatorStack stack, List<String> places) {
        FlinkCluster cluster = stack.cluster();
        List<String> paths =
                new ArrayList<>(
                        List.of(
                                "/config",
                                "/jobmanager/config",
                                "/jobmanager/environment",
                                "/jobs/overview",
                                "/taskmanagers"));
        for (JsonNode worker : cluster.get("/taskmanagers").path("taskmanagers")) {
            paths.add("/taskmanagers/" + worker.path("id").asText());
            paths.add("/taskmanagers/" + worker.path("id").asText() + "/log");
        }
        for (String job : cluster.jobs().keySet()) {
            for (String part :
                    List.of(
                            "",
                            "/config",
                            "/plan",
                            "/exceptions",
                            "/accumulators",
                            "/jobmanager")) {
                paths.add("/jobs/" + job + part);
            }
        }
        paths.forEach(p -> look("REST " + p, cluster.text(p), places));
        // The job graph and the jar lie where the processes keep their temporary files.
        for (String directory : temporaryDirectories(stack)) {
            lookInFiles(Path.of(directory), places);
        }
    }

    /** Every directory that a process of the cluster has a file or itself in. */
    private static List<String> temporaryDirectories(OperatorStack stack) {
        List<String> directories = new ArrayList<>();
        directories.add(stack.state().resolve("flink").toString());
        try (Stream<Path> temporary = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            temporary
                    .filter(
                            p ->
                                    p.getFileName()
                                            .toString()
                                            .matches(
                                                    "(blobStore|flink-|jobmanager_|tm_|pekko|flinkjobgraph).*"))
                    .forEach(p -> directories.add(p.toString()));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return directories;
    }

    private static void lookInProcesses(List<String> places) throws IOException {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            for (Path process :
                    processes.filter(p -> p.getFileName().toString().matches("\\d+")).toList()) {
                try {
                    look(
                            process + "/cmdline",
                            Files.readString(
                                    process.resolve("cmdline"), StandardCharsets.ISO_8859_1),
                            places);
                } catch (IOException e) {
                    // It ended while the others were read.
                }
            }
        }
    }

    private static void lookInFiles(Path root, List<String> places) {
        if (!Files.exists(root)) {
            return;
        }
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                // Jars are the suite's own; no run writes into one.
                if (!file.toString().endsWith(".jar")) {
                    try {
                        look(
                                file.toString(),
                                Files.readString(file, StandardCharsets.ISO_8859_1),
                                places);
                    } catch (NoSuchFileException e) {
                        // Rolled or deleted meanwhile.
                    }
                }
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void look(String where, String text, List<String> places) {
        for (String secret : SECRETS) {
            int at = text.indexOf(secret);
            if (at >= 0) {
                places.add(
                        where
                                + ": …"
                                + text.substring(Math.max(0, at - 120), at + secret.length())
                                        .replace('\0', ' '));
            }
        }
    }
}
