package org.aima.personclustering.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.mongodb.client.model.Updates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.aima.testkit.command.Command;
import org.aima.testkit.command.Poll;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is killed during a run, the persons afterwards are those of an undisturbed run. */
@ExtendWith(OperatorStack.Extension.class)
class FailureITCase {
    private static final String JOB = "person-clustering:recluster";

    /** From the first to the last, one of each kind: read, compute, decide, write. */
    private static final List<String> STAGES =
            List.of(
                    "Source: read face rows",
                    "find neighbours",
                    "link clusters",
                    "write person ids to rows",
                    "compose persons");

    private Map<String, String> expected;
    private @Nullable Command running;

    @BeforeEach
    void startFromUnclusteredRows(OperatorStack stack) {
        expected = stack.world().undisturbed().persons();
        stack.world().reset();
    }

    /** Only after a failure is something left: it must not make the next test fail as well. */
    @AfterEach
    void endWhatStillRuns(OperatorStack stack) {
        if (running != null && running.alive()) {
            running.kill();
            stack.cluster().jobs().keySet().forEach(stack.cluster()::cancel);
            stack.world()
                    .mongo()
                    .getCollection("run_leases")
                    .updateMany(new Document(), Updates.set("run_id", null));
            stack.startCluster().await().exits(0);
        }
    }

    @Test
    void taskManagersKilledInEachStage(OperatorStack stack) {
        String runId = OperatorStack.newRunId("e2e-killed-taskmanagers");
        Command run = stack.start("run", JOB, SharedWorld.SETTINGS, "--run-id", runId, "--json");
        running = run;
        String job = flinkJob(stack, run, runId);
        List<Command> repairs = new ArrayList<>();
        for (String stage : STAGES) {
            stack.cluster().killWhileRunning(job, stage);
            // Not waited for: the run goes on with the other TaskManager and must not get past
            // the next stage unseen. A repair that is itself hit is made good by the next one.
            repairs.add(stack.startCluster());
        }
        repairs.forEach(Command::await);
        stack.startCluster().await().exits(0);
        JsonNode counters = run.await().exits(0).json().path("counters");
        assertThat(
                        counters.path("written").asLong()
                                + counters.path("unchanged").asLong()
                                + counters.path("rejected").asLong())
                .isEqualTo(counters.path("read").asLong());
        assertThat(stack.world().persons()).isEqualTo(expected);
        assertThat(stack.world().mongo().getCollection("person_aliases").countDocuments()).isZero();
    }

    @Test
    void clientKilledWhileItFollows(OperatorStack stack) {
        String runId = OperatorStack.newRunId("e2e-killed-client");
        Command run = stack.start("run", JOB, SharedWorld.SETTINGS, "--run-id", runId);
        running = run;
        String job = flinkJob(stack, run, runId);
        Poll.until(
                "the ledger knows the Flink job",
                () -> job.equals(stack.world().ledger(runId).getString("flink_job_id")));

        run.kill();
        assertThat(status(stack, runId)).isEqualTo("running");

        // Whoever comes before its lease has expired cannot know that the holder is dead.
        Command.Result second = stack.aima("slot", JOB, "--every=day", "--json").exits(3);
        assertThat(second.err()).contains("is taken by run " + runId, "holder ");
        assertThat(second.out()).isEmpty();
        Command.Result same = stack.aima("run", JOB, "--run-id", runId).exits(3);
        assertThat(same.err()).contains(runId + " is running", "holder ");

        JsonNode resumed = stack.aima("resume", runId, "--json").exits(0).json();
        assertThat(resumed.path("state").asText()).isEqualTo("succeeded");
        assertThat(resumed.path("run_id").asText()).isEqualTo(runId);
        assertThat(status(stack, runId)).isEqualTo("succeeded");
        assertThat(stack.world().persons()).isEqualTo(expected);
        assertThat(stack.world().ledger(runId).getString("flink_job_id")).isEqualTo(job);

        Set<String> jobs = new TreeSet<>(stack.cluster().jobs().keySet());
        Command.Result again = stack.aima("run", JOB, "--run-id", runId).exits(0);
        assertThat(again.err()).contains(runId, "already ended", "succeeded");
        assertThat(stack.cluster().jobs().keySet()).isEqualTo(jobs);
    }

    @Test
    void clientKilledBeforeItLearntTheFlinkJob(OperatorStack stack, @TempDir Path directory)
            throws IOException {
        String runId = OperatorStack.newRunId("e2e-lost-answer");
        Map<String, String> environment = stack.environment();
        environment.put("FLINK_HOME", mute(stack, directory).toString());
        // Another spelling of the same address: only then is FLINK_HOME the caller's.
        environment.put(
                "AIMA_FLINK_REST",
                stack.variable("AIMA_FLINK_REST").replace("127.0.0.1", "localhost"));
        Command run = stack.start(environment, "run", JOB, SharedWorld.SETTINGS, "--run-id", runId);
        running = run;
        String job = flinkJob(stack, run, runId);
        Poll.until("the submission was answered", () -> Files.exists(directory.resolve("said")));
        run.kill();
        assertThat(stack.world().ledger(runId).getString("flink_job_id")).isNull();

        stack.aima("resume", runId).exits(0);
        assertThat(stack.world().ledger(runId).getString("flink_job_id"))
                .as("the job that was lost is found, not submitted twice")
                .isEqualTo(job);
        assertThat(stack.world().persons()).isEqualTo(expected);
    }

    /** A Flink home whose {@code flink run} does its work but keeps the answer to itself. */
    private static Path mute(OperatorStack stack, Path directory) throws IOException {
        Path real = Path.of(stack.variable("FLINK_HOME"));
        Path home = Files.createDirectories(directory.resolve("flink"));
        Files.createDirectories(home.resolve("bin"));
        for (String name : List.of("lib", "conf", "opt", "plugins")) {
            Files.createSymbolicLink(home.resolve(name), real.resolve(name));
        }
        Path command = home.resolve("bin/flink");
        Files.writeString(
                command,
                "#!/bin/sh\n"
                        + real.resolve("bin/flink")
                        + " \"$@\" >"
                        + directory.resolve("answer")
                        + " 2>&1\ntouch "
                        + directory.resolve("said")
                        + "\nexec sleep 600\n");
        Files.setPosixFilePermissions(command, PosixFilePermissions.fromString("rwx------"));
        return home;
    }

    private static String flinkJob(OperatorStack stack, Command run, String runId) {
        return Poll.untilPresent(
                "run " + runId + " is a Flink job",
                () -> {
                    if (!run.alive()) {
                        throw new AssertionError("the run ended early:\n" + run.await().all());
                    }
                    return stack.cluster().jobOf(runId);
                });
    }

    private static String status(OperatorStack stack, String runId) {
        return stack.aima("status", runId, "--json").exits(0).json().path("state").asText();
    }
}
