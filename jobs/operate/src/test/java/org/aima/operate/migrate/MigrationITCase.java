package org.aima.operate.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.ExitCode;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.milvus.MilvusEmbeddingStore;
import org.aima.stores.mongo.MongoDocumentStore;
import org.aima.stores.s3.S3ObjectStore;
import org.aima.testkit.servers.RealStores;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class MigrationITCase {
    @RegisterExtension static final RealStores STORES = new RealStores();

    @TempDir Path directory;
    private MongoDocumentStore documents;

    @BeforeEach
    void open() {
        documents = new MongoDocumentStore(STORES.mongo());
        documents.database().drop();
    }

    @AfterEach
    void close() {
        documents.close();
    }

    private MongoDatabase database() {
        return documents.database();
    }

    private MigrationReport run(boolean dryRun) {
        try (MigrationTargets targets =
                new MigrationTargets(
                        this::database,
                        () -> new MilvusEmbeddingStore(STORES.milvus()),
                        () -> new S3ObjectStore(STORES.s3()))) {
            MigrationRunner runner =
                    new MigrationRunner(
                            new MongoMigrationLedger(database(), Clock.systemUTC()),
                            targets,
                            line -> {});
            List<Migration> migrations = MigrationFile.readAll(directory, Map.of());
            return dryRun
                    ? runner.plan(migrations, Integer.MAX_VALUE)
                    : runner.run(migrations, Integer.MAX_VALUE);
        }
    }

    /** The shipped migration with names of this class, for servers may be shared. */
    private void copyShippedMigration() throws IOException {
        String text =
                Files.readString(
                        DataModelMigrationTest.directory().resolve("0001-data-model.yaml"));
        Matcher collections = Pattern.compile("collection: (\\w+_embeddings)").matcher(text);
        text = collections.replaceAll(m -> "collection: " + STORES.collection(m.group(1)));
        Matcher buckets = Pattern.compile("bucket: ([a-z-]+)}").matcher(text);
        text = buckets.replaceAll(m -> "bucket: " + STORES.bucket(m.group(1)) + "}");
        text =
                text.replace(
                        "\"${env:AIMA_ARCHIVE_BUCKET:-aima-archive}\"", STORES.bucket("archive"));
        Files.writeString(directory.resolve("0001.yaml"), text);
    }

    @Test
    void theShippedMigrationMakesTheDataModel() throws IOException {
        copyShippedMigration();

        MigrationReport report = run(false);

        assertThat(report.toVersion()).isEqualTo(1);
        for (DataModelTable.Index wanted : DataModelTable.indexes()) {
            List<BsonDocument> found =
                    database()
                            .getCollection(wanted.collection(), BsonDocument.class)
                            .listIndexes(BsonDocument.class)
                            .into(new ArrayList<>());
            assertThat(found)
                    .as("%s", wanted)
                    .anyMatch(
                            index ->
                                    index.getDocument("key").toJson().equals(wanted.keys())
                                            && index.containsKey("unique") == wanted.unique());
        }
        try (MilvusEmbeddingStore vectors = new MilvusEmbeddingStore(STORES.milvus());
                S3ObjectStore objects = new S3ObjectStore(STORES.s3())) {
            for (String base : DataModelTable.embeddings().keySet()) {
                String collection = STORES.collection(base);
                assertThat(vectors.indexes(collection).get("embedding"))
                        .isEqualTo(
                                new EmbeddingSchema.Index(
                                        "embedding",
                                        "HNSW",
                                        "COSINE",
                                        Map.of("M", "16", "efConstruction", "200")));
                // Only a loaded collection can be counted.
                assertThat(vectors.count(collection, null, null)).isZero();
            }
            assertThat(objects.bucketExists(STORES.bucket("exports"))).isTrue();
            assertThat(objects.bucketExists(STORES.bucket("archive"))).isTrue();
        }
        Document current =
                database()
                        .getCollection("system_migrations")
                        .find(Filters.eq("_id", "current_version"))
                        .first();
        assertThat(current).containsEntry("version", 1).containsKey("updated_at");
        assertThat(logs(1)).hasSize(1);
        assertThat(logs(1).get(0)).containsEntry("success", true).doesNotContainKey("error");

        assertThat(run(false).executed()).isEmpty();
        assertThat(logs(1)).hasSize(1);

        // Repeated from the start, as after a crash just before the version was written.
        database().getCollection("system_migrations").drop();
        assertThat(run(false).executed()).hasSize(1);
    }

    private List<Document> logs(int version) {
        return database()
                .getCollection("system_migrations")
                .find(
                        Filters.and(
                                Filters.eq("version", version),
                                Filters.ne("_id", "current_version")))
                .sort(new BsonDocument("executed_at", new BsonInt32(1)))
                .into(new ArrayList<>());
    }

    private void write(int version, String operations) throws IOException {
        Files.writeString(
                directory.resolve("%04d.yaml".formatted(version)),
                "version: %d\ndescription: number %d\ntype: mongodb\noperations:\n%s\n"
                        .formatted(version, version, operations));
    }

    @Test
    void aFailingStepStopsIsLoggedLeavesTheVersionAndTheNextRunGoesOn() throws IOException {
        database().getCollection("things").insertOne(new Document("name", "same"));
        database().getCollection("things").insertOne(new Document("name", "same"));
        write(1, "  - {action: create_index, collection: things, index_spec: {a: 1}}");
        write(
                2,
                """
                  - {action: create_index, collection: things, index_spec: {b: 1}}
                  - {action: create_index, collection: things, index_spec: {name: 1}, index_options: {unique: true}}
                """);
        write(
                3,
                "  - {action: rename_field, collection: things, old_field: name, new_field: title}");

        AimaException failure = catchThrowableOfType(() -> run(false), AimaException.class);

        assertThat(failure.exitCode()).isEqualTo(ExitCode.FAILED);
        assertThat(failure).hasMessageContaining("0002.yaml").hasMessageContaining("things.name_1");
        assertThat(new MongoMigrationLedger(database(), Clock.systemUTC()).version()).isEqualTo(1);
        assertThat(logs(2)).hasSize(1);
        assertThat(logs(2).get(0)).containsEntry("success", false).containsKey("error");
        assertThat(logs(3)).isEmpty();
        assertThat(database().getCollection("things").countDocuments(Filters.exists("name")))
                .isEqualTo(2);

        database().getCollection("things").deleteOne(Filters.eq("name", "same"));
        MigrationReport next = run(false);

        assertThat(next.fromVersion()).isEqualTo(1);
        assertThat(next.toVersion()).isEqualTo(3);
        assertThat(logs(2)).hasSize(2);
        assertThat(logs(2).get(1)).containsEntry("success", true);
        assertThat(database().getCollection("things").countDocuments(Filters.exists("title")))
                .isEqualTo(1);
    }

    @Test
    void everyMongoActionCanBeRepeated() throws IOException {
        database().getCollection("things").insertOne(new Document("old", 1).append("n", 1));
        String operations =
                """
                  - {action: create_collection, collection: things}
                  - {action: create_index, collection: things, index_spec: {n: -1}, index_options: {unique: true}}
                  - {action: update_documents, collection: things, filter: {}, update: {$set: {n: 5}}, multi: true}
                  - {action: update_documents, collection: things, filter: {n: 5}, update: [{$set: {m: {$add: [$n, 1]}}}], multi: true}
                  - {action: rename_field, collection: things, old_field: old, new_field: new}
                  - {action: drop_index, collection: things, index_name: n_-1}
                  - {action: drop_index, collection: nowhere, index_name: n_-1}
                """;
        write(1, operations);
        run(false);
        Document once = database().getCollection("things").find().first();
        assertThat(once).containsEntry("n", 5).containsEntry("m", 6).containsEntry("new", 1);

        write(2, operations);
        assertThat(run(false).executed()).hasSize(1);

        assertThat(database().getCollection("things").find().first()).isEqualTo(once);
    }

    @Test
    void aDryRunTouchesNothingAtAll() throws IOException {
        copyShippedMigration();
        String untouched = STORES.collection("untouched_embeddings");
        String bucket = STORES.bucket("untouched");
        Files.writeString(
                directory.resolve("0002.yaml"),
                """
                version: 2
                description: more
                parts:
                  - type: vector_db
                    operations: [{action: create_collection, collection: %s, dimension: 4}]
                  - type: object_storage
                    operations: [{action: create_bucket, bucket: %s}]
                """
                        .formatted(untouched, bucket));

        MigrationReport report = run(true);

        assertThat(report.toVersion()).isEqualTo(2);
        assertThat(database().listCollectionNames().into(new ArrayList<>())).isEmpty();
        try (MilvusEmbeddingStore vectors = new MilvusEmbeddingStore(STORES.milvus());
                S3ObjectStore objects = new S3ObjectStore(STORES.s3())) {
            assertThat(vectors.describe(untouched)).isEmpty();
            assertThat(objects.bucketExists(bucket)).isFalse();
        }
    }

    @Test
    void aSecondRunnerIsRefusedUntilTheHolderIsGone() throws IOException {
        write(1, "  - {action: create_collection, collection: things}");
        MongoMigrationLedger other = new MongoMigrationLedger(database(), Clock.systemUTC());
        try (MigrationLedger.Lock held = other.lock()) {
            held.check();
            AimaException refused = catchThrowableOfType(() -> run(false), AimaException.class);
            assertThat(refused.exitCode()).isEqualTo(ExitCode.REFUSED);
            assertThat(refused).hasMessageContaining(Long.toString(ProcessHandle.current().pid()));
        }
        // A holder that died an hour ago.
        new MongoMigrationLedger(database(), Clock.offset(Clock.systemUTC(), Duration.ofHours(-1)))
                .lock();

        assertThat(run(false).toVersion()).isEqualTo(1);
    }
}
