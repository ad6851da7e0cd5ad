package org.aima.backfill.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.aima.jobs.pipeline.JobMetric;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.mongo.MongoDocumentStore;
import org.aima.stores.paging.KeyRange;
import org.aima.testkit.command.Command;
import org.aima.testkit.command.PrometheusPages;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The job through the operator's command, on real servers; tests build on each other's state. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class BackfillITCase {
    private static final String REPARTITION = "embedding-backfill:repartition";
    private static final String FACES = "face_embeddings";
    private static final int ROWS = 1_500;

    @TempDir static Path directory;
    private static BackfillStack stack;
    private static EmbeddingStore milvus;
    private static MongoDocumentStore mongo;
    private static PrometheusPages metrics;

    @BeforeAll
    static void loadAWorld() {
        stack = new BackfillStack();
        stack.aima("migrate").exits(0);
        Path world = directory.resolve("world");
        stack.aima(
                        "generate",
                        "--persons=100",
                        "--faces=" + ROWS,
                        "--voices=10",
                        "--media=60",
                        "--results=" + ROWS,
                        "--dossiers=1",
                        "--seed=5",
                        "--out",
                        world.toString())
                .exits(0);
        stack.aima("load", world.toString()).exits(0);
        milvus = stack.milvus();
        mongo = stack.mongo();
        metrics = stack.metrics();
    }

    @AfterAll
    static void stop() {
        if (stack != null) {
            metrics.close();
            milvus.close();
            mongo.close();
            stack.close();
        }
    }

    private static BsonDocument run(String id) {
        return mongo.findOne("job_runs", new BsonDocument("_id", new BsonString(id)))
                .orElseGet(BsonDocument::new);
    }

    private static String phaseState(String run, String phase) {
        return run(run).getDocument("phases", new BsonDocument())
                .getDocument(phase, new BsonDocument())
                .getString("state", new BsonString(""))
                .getValue();
    }

    private static Set<String> keys(String collection) {
        Set<String> keys = new TreeSet<>();
        for (String partition : milvus.partitions(collection)) {
            milvus.query(
                            collection,
                            partition,
                            new KeyRange(partition, null, null),
                            List.of(),
                            false,
                            16_384)
                    .forEach(r -> keys.add(r.id()));
        }
        return keys;
    }

    private static String leadsTo(String name) {
        try (EmbeddingStore fresh = stack.milvus()) {
            return fresh.describe(name).orElseThrow().name();
        }
    }

    @Test
    @Order(1)
    void aPlanWithTooManyPartitionsIsRefusedWithOneThatFits() {
        Command.Result refused =
                stack.aima("plan", REPARTITION, "source=" + FACES, "limits.partitions=12");
        assertThat(refused.exits(3).err()).contains("partition-by=").contains("and fits");
        assertThat(milvus.collections()).doesNotContain(FACES + "_v2");
    }

    @Test
    @Order(2)
    void damageOfTheTargetIsNamedAndKeepsTheNameWhereItIs() throws InterruptedException {
        Command first =
                stack.start(
                        "run",
                        REPARTITION,
                        "source=" + FACES,
                        "partition-by=media-type,year",
                        "--run-id=damaged");
        while (!phaseState("damaged", "index").equals("running") && first.alive()) {
            Thread.sleep(50);
        }
        first.killClient();
        assertThat(run("damaged").getString("state").getValue()).isEqualTo("running");
        String target = FACES + "_v2";
        EmbeddingRow victim =
                milvus.query(
                                FACES,
                                null,
                                new KeyRange("", null, null),
                                List.of("media_id"),
                                false,
                                1)
                        .get(0);
        milvus.delete(target, null, List.of(victim.id()));
        Command.Result resumed = stack.aima("resume", "damaged").exits(3);
        assertThat(resumed.out() + resumed.err()).contains(victim.id()).contains("is missing");
        assertThat(leadsTo(FACES)).isEqualTo(FACES);
        stack.aima("undo", "damaged").exits(0);
        assertThat(milvus.collections()).doesNotContain(target);
    }

    @Test
    @Order(3)
    void changesMadeMeanwhileArriveAndAFreshClientFindsTheNewCollection()
            throws InterruptedException {
        List<String> all = new ArrayList<>(keys(FACES));
        Command started =
                stack.start("run", REPARTITION, "source=" + FACES, "--run-id=whole", "--json");
        while (phaseState("whole", "copy").isEmpty() && started.alive()) {
            Thread.sleep(50);
        }
        milvus.delete(FACES, null, all.subList(0, 40));
        List<EmbeddingRow> changed = new ArrayList<>();
        for (EmbeddingRow row : milvus.get(FACES, "_default", all.subList(40, 90))) {
            Map<String, Object> fields = new HashMap<>(row.fields());
            fields.put("person_id", "changed");
            changed.add(new EmbeddingRow(row.id(), row.vector(), fields));
        }
        EmbeddingRow model = changed.get(0);
        for (String key : List.of("new 'a'", "new \"b\"\\\n", "neu ü")) {
            changed.add(new EmbeddingRow(key, model.vector(), model.fields()));
        }
        milvus.upsert(FACES, "_default", changed);
        JsonNode report = started.await().exits(0).json();
        assertThat(report.path("counters").path("read").asLong())
                .isEqualTo(
                        report.path("counters").path("written").asLong()
                                + report.path("counters").path("rejected").asLong());
        assertThat(leadsTo(FACES)).isEqualTo(FACES + "_v2");
        Set<String> expected = new TreeSet<>(all.subList(40, all.size()));
        expected.addAll(List.of("new 'a'", "new \"b\"\\\n", "neu ü"));
        try (EmbeddingStore fresh = stack.milvus()) {
            assertThat(fresh.count(FACES, null, null)).isEqualTo(expected.size());
            assertThat(fresh.get(FACES, null, all.subList(40, 90)))
                    .hasSize(50)
                    .allMatch(r -> r.text("person_id").equals("changed"));
        }
        assertThat(keys(FACES + "_v2")).isEqualTo(expected);
        stack.aima("verify", "whole").exits(0);
    }

    @Test
    @Order(4)
    void undoLeadsBackAndBothStillHoldTheSame() {
        stack.aima("undo", "whole").exits(0);
        assertThat(leadsTo(FACES)).isEqualTo(FACES);
        stack.aima("verify", "whole").exits(0);
        stack.aima("undo", "whole").exits(0);
    }

    @Test
    @Order(5)
    void filesAreImportedAndFieldsFilledFromDocuments() throws IOException {
        Path files = Files.createDirectories(directory.resolve("files"));
        List<BsonDocument> results =
                mongo.page(
                        "analysis_results",
                        new BsonDocument(),
                        new KeyRange("objectId", null, null),
                        300);
        StringBuilder lines = new StringBuilder();
        int rows = 0;
        for (BsonDocument result : results) {
            BsonDocument vector = result.getDocument("vector_embeddings", new BsonDocument());
            if (vector.containsKey("embedding_id")) {
                rows++;
                lines.append("{\"embedding_id\":\"")
                        .append(vector.getString("embedding_id").getValue())
                        .append("\",\"embedding\":[1,2,3,")
                        .append(rows)
                        .append("]}\n");
            }
        }
        lines.append("{\"embedding_id\":\"short\",\"embedding\":[1]}\n{\"half");
        Files.writeString(files.resolve("a.ndjson"), lines);
        JsonNode imported =
                stack.aima(
                                "run",
                                "embedding-backfill:import",
                                "collection=imported",
                                "from=" + files,
                                "--json")
                        .exits(0)
                        .json();
        assertThat(imported.path("counters").path("read").asInt()).isEqualTo(rows + 2);
        assertThat(imported.path("counters").path("written").asInt()).isEqualTo(rows);
        assertThat(imported.path("counters").path("rejected").asInt()).isEqualTo(2);
        JsonNode filled =
                stack.aima(
                                "run",
                                "embedding-backfill:metadata",
                                "collection=imported",
                                "--run-id=filled",
                                "--json")
                        .exits(0)
                        .json();
        assertThat(filled.path("counters").path("written").asInt()).isEqualTo(rows);
        try (EmbeddingStore fresh = stack.milvus()) {
            assertThat(
                            fresh.query(
                                    "imported",
                                    null,
                                    new KeyRange("", null, null),
                                    List.of("media_id", "result_id", "timestamp"),
                                    true,
                                    100))
                    .allMatch(r -> !r.text("media_id").isEmpty() && !r.text("result_id").isEmpty())
                    .allMatch(r -> r.vector()[0] == 1 && r.vector()[2] == 3);
        }
        JsonNode again =
                stack.aima("run", "embedding-backfill:metadata", "collection=imported", "--json")
                        .exits(0)
                        .json();
        assertThat(again.path("counters").path("written").asInt()).isZero();
        stack.aima("undo", "filled").exits(0);
        try (EmbeddingStore fresh = stack.milvus()) {
            assertThat(
                            fresh.query(
                                    "imported",
                                    null,
                                    new KeyRange("", null, null),
                                    List.of("media_id"),
                                    true,
                                    100))
                    .allMatch(r -> r.text("media_id").isEmpty() && r.vector()[2] == 3);
        }
    }

    /** Of Flink's own names those that need neither checkpoints nor Kafka; of ours those of all. */
    @Test
    @Order(6)
    void theClusterExposesTheNamesThatAreDocumented() throws IOException {
        Map<String, Set<String>> seen = metrics.seen();
        for (JobMetric metric : JobMetric.values()) {
            if (metric.where() == JobMetric.Where.BATCH
                    || metric.where() == JobMetric.Where.BACKFILL) {
                assertThat(seen)
                        .hasEntrySatisfying(
                                metric.prometheusName("embedding-backfill"),
                                jobs ->
                                        assertThat(jobs)
                                                .allMatch(
                                                        // Flink's reporter writes no hyphens.
                                                        j -> j.startsWith("embedding_backfill:")));
            }
        }
        Path page = Path.of(System.getProperty("aima.root")).resolve("docs/metrics.md");
        List<String> names =
                Files.readAllLines(page).stream()
                        .filter(l -> l.startsWith("| `flink_") && !l.contains(" only"))
                        .map(l -> l.substring(3, l.indexOf('`', 3)))
                        .toList();
        assertThat(names).hasSizeGreaterThan(5);
        assertThat(seen).containsKeys(names.toArray(String[]::new));
    }
}
