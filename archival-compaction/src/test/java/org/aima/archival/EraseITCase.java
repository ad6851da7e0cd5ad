package org.aima.archival;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.aima.archival.core.ArchivedFile;
import org.aima.archival.function.CrashHook;
import org.aima.archival.store.ArchiveStore;
import org.aima.archival.store.mongo.MongoLiveResults;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.EmbeddingSchema.Field;
import org.aima.stores.EmbeddingSchema.Index;
import org.aima.stores.EmbeddingSchema.Type;
import org.aima.stores.milvus.MilvusEmbeddingStore;
import org.aima.testkit.flink.MiniCluster;
import org.aima.testkit.servers.RealStores;
import org.bson.Document;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** An erased person is nowhere any more, and does not come back. */
class EraseITCase {
    @RegisterExtension static final RealStores STORES = new RealStores();
    @RegisterExtension static final MiniCluster CLUSTER = new MiniCluster();

    private static final String PERSON = "person-5f0c7a52-erase-me";
    private static final String OTHER = "person-8b1d-stays";
    private static final String FACES = "face_embeddings";
    private static final int DIMENSION = 8;

    @TempDir Path directory;

    private ArchiveWorld world;
    private String exports;
    private Set<String> own;

    @BeforeEach
    void fill() throws Exception {
        world = new ArchiveWorld(STORES, "erase", directory).fill(1_000);
        exports = STORES.bucket("exports");
        own = new LinkedHashSet<>();
        List<Document> appearances = new java.util.ArrayList<>();
        // Results of few media, old and young: only some files hold them.
        for (int medium : new int[] {3, 12, 30}) {
            List<String> ids = new java.util.ArrayList<>();
            for (int i = medium * 20; i < medium * 20 + 20; i += 5) {
                ids.add("r-%06d".formatted(i));
            }
            own.addAll(ids);
            appearances.add(
                    new Document("media_id", "m-%04d".formatted(medium)).append("result_ids", ids));
        }
        world.collection("persons")
                .insertMany(
                        List.of(
                                new Document("person_id", PERSON)
                                        .append("appearances", appearances),
                                new Document("person_id", OTHER)
                                        .append(
                                                "appearances",
                                                List.of(
                                                        new Document("media_id", "m-0004")
                                                                .append(
                                                                        "result_ids",
                                                                        List.of("r-000080"))))));
        world.collection("dossiers")
                .insertOne(
                        new Document("dossier_id", "dossier-1")
                                .append("media_items", List.of("m-0003"))
                                .append(
                                        "persons",
                                        List.of(
                                                new Document("person_id", PERSON),
                                                new Document("person_id", OTHER)))
                                .append("events", List.of()));
        try (MilvusEmbeddingStore milvus = new MilvusEmbeddingStore(STORES.milvus())) {
            milvus.dropCollection(FACES);
            milvus.createCollection(
                    new EmbeddingSchema(
                            FACES,
                            List.of(
                                    new Field("embedding_id", Type.VARCHAR, 100, 0, true, false),
                                    new Field(
                                            "embedding",
                                            Type.FLOAT_VECTOR,
                                            0,
                                            DIMENSION,
                                            false,
                                            false),
                                    new Field("person_id", Type.VARCHAR, 100, 0, false, false),
                                    new Field("media_id", Type.VARCHAR, 100, 0, false, false),
                                    new Field("result_id", Type.VARCHAR, 100, 0, false, false)),
                            1));
            milvus.createIndex(
                    FACES,
                    new Index(
                            "embedding",
                            "HNSW",
                            "COSINE",
                            Map.of("M", "16", "efConstruction", "200")));
            milvus.load(FACES);
            milvus.upsert(
                    FACES,
                    "_default",
                    List.of(
                            row("e-1", PERSON, "m-0003", "r-000060"),
                            row("e-2", "", "m-0012", "r-000240"),
                            row("e-3", OTHER, "m-0004", "r-000080")));
        }
        try (ArchiveStore archive = world.archive()) {
            archive.objects().createBucket(exports);
            archive.objects()
                    .put(
                            exports,
                            "dossier-1/t/json/a.json",
                            PERSON.getBytes(StandardCharsets.UTF_8));
            archive.objects()
                    .put(
                            exports,
                            "dossier-9/t/json/a.json",
                            "nobody".getBytes(StandardCharsets.UTF_8));
        }
    }

    private static EmbeddingRow row(String id, String person, String media, String result) {
        float[] vector = new float[DIMENSION];
        vector[0] = 1;
        vector[1] = id.hashCode() % 7;
        return new EmbeddingRow(
                id, vector, Map.of("person_id", person, "media_id", media, "result_id", result));
    }

    private String[] arguments(String... more) {
        List<String> all =
                new java.util.ArrayList<>(
                        List.of(
                                "milvus.uri=" + STORES.milvus().uri(),
                                "archive.exports-bucket=" + exports));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    @Test
    void aPersonVanishesFromEveryPlaceAndDoesNotComeBack() throws Exception {
        world.run(new ArchiveAction(), "run-1");
        Set<String> archivedOwn = new HashSet<>(own);
        archivedOwn.retainAll(world.old().keySet());
        assertThat(archivedOwn).isNotEmpty();
        assertThat(world.live().keySet()).containsAnyElementsOf(own);
        Map<String, ArchivedFile> before = files();
        // A young result of hers is archived, restored and so in both places.
        world.run(
                new RestoreAction(),
                "restore-0",
                "result_id=" + archivedOwn.iterator().next(),
                "cutoff=-");

        for (int point :
                new int[] {
                    CrashHook.ERASE_AFTER_TOMBSTONES,
                    CrashHook.REWRITE_AFTER_COMMIT,
                    CrashHook.ERASE_BETWEEN_PLACES
                }) {
            world.crashAt(point);
            assertThatThrownBy(
                            () ->
                                    world.run(
                                            new EraseAction(),
                                            "erase-1",
                                            arguments("person_id=" + PERSON, "cutoff=-")))
                    .hasStackTraceContaining("crash hook at point " + point);
        }
        world.beginLedger("erase-1");
        world.run(new EraseAction(), "erase-1", arguments("person_id=" + PERSON, "cutoff=-"));

        Map<String, String> expected = new TreeMap<>(world.old());
        expected.keySet().removeAll(own);
        assertThat(world.archived()).isEqualTo(expected);
        assertThat(world.live().keySet()).doesNotContainAnyElementsOf(own);
        assertThat(world.live())
                .hasSize(world.originals().size() - world.old().size() - (int) ownYoung());
        assertThat(world.summarised()).isEqualTo(expected.size());
        assertThat(world.collection("persons").countDocuments(new Document("person_id", PERSON)))
                .isZero();
        assertThat(world.collection("persons").countDocuments(new Document("person_id", OTHER)))
                .isOne();
        Document dossier = world.collection("dossiers").find().first();
        assertThat(dossier.getList("persons", Document.class))
                .extracting(d -> d.getString("person_id"))
                .containsExactly(OTHER);
        try (MilvusEmbeddingStore milvus = new MilvusEmbeddingStore(STORES.milvus())) {
            assertThat(milvus.get(FACES, null, List.of("e-1", "e-2", "e-3")))
                    .extracting(EmbeddingRow::id)
                    .containsExactly("e-3");
        }
        try (ArchiveStore archive = world.archive()) {
            assertThat(archive.objects().list(exports, ""))
                    .containsExactly("dossier-9/t/json/a.json");
        }
        untouchedFilesAreTheSame(before);
        noByteOfTheBucketNamesHer();

        // She does not come back, by whatever name she is asked for.
        Map<String, String> live = world.live();
        world.run(new RestoreAction(), "restore-1", "person_id=" + PERSON, "cutoff=-");
        world.run(
                new RestoreAction(), "restore-2", "result_id=" + String.join(",", own), "cutoff=-");
        assertThat(world.live()).isEqualTo(live);
        assertThat(world.collection(MongoLiveResults.TOMBSTONES).countDocuments())
                .isGreaterThanOrEqualTo(1 + own.size());
    }

    private long ownYoung() {
        return own.stream().filter(id -> !world.old().containsKey(id)).count();
    }

    private Map<String, ArchivedFile> files() {
        Map<String, ArchivedFile> files = new TreeMap<>();
        try (ArchiveStore archive = world.archive()) {
            archive.chain().live().forEach(f -> files.put(f.key(), f));
        }
        return files;
    }

    private void untouchedFilesAreTheSame(Map<String, ArchivedFile> before) {
        Map<String, ArchivedFile> after = files();
        long same = before.keySet().stream().filter(after::containsKey).count();
        // Twelve results of four types lie in a handful of the files.
        assertThat(same).isGreaterThan(before.size() / 2);
        assertThat(same).isLessThan(before.size());
    }

    private void noByteOfTheBucketNamesHer() throws Exception {
        try (ArchiveStore archive = world.archive()) {
            Path local = Files.createTempFile("scan", ".bin");
            for (var version : archive.objects().versions(world.bucket(), "")) {
                assertThat(archive.objects().download(world.bucket(), version.key(), local))
                        .isTrue();
                String bytes = Files.readString(local, StandardCharsets.ISO_8859_1);
                assertThat(bytes).as(version.key()).doesNotContain(PERSON);
                for (String id : own) {
                    assertThat(bytes).as(version.key()).doesNotContain(id);
                }
            }
            Files.delete(local);
        }
    }
}
