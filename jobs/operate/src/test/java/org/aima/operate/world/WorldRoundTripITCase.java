package org.aima.operate.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.aima.operate.progress.ProgressListener;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.milvus.MilvusEmbeddingStore;
import org.aima.stores.mongo.MongoDocumentStore;
import org.aima.testkit.servers.RealStores;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class WorldRoundTripITCase {
    @RegisterExtension static final RealStores STORES = new RealStores();

    @TempDir Path directory;
    private MongoDocumentStore documents;
    private MilvusEmbeddingStore embeddings;

    @BeforeEach
    void open() {
        documents = new MongoDocumentStore(STORES.mongo());
        embeddings = new MilvusEmbeddingStore(STORES.milvus());
        reset();
    }

    private void reset() {
        documents.database().drop();
        documents
                .database()
                .getCollection("persons")
                .createIndex(
                        new Document("person_id", 1),
                        new com.mongodb.client.model.IndexOptions().unique(true));
        for (String base : List.of("face_embeddings", "voice_embeddings")) {
            String name = STORES.collection(base);
            embeddings.dropCollection(name);
            embeddings.createCollection(
                    WorldFixture.schema(name, base.startsWith("face") ? 512 : 256));
            embeddings.createIndex(
                    name,
                    new EmbeddingSchema.Index(
                            "embedding",
                            "HNSW",
                            "COSINE",
                            Map.of("M", "16", "efConstruction", "200")));
            embeddings.load(name);
        }
    }

    @AfterEach
    void close() {
        documents.close();
        embeddings.close();
    }

    private LoadReport load(Path world) {
        return new WorldLoader(documents, embeddings, Clock.systemUTC())
                .load(world, ProgressListener.SILENT);
    }

    private Path dump(String name) {
        Path out = directory.resolve(name);
        new WorldDumper(
                        documents,
                        embeddings,
                        List.of(
                                STORES.collection("face_embeddings"),
                                STORES.collection("voice_embeddings")))
                .dump(out, ProgressListener.SILENT);
        return out;
    }

    /** A generated world whose files carry the collection names of this class. */
    private Path world(double poison) throws IOException {
        Path world = directory.resolve("world");
        new WorldGenerator(
                        new GeneratorOptions(
                                60, 1_500, 300, 30, 2_000, 5, 11, poison, null, null, ""))
                .generate(world, ProgressListener.SILENT);
        for (String base : List.of("face_embeddings", "voice_embeddings")) {
            Files.move(
                    world.resolve(base + ".ndjson"),
                    world.resolve(STORES.collection(base) + ".ndjson"));
        }
        Files.delete(world.resolve("world.json"));
        return world;
    }

    private static void expectSum(LoadReport report) {
        for (LoadReport.FileCount file : report.files()) {
            assertThat(file.read())
                    .as(file.file())
                    .isEqualTo(file.written() + file.unchanged() + file.rejected());
        }
    }

    @Test
    void loadsTwiceDumpsAndLoadsAgain() throws IOException {
        Path world = world(0.05);
        String faces = STORES.collection("face_embeddings");

        LoadReport first = load(world);
        LoadReport second = load(world);

        expectSum(first);
        expectSum(second);
        assertThat(first.total().unchanged()).isZero();
        assertThat(first.total().rejected()).isBetween(40L, 120L);
        assertThat(second.total().written()).isZero();
        assertThat(second.total().unchanged()).isEqualTo(first.total().written());
        assertThat(second.total().reasons()).isEqualTo(first.total().reasons());
        for (LoadReport report : List.of(first, second)) {
            assertThat(
                            documents.count(
                                    "dead_letters",
                                    new BsonDocument("run_id", new BsonString(report.runId()))))
                    .isEqualTo(report.total().rejected());
        }
        long rows = embeddings.count(faces, null, null);
        assertThat(rows)
                .isEqualTo(
                        first.files().stream()
                                .filter(f -> f.collection().equals(faces))
                                .mapToLong(LoadReport.FileCount::written)
                                .sum());

        Path dumped = dump("dumped");
        assertThat(load(dumped).total().written()).isZero();
        reset();
        LoadReport again = load(dumped);
        Path redumped = dump("redumped");

        assertThat(again.total().written()).isEqualTo(first.total().written());
        assertThat(again.total().rejected()).isZero();
        for (String file :
                List.of(
                        "media_items.ndjson.gz",
                        "analysis_results.ndjson.gz",
                        "dossiers.ndjson.gz",
                        faces + ".ndjson.gz",
                        STORES.collection("voice_embeddings") + ".ndjson.gz")) {
            assertThat(Files.mismatch(dumped.resolve(file), redumped.resolve(file)))
                    .as(file)
                    .isEqualTo(-1);
        }
    }

    @Test
    void evaluatesWhatWasLoaded() throws IOException {
        Path world = world(0);
        load(world);

        Evaluator.Report report =
                new Evaluator(embeddings)
                        .evaluate(
                                STORES.collection("face_embeddings"),
                                world.resolve("labels.csv"),
                                ProgressListener.SILENT);

        assertThat(report.vectors()).isEqualTo(1_500);
        assertThat(report.withoutLabel()).isZero();
        assertThat(report.withoutPerson()).isEqualTo(1_500);
        assertThat(report.labelsWithoutRow()).isEqualTo(300);
        assertThat(report.scores().pairwise().precision()).isEqualTo(1);
    }

    @Test
    void rejectsWhatTheServerRefusesAndLoadsTheRest() throws IOException {
        Path world = Files.createDirectory(directory.resolve("refused"));
        Files.write(
                world.resolve("persons.ndjson"),
                List.of(
                        "{\"_id\":1,\"person_id\":\"a\"}",
                        "{\"_id\":2,\"person_id\":\"b\"}",
                        "{\"person_id\":\"c\"}"));
        load(world);
        Files.write(
                world.resolve("persons.ndjson"),
                List.of(
                        "{\"_id\":3,\"person_id\":\"a\"}",
                        "{\"_id\":2,\"person_id\":\"b\",\"temporary\":true}",
                        "{\"person_id\":\"c\"}"));

        LoadReport report = load(world);

        expectSum(report);
        assertThat(report.total().written()).isEqualTo(1);
        assertThat(report.total().unchanged()).isEqualTo(1);
        assertThat(report.total().reasons()).isEqualTo(Map.of("refused_by_store", 1L));
    }

    @Test
    void keepsRowsInTheirPartitions() throws IOException {
        String faces = STORES.collection("face_embeddings");
        Path world = Files.createDirectory(directory.resolve("partitions"));
        String vector = "[" + "0.5,".repeat(511) + "-0.25]";
        String moved = "{\"embedding_id\":\"a\",\"embedding\":" + vector;
        Files.write(
                world.resolve(faces + ".ndjson"),
                List.of(
                        moved + ",\"_partition\":\"video_2026_01\"}",
                        "{\"embedding_id\":\"b\",\"embedding\":" + vector + "}"));
        assertThat(load(world).total().written()).isEqualTo(2);
        assertThat(load(world).total().unchanged()).isEqualTo(2);

        // Without a partition it stays where it is.
        Files.write(world.resolve(faces + ".ndjson"), List.of(moved + ",\"person_id\":\"p\"}"));
        assertThat(load(world).total().written()).isEqualTo(1);
        assertThat(load(world).total().unchanged()).isEqualTo(1);
        assertThat(embeddings.get(faces, "video_2026_01", List.of("a")))
                .singleElement()
                .matches(r -> r.text("person_id").equals("p"));

        Files.write(
                world.resolve(faces + ".ndjson"),
                List.of(moved + ",\"_partition\":\"audio_2026_01\"}"));
        assertThat(load(world).total().written()).isEqualTo(1);

        assertThat(embeddings.get(faces, "audio_2026_01", List.of("a"))).hasSize(1);
        assertThat(embeddings.get(faces, "video_2026_01", List.of("a"))).isEmpty();
        assertThat(embeddings.get(faces, "_default", List.of("b"))).hasSize(1);
        assertThat(embeddings.get(faces, null, List.of("a", "b"))).hasSize(2);
    }
}
