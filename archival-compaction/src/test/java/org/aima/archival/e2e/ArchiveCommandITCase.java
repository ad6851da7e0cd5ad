package org.aima.archival.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.aima.archival.core.AwkwardDocuments;
import org.aima.archival.core.RestoredFrom;
import org.aima.archival.store.mongo.MongoLiveResults;
import org.aima.testkit.command.Command;
import org.aima.testkit.command.CommandStack;
import org.bson.BsonDocument;
import org.bson.Document;
import org.bson.RawBsonDocument;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The operator's commands on a stack of their own: real servers, a cluster of three processes. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ArchiveCommandITCase {
    private static final String CUTOFF = "cutoff=2025-10-01T00:00:00Z";
    private static final int RESULTS = 3_000;

    // Static: what is not is injected after @BeforeAll.
    @TempDir static Path directory;

    private CommandStack stack;
    private MongoClient client;
    private MongoDatabase database;

    private Command.Result aima(String... arguments) {
        return stack.aima(arguments);
    }

    private Command.Result done(String... arguments) {
        return aima(arguments).exits(0);
    }

    @BeforeAll
    void start() {
        stack =
                new CommandStack(
                        "archival-compaction", "archival-e2e", "archival", "mongo,milvus,s3,flink");
        done("migrate");
        client = MongoClients.create(stack.variable("AIMA_MONGO_URI"));
        database = client.getDatabase("archival");
        List<BsonDocument> documents = new ArrayList<>();
        for (int i = 0; i < RESULTS; i++) {
            documents.add(
                    AwkwardDocuments.result(
                            "r-%06d".formatted(i),
                            "m-%04d".formatted(i / 20),
                            i % 2 == 0 ? "face_detection" : "scene_analysis",
                            Instant.parse("2026-09-15T00:00:00Z")
                                    .minus((i / 20 * 37L) % 700, ChronoUnit.DAYS)));
        }
        database.getCollection(MongoLiveResults.RESULTS, BsonDocument.class).insertMany(documents);
    }

    @AfterAll
    void stop() {
        if (client != null) {
            client.close();
        }
        if (stack != null) {
            stack.close();
        }
    }

    private Map<String, String> live() {
        Map<String, String> live = new TreeMap<>();
        database.getCollection(MongoLiveResults.RESULTS, RawBsonDocument.class)
                .find()
                .forEach(
                        d ->
                                live.put(
                                        d.getString("result_id").getValue(),
                                        HexFormat.of()
                                                .formatHex(
                                                        RestoredFrom.strip(
                                                                MongoLiveResults.bytes(d)))));
        return live;
    }

    @Test
    void aRunSurvivesATaskManagerAndEverythingComesBack() throws Exception {
        Map<String, String> originals = live();
        JsonNode plan = done("plan", "archival-compaction:archive", CUTOFF, "--json").json();
        long planned = plan.path("counters").path("plan_documents").asLong();
        assertThat(planned).isBetween(RESULTS / 4L, RESULTS - 1L);
        assertThat(live()).isEqualTo(originals);

        assertThat(aima("run", "archival-compaction:archive").exit()).isEqualTo(2);
        assertThat(aima("run", "archival-compaction:archive", "cutoff=yesterday").err())
                .contains("cutoff", "yesterday", "give an instant");

        // The worker's process ends without a word in the middle of the deletions.
        Path hook = directory.resolve("crash");
        Files.writeString(hook, "10 halt");
        String run = "e2e-" + UUID.randomUUID().toString().substring(0, 8);
        Command.Result first =
                aima(
                        "run",
                        "archival-compaction:archive",
                        CUTOFF,
                        "select.media-status=all",
                        "crash.file=" + hook,
                        "--run-id",
                        run);
        assertThat(hook).doesNotExist();
        stack.up();
        if (first.exit() != 0) {
            done("resume", run);
        }
        JsonNode report = done("report", run, "--json").json();
        assertThat(report.path("counters").path("written").asLong()).isEqualTo(planned);
        assertThat(live()).hasSize((int) (RESULTS - planned));
        done("verify", run);

        String id =
                originals.keySet().stream().filter(k -> !live().containsKey(k)).findFirst().get();
        JsonNode restored =
                done("run", "archival-compaction:restore", "result_id=" + id, "--json").json();
        assertThat(restored.path("counters").path("restore_ranged_reads").asLong()).isOne();
        assertThat(live()).containsEntry(id, originals.get(id));
        done("run", "archival-compaction:restore", "all=true");
        assertThat(live()).isEqualTo(originals);
        assertThat(
                        database.getCollection("analysis_summaries")
                                .countDocuments(new Document("count", new Document("$gt", 0))))
                .isZero();
    }
}
