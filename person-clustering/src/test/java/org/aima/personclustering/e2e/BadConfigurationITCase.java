package org.aima.personclustering.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.aima.testkit.command.Command;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A bad configuration is told whole, before anything is submitted or recorded. */
@ExtendWith(OperatorStack.Extension.class)
class BadConfigurationITCase {
    private static final String JOB = "person-clustering:recluster";
    private static final List<String> NEEDED =
            List.of(
                    "AIMA_MONGO_URI",
                    "AIMA_MILVUS_URI",
                    "AIMA_S3_ENDPOINT",
                    "AIMA_S3_ACCESS_KEY",
                    "AIMA_S3_SECRET_KEY",
                    "AIMA_KAFKA_BOOTSTRAP",
                    "AIMA_FLINK_REST",
                    "FLINK_HOME",
                    "FLINK_CONF_DIR");

    private Set<String> jobs;
    private long runs;

    @BeforeEach
    void countRuns(OperatorStack stack) {
        jobs = new TreeSet<>(stack.cluster().jobs().keySet());
        runs = stack.world().mongo().getCollection("job_runs").countDocuments();
    }

    @AfterEach
    void nothingWasStarted(OperatorStack stack) {
        assertThat(stack.cluster().jobs().keySet()).isEqualTo(jobs);
        assertThat(stack.world().mongo().getCollection("job_runs").countDocuments())
                .isEqualTo(runs);
    }

    @Test
    void threeErrorsAtOnceEachWithOriginKeyValueAndRemedy(
            OperatorStack stack, @TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("mine.yaml"), "neighbours: {k: many}\n");
        Command.Result result =
                stack.aima(
                                "run",
                                JOB,
                                "-c",
                                file.toString(),
                                "neighbors.k=80",
                                "linking.false-links=2",
                                "--json")
                        .exits(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).contains("3 configuration errors");
        assertThat(line(result, "neighbors.k")).contains("argument", "did you mean neighbours.k?");
        assertThat(line(result, "many")).contains(file.toString(), "neighbours.k", "number");
        assertThat(line(result, "linking.false-links"))
                .contains("argument", "= 2", "give a number between 0 and 1");
        assertReadable(result);
    }

    @Test
    void missingSecret(OperatorStack stack) {
        Map<String, String> environment = given(stack);
        environment.remove("AIMA_MONGO_URI");
        Command.Result result = stack.aima(environment, "run", JOB).exits(2);
        assertThat(line(result, "mongo.uri"))
                .contains(
                        "stores.yaml", "environment variable AIMA_MONGO_URI is not set", "set it");
        assertReadable(result);
    }

    @Test
    void storesThatNobodyServes(OperatorStack stack) throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Map<String, String> environment = given(stack);
        environment.put("AIMA_MONGO_URI", "mongodb://127.0.0.1:" + port);
        environment.put("AIMA_MILVUS_URI", "http://127.0.0.1:" + port);
        Command.Result result = stack.aima(environment, "run", JOB).exits(2);
        assertThat(result.err()).contains("2 configuration errors");
        assertThat(line(result, "mongo.uri"))
                .contains("${env:AIMA_MONGO_URI}", "did not answer", "aima stack up");
        assertThat(line(result, "milvus.uri")).contains("${env:AIMA_MILVUS_URI}", "aima stack up");
        assertReadable(result);
    }

    @Test
    void secretWrittenOut(OperatorStack stack) {
        Command.Result result =
                stack.aima("run", JOB, "mongo.uri=mongodb://robot:hunter2@127.0.0.1/").exits(2);
        assertThat(line(result, "mongo.uri")).contains("argument", "${env:");
        assertThat(result.all()).doesNotContain("hunter2");
        assertReadable(result);
    }

    /** All addresses given by hand, and a stack of which nothing runs. */
    private static Map<String, String> given(OperatorStack stack) {
        Map<String, String> environment = stack.environment();
        NEEDED.forEach(n -> environment.putIfAbsent(n, stack.variable(n)));
        environment.put("AIMA_STACK", "e2e-nothing-runs");
        return environment;
    }

    private static String line(Command.Result result, String part) {
        return result.err()
                .lines()
                .filter(l -> l.contains(part))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no line about " + part + ":\n" + result));
    }

    private static void assertReadable(Command.Result result) {
        assertThat(result.err())
                .doesNotContain(
                        "\tat ", "Caused by", "java.lang.", "org.aima.", " INFO ", " WARN ");
    }
}
