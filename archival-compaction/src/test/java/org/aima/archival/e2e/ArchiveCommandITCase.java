package org.aima.archival.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.aima.archival.core.AwkwardDocuments;
import org.aima.archival.core.RestoredFrom;
import org.aima.archival.store.mongo.MongoLiveResults;
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
    private static final ObjectMapper JSON = new ObjectMapper();

    // Static: what is not is injected after @BeforeAll.
    @TempDir static Path directory;

    private final Map<String, String> environment = new TreeMap<>(System.getenv());
    private Path root;
    private Path state;
    private MongoClient client;
    private MongoDatabase database;

    private record Result(int exit, String out, String err) {
        JsonNode json() throws IOException {
            return JSON.readTree(out);
        }
    }

    private Result aima(String... arguments) throws Exception {
        List<String> words = new ArrayList<>();
        words.add(root.resolve("submit-scripts/aima").toString());
        words.addAll(Arrays.asList(arguments));
        Path out = Files.createTempFile(directory, "command", ".out");
        Path err = Files.createTempFile(directory, "command", ".err");
        ProcessBuilder builder =
                new ProcessBuilder(words)
                        .directory(root.toFile())
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        if (!process.waitFor(3, TimeUnit.MINUTES)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            throw new AssertionError(words + " does not end:\n" + Files.readString(err));
        }
        return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    private Result done(String... arguments) throws Exception {
        Result result = aima(arguments);
        assertThat(result.exit())
                .as("%s%n%s%n%s", String.join(" ", arguments), result.err(), result.out())
                .isZero();
        return result;
    }

    @BeforeAll
    void start() throws Exception {
        root = Path.of(System.getProperty("aima.root")).toAbsolutePath();
        // Given addresses would be used in place of the stack's own servers.
        environment
                .keySet()
                .removeIf(
                        k ->
                                k.startsWith("FLINK_")
                                        || k.startsWith("AIMA_") && !k.equals("AIMA_HOME"));
        environment.put("AIMA_STACK", "archival-e2e");
        environment.put("AIMA_NO_BUILD", "1");
        environment.put("AIMA_MONGO_DB", "archival");
        environment.put(
                "AIMA_REPORTS", root.resolve("archival-compaction/target/e2e-reports").toString());
        String home =
                environment.getOrDefault(
                        "AIMA_HOME", System.getProperty("user.home") + "/.cache/aima");
        state = Path.of(home, "stacks", "archival-e2e");
        done("stack", "reset", "--yes");
        up();
        done("migrate");
        client =
                MongoClients.create(
                        done("stack", "env", "--json").json().path("AIMA_MONGO_URI").asText());
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

    private void up() throws Exception {
        done("stack", "up", "--only", "mongo,milvus,s3,flink");
    }

    @AfterAll
    void stop() throws Exception {
        if (client != null) {
            client.close();
        }
        if (state != null && Files.isDirectory(state)) {
            aima("stack", "down");
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
        Result first =
                aima(
                        "run",
                        "archival-compaction:archive",
                        CUTOFF,
                        "select.media-status=all",
                        "crash.file=" + hook,
                        "--run-id",
                        run);
        assertThat(hook).doesNotExist();
        up();
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
