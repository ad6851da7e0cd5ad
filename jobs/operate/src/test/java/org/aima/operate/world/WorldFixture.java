package org.aima.operate.world;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.aima.operate.progress.ProgressListener;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.EmbeddingSchema.Field;
import org.aima.stores.EmbeddingSchema.Type;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.memory.InMemoryDocumentStore;
import org.aima.stores.memory.InMemoryEmbeddingStore;
import org.aima.stores.mongo.MongoKeys;
import org.aima.stores.paging.KeyRange;
import org.bson.BsonDocument;

/** Stores in memory and the files to load into them. */
final class WorldFixture {
    static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-23T12:00:00Z"), ZoneOffset.UTC);

    final InMemoryDocumentStore documents = new InMemoryDocumentStore();
    final InMemoryEmbeddingStore embeddings = new InMemoryEmbeddingStore();
    final Path directory;

    WorldFixture(Path directory) {
        this.directory = directory;
        embeddings.createCollection(schema("face_embeddings", 3));
    }

    static EmbeddingSchema schema(String collection, int dimension) {
        return new EmbeddingSchema(
                collection,
                List.of(
                        new Field("embedding_id", Type.VARCHAR, 100, 0, true, false),
                        new Field("embedding", Type.FLOAT_VECTOR, 0, dimension, false, false),
                        new Field("person_id", Type.VARCHAR, 100, 0, false, false),
                        new Field("media_id", Type.VARCHAR, 100, 0, false, false),
                        new Field("result_id", Type.VARCHAR, 100, 0, false, false),
                        new Field("confidence", Type.FLOAT, 0, 0, false, false),
                        new Field("timestamp", Type.INT64, 0, 0, false, false)),
                1);
    }

    WorldFixture file(String name, String... lines) throws IOException {
        Files.write(directory.resolve(name), List.of(lines));
        return this;
    }

    WorldFixture gzipped(String name, String... lines) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
        }
        Files.write(directory.resolve(name), bytes.toByteArray());
        return this;
    }

    LoadReport load() {
        return load(directory);
    }

    LoadReport load(Path from) {
        return new WorldLoader(documents, embeddings, CLOCK).load(from, ProgressListener.SILENT);
    }

    List<BsonDocument> all(String collection) {
        List<BsonDocument> found = new ArrayList<>();
        for (String scope : List.of(MongoKeys.OBJECT_IDS, MongoKeys.OTHER_TYPES)) {
            found.addAll(
                    documents.page(
                            collection,
                            new BsonDocument(),
                            new KeyRange(scope, null, null),
                            Integer.MAX_VALUE));
        }
        return found;
    }

    static long count(EmbeddingStore store, String collection) {
        return store.count(collection, null, null);
    }
}
