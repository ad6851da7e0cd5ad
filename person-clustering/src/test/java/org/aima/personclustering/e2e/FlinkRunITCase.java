package org.aima.personclustering.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.aima.testkit.command.Command;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The job jar is a whole job for plain {@code flink run}, without the operator's command. */
@ExtendWith(OperatorStack.Extension.class)
class FlinkRunITCase {

    @Test
    void makesTheSamePersonsAndKeepsTheLedger(OperatorStack stack) {
        SharedWorld world = stack.world();
        Map<String, String> expected = world.undisturbed().persons();
        world.reset();
        String runId = OperatorStack.newRunId("e2e-plain-flink-run");
        Map<String, String> environment = stack.environment();
        for (String name :
                List.of(
                        "AIMA_MILVUS_URI",
                        "AIMA_S3_ENDPOINT",
                        "AIMA_S3_ACCESS_KEY",
                        "AIMA_S3_SECRET_KEY")) {
            environment.put(name, stack.variable(name));
        }
        Path home = Path.of(stack.variable("FLINK_HOME"));
        Path jar = stack.root().resolve("person-clustering/target/person-clustering.jar");

        // Elsewhere than in the repository: the defaults have to come out of the jar.
        Command.Result result =
                Command.start(
                                Path.of("/"),
                                environment,
                                List.of(
                                        home.resolve("bin/flink").toString(),
                                        "run",
                                        jar.toString(),
                                        "--action",
                                        "recluster",
                                        "--run-id",
                                        runId,
                                        "parallelism=2",
                                        SharedWorld.SETTINGS))
                        .await()
                        .exits(0);

        assertThat(result.out()).contains("run " + runId + " succeeded");
        assertThat(world.persons()).isEqualTo(expected);
        Document run = world.ledger(runId);
        assertThat(run.getString("state")).isEqualTo("succeeded");
        assertThat(stack.cluster().state(run.getString("flink_job_id"))).isEqualTo("FINISHED");
        assertThat(run.getList("summary", Document.class).stream().map(f -> f.getString("name")))
                .contains("read", "written", "rejected", "persons");
        assertThat(
                        stack.aima("report", runId, "--json")
                                .exits(0)
                                .json()
                                .path("counters")
                                .path("persons")
                                .asInt())
                .isEqualTo(expected.size());
        assertThat(run.get("counters", Document.class))
                .as("counters in the ledger, as after aima run")
                .isNotNull()
                .containsKeys("read", "written", "unchanged", "rejected");
    }
}
