package org.aima.operate.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.aima.jobs.error.ConfigurationException;
import org.aima.jobs.error.ExitCode;
import org.aima.stores.EmbeddingRow;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class WorldLoaderTest {
    private static final String GOOD_ROW = "{\"embedding_id\":\"good\",\"embedding\":[1,0,0]}";
    private static final String GOOD_MEDIUM = "{\"media_id\":\"good\"}";

    @TempDir Path directory;
    private WorldFixture world;

    @BeforeEach
    void open() {
        world = new WorldFixture(directory);
    }

    static Stream<Arguments> badRows() {
        String id = "{\"embedding_id\":\"bad\",\"embedding\":";
        return Stream.of(
                Arguments.of("invalid_json", "{\"embedding_id\":"),
                Arguments.of("invalid_json", "[1,2,3]"),
                Arguments.of("invalid_json", id + "[1,0,0]} trailing"),
                Arguments.of("invalid_json", id + "[1,0,0]}{}"),
                Arguments.of("wrong_dimension", id + "[1,0]}"),
                Arguments.of("wrong_dimension", id + "[1,0,0,0]}"),
                Arguments.of("empty_vector", id + "[]}"),
                Arguments.of("null_vector", id + "null}"),
                Arguments.of("missing_vector", "{\"embedding_id\":\"bad\"}"),
                Arguments.of("wrong_type", id + "\"abc\"}"),
                Arguments.of("nan", id + "[1,NaN,0]}"),
                Arguments.of("nan", id + "[1,\"NaN\",0]}"),
                Arguments.of("infinite", id + "[1,Infinity,0]}"),
                Arguments.of("infinite", id + "[1,-Infinity,0]}"),
                Arguments.of("infinite", id + "[1,\"-Infinity\",0]}"),
                Arguments.of("infinite", id + "[1,1e39,0]}"),
                Arguments.of("invalid_vector", id + "[1,null,0]}"),
                Arguments.of("invalid_vector", id + "[1,\"2\",0]}"),
                Arguments.of("invalid_vector", id + "[1,[2],0]}"),
                Arguments.of("missing_id", "{\"embedding\":[1,0,0]}"),
                Arguments.of("missing_id", "{\"embedding_id\":null,\"embedding\":[1,0,0]}"),
                Arguments.of("empty_id", "{\"embedding_id\":\"\",\"embedding\":[1,0,0]}"),
                Arguments.of("wrong_type", "{\"embedding_id\":7,\"embedding\":[1,0,0]}"),
                Arguments.of(
                        "id_too_long",
                        "{\"embedding_id\":\"" + "ü".repeat(51) + "\",\"embedding\":[1,0,0]}"),
                Arguments.of(
                        "unusable_id", "{\"embedding_id\":\"a\\u0000b\",\"embedding\":[1,0,0]}"),
                Arguments.of("unusable_id", "{\"embedding_id\":\"\\ud800\",\"embedding\":[1,0,0]}"),
                Arguments.of("duplicate_id", GOOD_ROW),
                Arguments.of("wrong_type", id + "[1,0,0],\"confidence\":\"high\"}"),
                Arguments.of("wrong_type", id + "[1,0,0],\"timestamp\":1.5}"),
                Arguments.of("wrong_type", id + "[1,0,0],\"media_id\":[\"m\"]}"),
                Arguments.of("nan", id + "[1,0,0],\"confidence\":NaN}"),
                Arguments.of(
                        "field_too_long", id + "[1,0,0],\"media_id\":\"" + "m".repeat(101) + "\"}"),
                Arguments.of("invalid_partition", id + "[1,0,0],\"_partition\":\"a b\"}"));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("badRows")
    void rejectsABadRowAndLoadsTheRest(String reason, String line) throws IOException {
        world.file(
                "face_embeddings.ndjson",
                GOOD_ROW,
                line,
                "{\"embedding_id\":\"after\",\"embedding\":[0,1,0]}");

        LoadReport report = world.load();

        assertThat(report.total().read()).isEqualTo(3);
        assertThat(report.total().written()).isEqualTo(2);
        assertThat(report.total().reasons()).isEqualTo(Map.of(reason, 1L));
        assertThat(WorldFixture.count(world.embeddings, "face_embeddings")).isEqualTo(2);
        expectDeadLetter(report, reason, "face_embeddings.ndjson:2");
    }

    private void expectDeadLetter(LoadReport report, String reason, String source) {
        assertThat(world.all("dead_letters")).hasSize(1);
        BsonDocument letter = world.all("dead_letters").get(0);
        assertThat(letter.getString("run_id").getValue())
                .isEqualTo(report.runId())
                .matches("load-world-20261123T120000Z-[0-9a-f]{4}");
        assertThat(letter.getString("reason").getValue()).isEqualTo(reason);
        assertThat(letter.getString("source").getValue()).isEqualTo(source);
        assertThat(letter.getString("detail").getValue()).isNotEmpty();
        assertThat(letter.getString("payload").getValue().length()).isBetween(1, 2_000);
        assertThat(letter.containsKey("at")).isTrue();
    }

    static Stream<Arguments> badDocuments() {
        String deep = "[".repeat(101) + "]".repeat(101);
        return Stream.of(
                Arguments.of("invalid_json", "{\"media_id\": \"bad\""),
                Arguments.of("invalid_json", "\"media_id\""),
                Arguments.of("invalid_json", "{\"media_id\": \"bad\"} {}"),
                Arguments.of("invalid_json", "{\"media_id\": \"bad\", \"a\": {\"$oid\": \"x\"}}"),
                Arguments.of("missing_id", "{\"type\": \"video\"}"),
                Arguments.of("missing_id", "{\"media_id\": null}"),
                Arguments.of("empty_id", "{\"media_id\": \"\"}"),
                Arguments.of("wrong_type", "{\"media_id\": 5}"),
                Arguments.of("wrong_type", "{\"media_id\": {\"a\": 1}}"),
                Arguments.of("wrong_type", "{\"media_id\": \"bad\", \"type\": 1}"),
                Arguments.of("wrong_type", "{\"_id\": [1], \"media_id\": \"bad\"}"),
                Arguments.of("unusable_id", "{\"media_id\": \"a\\u0000\"}"),
                Arguments.of("duplicate_id", GOOD_MEDIUM),
                Arguments.of("duplicate_id", "{\"_id\": 1, \"media_id\": \"good\"}"),
                Arguments.of(
                        "duplicate_id",
                        "{\"_id\": {\"$oid\": \""
                                + DocumentLoad.derivedId("media_items", "good")
                                        .getValue()
                                        .toHexString()
                                + "\"}, \"media_id\": \"bad\"}"),
                Arguments.of("nested_too_deep", "{\"media_id\": \"bad\", \"a\": " + deep + "}"),
                Arguments.of(
                        "nested_too_deep",
                        "{\"media_id\": \"bad\", \"a\": "
                                + "[".repeat(50_000)
                                + "]".repeat(50_000)
                                + "}"),
                Arguments.of("invalid_field_name", "{\"media_id\": \"bad\", \"$a\": 1}"),
                Arguments.of("invalid_field_name", "{\"media_id\": \"bad\", \"a\\u0000\": 1}"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badDocuments")
    void rejectsABadDocumentAndLoadsTheRest(String reason, String line) throws IOException {
        world.file("media_items.ndjson", GOOD_MEDIUM, line, "{\"media_id\":\"after\"}");

        LoadReport report = world.load();

        assertThat(report.total().written()).isEqualTo(2);
        assertThat(report.total().reasons()).isEqualTo(Map.of(reason, 1L));
        assertThat(world.all("media_items")).hasSize(2);
        expectDeadLetter(report, reason, "media_items.ndjson:2");
    }

    @Test
    void rejectsADocumentAboveSixteenMegabytes() throws IOException {
        String most = "{\"media_id\":\"most\",\"a\":\"" + "x".repeat((16 << 20) - 100) + "\"}";
        String over = "{\"media_id\":\"over\",\"a\":\"" + "x".repeat(16 << 20) + "\"}";
        world.file("media_items.ndjson", over, most);

        LoadReport report = world.load();

        assertThat(report.total().written()).isEqualTo(1);
        expectDeadLetter(report, "oversized_document", "media_items.ndjson:1");
    }

    @Test
    void rejectsBytesThatAreNoText() throws IOException {
        Files.write(
                directory.resolve("media_items.ndjson"),
                new byte[] {'{', '"', 'm', (byte) 0xff, '"', ':', '1', '}', '\n'});

        expectDeadLetter(world.load(), "invalid_encoding", "media_items.ndjson:1");
    }

    @Test
    void loadsAwkwardButValidRows() throws IOException {
        world.file(
                "face_embeddings.ndjson",
                "{\"embedding_id\":\"say \\\"it's\\\"\\nnow\\\\\",\"embedding\":[1,0,0]}",
                "{\"embedding_id\":\"zero\",\"embedding\":[0,0,0]}",
                "",
                "{\"embedding_id\":\"extra\",\"embedding\":[1,0,0],\"colour\":\"red\"}");

        LoadReport report = world.load();

        assertThat(report.total().read()).isEqualTo(3);
        assertThat(report.total().written()).isEqualTo(3);
        assertThat(world.embeddings.get("face_embeddings", null, List.of("say \"it's\"\nnow\\")))
                .hasSize(1);
        assertThat(report.notes()).hasSize(1);
        assertThat(report.notes().get(0)).contains("colour").contains("1 lines");
    }

    @Test
    void loadingTwiceChangesNothingAndSaysSo() throws IOException {
        world.gzipped("media_items.ndjson.gz", GOOD_MEDIUM, "{\"media_id\":\"b\"}")
                .file("persons.ndjson", "{\"_id\":\"text id\",\"person_id\":\"p\"}")
                .file(
                        "face_embeddings.ndjson",
                        GOOD_ROW,
                        "{\"embedding_id\":\"p\",\"embedding\":[0,1,0],\"_partition\":\"video\"}");
        LoadReport first = world.load();
        List<BsonDocument> media = world.all("media_items");

        LoadReport second = world.load();

        assertThat(first.total().written()).isEqualTo(5);
        assertThat(second.total().written()).isZero();
        assertThat(second.total().unchanged()).isEqualTo(5);
        assertThat(world.all("media_items")).isEqualTo(media);
        assertThat(WorldFixture.count(world.embeddings, "face_embeddings")).isEqualTo(2);
    }

    @Test
    void writesOnlyWhatDiffers() throws IOException {
        world.file("media_items.ndjson", GOOD_MEDIUM, "{\"media_id\":\"b\"}")
                .file(
                        "face_embeddings.ndjson",
                        GOOD_ROW,
                        "{\"embedding_id\":\"b\",\"embedding\":[0,1,0]}")
                .load();
        world.file("media_items.ndjson", GOOD_MEDIUM, "{\"media_id\":\"b\",\"type\":\"audio\"}")
                .file(
                        "face_embeddings.ndjson",
                        GOOD_ROW,
                        "{\"embedding_id\":\"b\",\"embedding\":[0,1,0],\"person_id\":\"p\"}");

        LoadReport report = world.load();

        assertThat(report.total().written()).isEqualTo(2);
        assertThat(report.total().unchanged()).isEqualTo(2);
    }

    @Test
    void keepsTheIdOfAStoredDocumentAndDerivesOthers() throws IOException {
        world.file("persons.ndjson", "{\"_id\":\"own\",\"person_id\":\"p\"}").load();
        world.file(
                "persons.ndjson",
                "{\"person_id\":\"p\",\"temporary\":true}",
                "{\"person_id\":\"q\"}");

        world.load();

        assertThat(world.all("persons")).hasSize(2);
        assertThat(
                        world.documents
                                .findOne(
                                        "persons",
                                        new BsonDocument("person_id", new BsonString("p")))
                                .orElseThrow()
                                .get("_id"))
                .isEqualTo(new BsonString("own"));
        assertThat(
                        world.documents
                                .findOne(
                                        "persons",
                                        new BsonDocument("person_id", new BsonString("q")))
                                .orElseThrow()
                                .get("_id"))
                .isEqualTo(DocumentLoad.derivedId("persons", "q"));
    }

    @Test
    void aRowStaysInItsPartitionUnlessTheLineNamesAnother() throws IOException {
        world.embeddings.createPartition("face_embeddings", "video");
        world.embeddings.upsert(
                "face_embeddings",
                "video",
                List.of(new EmbeddingRow("good", new float[] {0, 0, 1}, Map.of())));
        world.file("face_embeddings.ndjson", GOOD_ROW).load();

        assertThat(WorldFixture.count(world.embeddings, "face_embeddings")).isEqualTo(1);
        assertThat(
                        world.embeddings
                                .get("face_embeddings", "video", List.of("good"))
                                .get(0)
                                .vector())
                .containsExactly(1, 0, 0);

        world.file(
                        "face_embeddings.ndjson",
                        "{\"embedding_id\":\"good\",\"embedding\":[1,0,0],\"_partition\":\"audio\"}")
                .load();

        assertThat(world.embeddings.get("face_embeddings", "audio", List.of("good"))).hasSize(1);
        assertThat(WorldFixture.count(world.embeddings, "face_embeddings")).isEqualTo(1);
    }

    @Test
    void refusesAWorldThatDoesNotFitBeforeWritingAnything() throws IOException {
        world.file("media_items.ndjson", GOOD_MEDIUM)
                .file("face_embeddings.ndjson", GOOD_ROW)
                .file("voice_embeddings.ndjson", GOOD_ROW)
                .file("world.json", "{\"dimensions\": {\"face_embeddings\": 512}}");

        ConfigurationException refused =
                catchThrowableOfType(() -> world.load(), ConfigurationException.class);

        assertThat(refused.exitCode()).isEqualTo(ExitCode.BAD_USAGE);
        assertThat(refused.problems()).hasSize(2);
        assertThat(refused)
                .hasMessageContaining("run: aima migrate")
                .hasMessageContaining("the collection takes 3");
        assertThat(world.all("media_items")).isEmpty();
    }

    @Test
    void refusesADirectoryWithTwoVersionsOfAFile() throws IOException {
        world.file("media_items.ndjson", GOOD_MEDIUM).gzipped("media_items.ndjson.gz", GOOD_MEDIUM);

        assertThat(catchThrowableOfType(() -> world.load(), ConfigurationException.class))
                .hasMessageContaining("twice");
    }

    @Test
    void cutsLinesThatWouldFillTheMemory() throws IOException {
        Files.write(
                directory.resolve("a.ndjson"),
                ("short\n" + "x".repeat(1_000_000) + "\n\n  \nend")
                        .getBytes(StandardCharsets.UTF_8));
        try (LineReader reader = LineReader.open(directory.resolve("a.ndjson"), 100)) {
            assertThat(reader.next()).isNotNull().matches(l -> !l.cut() && l.number() == 1);
            assertThat(reader.next())
                    .isNotNull()
                    .matches(l -> l.cut() && l.bytes().length == 100 && l.number() == 2);
            assertThat(reader.next()).isNotNull().matches(l -> !l.cut() && l.number() == 5);
            assertThat(reader.next()).isNull();
        }
    }

    @Test
    void remembersManyIds() {
        SeenIds ids = new SeenIds();
        for (int i = 0; i < 100_000; i++) {
            assertThat(ids.add("id " + i)).isTrue();
        }
        for (int i = 0; i < 100_000; i += 7) {
            assertThat(ids.add("id " + i)).isFalse();
        }
    }
}
