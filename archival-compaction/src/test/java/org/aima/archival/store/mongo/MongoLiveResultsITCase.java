package org.aima.archival.store.mongo;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.aima.archival.core.AwkwardDocuments;
import org.aima.archival.store.LiveResults.Fate;
import org.aima.stores.mongo.MongoConnections;
import org.aima.testkit.servers.RealStores;
import org.bson.BsonDocument;
import org.bson.Document;
import org.bson.RawBsonDocument;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Deletion while somebody else writes, on a real MongoDB. */
class MongoLiveResultsITCase {
    @RegisterExtension static final RealStores STORES = new RealStores();

    private static final int DOCUMENTS = 6_000;

    private final List<byte[]> archived = new ArrayList<>();

    @BeforeEach
    void fill() {
        List<BsonDocument> documents = new ArrayList<>();
        for (int i = 0; i < DOCUMENTS; i++) {
            documents.add(
                    AwkwardDocuments.result(
                            "r-%06d".formatted(i), "m", "face_detection", Instant.EPOCH));
        }
        try (MongoClient client = MongoConnections.open(STORES.mongo())) {
            results(client).drop();
            results(client).withDocumentClass(BsonDocument.class).insertMany(documents);
            Map<String, byte[]> stored = new HashMap<>();
            results(client)
                    .withDocumentClass(RawBsonDocument.class)
                    .find()
                    .forEach(
                            d ->
                                    stored.put(
                                            d.getString("result_id").getValue(),
                                            MongoLiveResults.bytes(d)));
            for (int i = 0; i < DOCUMENTS; i++) {
                archived.add(stored.get("r-%06d".formatted(i)));
            }
        }
    }

    private static MongoCollection<Document> results(MongoClient client) {
        return client.getDatabase(STORES.mongo().database())
                .getCollection(MongoLiveResults.RESULTS);
    }

    /** Changes documents at random until told to end; returns those it did change. */
    private static Set<Integer> change(Document update, AtomicBoolean over, int seed) {
        Random random = new Random(seed);
        Set<Integer> changed = new HashSet<>();
        try (MongoClient client = MongoConnections.open(STORES.mongo())) {
            while (!over.get()) {
                int i = random.nextInt(DOCUMENTS);
                if (results(client)
                                .updateOne(new Document("result_id", "r-%06d".formatted(i)), update)
                                .getMatchedCount()
                        > 0) {
                    changed.add(i);
                }
            }
        }
        return changed;
    }

    @Test
    void aDocumentThatWasChangedMeanwhileStays() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService writers = Executors.newFixedThreadPool(2);
        Set<Integer> changed = new HashSet<>();
        List<Fate> fates;
        try (MongoLiveResults live = new MongoLiveResults(STORES.mongo());
                MongoClient client = MongoConnections.open(STORES.mongo())) {
            // Without an index each change would take as long as a batch of deletions.
            results(client).createIndex(new Document("result_id", 1));
            List<Future<Set<Integer>>> running =
                    List.of(
                            writers.submit(
                                    () ->
                                            change(
                                                    new Document(
                                                            "$set",
                                                            new Document("confidence", 0.75)),
                                                    over,
                                                    1)),
                            // Equal as a number, not as a document.
                            writers.submit(
                                    () ->
                                            change(
                                                    new Document(
                                                            "$set",
                                                            new Document("metadata.int32", 7L)),
                                                    over,
                                                    2)));
            fates = live.deleteUnchanged(archived);
            over.set(true);
            for (Future<Set<Integer>> writer : running) {
                changed.addAll(writer.get());
            }
            Set<String> left =
                    results(client).distinct("result_id", String.class).into(new HashSet<>());
            assertThat(changed).isNotEmpty();
            for (int i = 0; i < DOCUMENTS; i++) {
                String id = "r-%06d".formatted(i);
                assertThat(left.contains(id)).as(id).isEqualTo(changed.contains(i));
                assertThat(fates.get(i))
                        .as(id)
                        .isEqualTo(changed.contains(i) ? Fate.CHANGED : Fate.DELETED);
            }
            assertThat(live.deleteUnchanged(archived))
                    .allMatch(f -> f == Fate.GONE || f == Fate.CHANGED);
        } finally {
            over.set(true);
            writers.shutdownNow();
        }
    }
}
