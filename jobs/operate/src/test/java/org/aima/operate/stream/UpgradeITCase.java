package org.aima.operate.stream;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Sorts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.aima.testkit.command.Command;
import org.aima.testkit.command.CommandStack;
import org.aima.testkit.command.Poll;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stream on a real cluster, upgraded, refused, killed and rolled back by the command alone. */
class UpgradeITCase {
    private static final String RUN = "counts-drill";
    private static final String DATABASE = "e2e_upgrade";
    private static final long HALF = 1L << 39;
    private static final long KEYS = 50;

    @TempDir Path directory;

    private Path jar(String name, String fields, String uid, int version, boolean fails)
            throws Exception {
        return SampleJar.build(
                directory,
                name,
                Map.of(
                        "FIELDS",
                        fields,
                        "UID",
                        uid,
                        "VERSION",
                        version + "L",
                        "FAILS",
                        Boolean.toString(fails)));
    }

    @Test
    void versionsChangeAndNothingIsLostOrDoubled() throws Exception {
        String before = "public long count; public String gone = \"\";";
        String after = "public long added; public long count;";
        Path first = jar("first", before, "count", 1, false);
        Path second = jar("second", after, "count", 2, false);
        Path renamed = jar("renamed", after, "tally", 3, false);
        Path failing = jar("failing", after, "count", 4, true);
        try (CommandStack stack =
                        new CommandStack(
                                "jobs/operate",
                                "e2e-upgrade",
                                DATABASE,
                                "mongo,flink",
                                Map.of("AIMA_MILVUS_URI", "http://127.0.0.1:1"));
                MongoClient mongo = MongoClients.create(stack.variable("AIMA_MONGO_URI"))) {
            MongoCollection<Document> runs = mongo.getDatabase(DATABASE).getCollection("job_runs");
            String[] start = {
                "run",
                "counts",
                "--jar",
                first.toString(),
                "--run-id",
                RUN,
                "--settle",
                "1",
                "parallelism=2"
            };
            assertThat(stack.aima(start).exits(3).err()).contains("--allow-empty-state");
            assertThat(runs.countDocuments()).isZero();
            stack.aima(with(start, "--allow-empty-state")).exits(0);
            String job = flinkJob(runs);

            Command.Result refused = stack.aima("upgrade", RUN, renamed.toString()).exits(3);
            assertThat(refused.err()).contains("count", "tally", "goes on untouched");
            assertThat(stack.cluster().state(job)).isEqualTo("RUNNING");
            assertThat(flinkJob(runs)).isEqualTo(job);

            Command killed =
                    stack.start(
                            "upgrade", RUN, second.toString(), "parallelism=3", "--settle", "1");
            Poll.until(
                    "the new version is being started",
                    () -> {
                        assertThat(killed.alive()).as(killed.errorsSoFar()).isTrue();
                        return "STARTING".equals(step(runs));
                    });
            killed.kill();
            stack.aima("resume", RUN, "--settle", "1").exits(0);
            assertThat(current(runs)).isEqualTo(2);
            String upgraded = flinkJob(runs);
            assertThat(stack.cluster().state(job)).isEqualTo("FINISHED");
            assertThat(stack.cluster().state(upgraded)).isEqualTo("RUNNING");
            assertThat(
                            stack.cluster()
                                    .get("/jobs/" + upgraded)
                                    .path("vertices")
                                    .path(0)
                                    .path("parallelism")
                                    .asInt())
                    .isEqualTo(3);

            JsonNode rolledBack =
                    stack.aima(
                                    "upgrade",
                                    RUN,
                                    failing.toString(),
                                    "--settle",
                                    "5",
                                    "--max-restarts",
                                    "0",
                                    "--json")
                            .exits(1)
                            .json();
            assertThat(rolledBack.path("outcome").asText()).isEqualTo("rolled back");
            assertThat(rolledBack.path("why").asText()).contains("this version fails soon");
            assertThat(current(runs)).isEqualTo(2);

            JsonNode shown = stack.aima("status", "--json").exits(0).json();
            JsonNode stream = stream(shown);
            assertThat(stream.path("version").asInt()).isEqualTo(2);
            assertThat(stream.path("state").asText()).isEqualTo("RUNNING");
            assertThat(stream.path("checkpoint").asText()).contains("ago");
            assertThat(stream.path("savepoint").asText()).contains("ago");

            stack.aima("savepoint", RUN, "--stop").exits(0);
            assertThat(stack.cluster().state(flinkJob(runs))).isEqualTo("FINISHED");
            assertThat(stack.aima("savepoint", RUN, "--list", "--json").exits(0).json())
                    .hasSizeGreaterThanOrEqualTo(3);
            assertEveryNumberHasItsPlace(mongo.getDatabase(DATABASE).getCollection("counts"));
        }
    }

    private static String[] with(String[] words, String word) {
        List<String> all = new ArrayList<>(List.of(words));
        all.add(word);
        return all.toArray(String[]::new);
    }

    private static JsonNode stream(JsonNode rows) {
        for (JsonNode row : rows) {
            if (row.path("run_id").asText().equals(RUN)) {
                return row.path("stream");
            }
        }
        throw new AssertionError("no row of " + RUN + " in " + rows);
    }

    private static Document run(MongoCollection<Document> runs, String id) {
        Document run = runs.find(new Document("_id", id)).first();
        return run == null ? new Document() : run;
    }

    private static String flinkJob(MongoCollection<Document> runs) {
        return run(runs, RUN).getString("flink_job_id");
    }

    private static int current(MongoCollection<Document> runs) {
        Document stream = run(runs, RUN).get("stream", Document.class);
        assertThat(stream.getString("change")).isEmpty();
        return stream.getInteger("current");
    }

    private static String step(MongoCollection<Document> runs) {
        String change = run(runs, RUN).get("stream", new Document()).getString("change");
        return run(runs, change).get("change", new Document()).getString("step");
    }

    /** As if one version had run all the time: no gap, and every count is that of the key. */
    private static void assertEveryNumberHasItsPlace(MongoCollection<Document> counts) {
        long[] next = {0, HALF};
        List<String> wrong = new ArrayList<>();
        long longestPause = 0;
        long all = 0;
        for (Document row : counts.find().sort(Sorts.ascending("_id"))) {
            long number = row.getLong("_id");
            int half = number < HALF ? 0 : 1;
            if (number != next[half] || row.getLong("place") != (number % HALF) / KEYS + 1) {
                wrong.add(row.toJson());
            }
            next[half] = number + 1;
            all++;
        }
        assertThat(wrong).isEmpty();
        assertThat(all).isGreaterThan(10_000);
        List<Long> times = new ArrayList<>();
        counts.find().forEach(row -> times.add(row.getLong("at")));
        times.sort(Long::compare);
        for (int i = 1; i < times.size(); i++) {
            longestPause = Math.max(longestPause, times.get(i) - times.get(i - 1));
        }
        System.out.println(
                all + " numbers; longest time without a new one " + longestPause + " ms");
    }
}
