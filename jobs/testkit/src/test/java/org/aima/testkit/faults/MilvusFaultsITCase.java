package org.aima.testkit.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.aima.jobs.error.Failure;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.EmbeddingSchema.Field;
import org.aima.stores.EmbeddingSchema.Index;
import org.aima.stores.EmbeddingSchema.Type;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.Retry;
import org.aima.stores.StoreException;
import org.aima.stores.milvus.MilvusEmbeddingStore;
import org.aima.testkit.servers.RealStores;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the Milvus adapter makes of a network that fails: proven with a real server behind it. */
class MilvusFaultsITCase {
    @RegisterExtension static final RealStores STORES = new RealStores();
    private static final Duration DEADLINE = Duration.ofSeconds(30);
    private static final Retry SHORT = new Retry(3, Duration.ofMillis(20), Duration.ofMillis(50));
    private static EmbeddingStore direct;
    private static String collection;

    private FaultProxy proxy;
    private EmbeddingStore store;

    @BeforeAll
    static void create() {
        direct = new MilvusEmbeddingStore(STORES.milvus());
        collection = STORES.collection("faults");
        direct.createCollection(
                new EmbeddingSchema(
                        collection,
                        List.of(
                                new Field("id", Type.VARCHAR, 64, 0, true, false),
                                new Field("embedding", Type.FLOAT_VECTOR, 0, 2, false, false)),
                        1));
        direct.createIndex(collection, new Index("embedding", "FLAT", "COSINE", Map.of()));
        direct.load(collection);
    }

    @AfterAll
    static void closeDirect() {
        direct.close();
    }

    @BeforeEach
    void connect() {
        proxy = FaultProxy.before(STORES.milvusServer());
        store = new MilvusEmbeddingStore(STORES.milvusThrough(proxy, DEADLINE), SHORT);
        store.describe(collection);
    }

    @AfterEach
    void disconnect() {
        proxy.pass();
        store.close();
        proxy.close();
    }

    private static List<EmbeddingRow> rows(String prefix) {
        return List.of(
                new EmbeddingRow(prefix + "1", new float[] {1, 2}, new HashMap<>()),
                new EmbeddingRow(prefix + "2", new float[] {3, 4}, new HashMap<>()));
    }

    private static void assertStoredOnce(String prefix) {
        assertThat(direct.get(collection, "_default", List.of(prefix + "1", prefix + "2")))
                .extracting(EmbeddingRow::id)
                .containsExactlyInAnyOrder(prefix + "1", prefix + "2");
        // count(*) would show a second copy that a query hides.
        assertThat(
                        direct.count(
                                collection,
                                "_default",
                                new org.aima.stores.paging.KeyRange("", prefix, prefix + "~")))
                .isEqualTo(2);
    }

    @Test
    @Timeout(120)
    void resetConnectionIsRetried() {
        int before = proxy.connections();
        proxy.resetConnections();
        store.upsert(collection, "_default", rows("reset"));
        assertStoredOnce("reset");
        assertThat(proxy.connections()).isGreaterThan(before);
    }

    @Test
    @Timeout(120)
    void lostReplyOfAnUpsertIsRetriedToTheSameEndState() throws Exception {
        store.count(collection, "_default", null);
        int before = proxy.connections();
        proxy.swallowReplies();
        CompletableFuture<Void> write =
                CompletableFuture.runAsync(
                        () -> store.upsert(collection, "_default", rows("lost")));
        // The server has applied the write as soon as a direct, strong read shows it.
        while (direct.get(collection, "_default", List.of("lost2")).isEmpty()) {
            assertThat(write).isNotCompletedExceptionally();
        }
        assertThat(write).isNotDone();
        proxy.pass();
        proxy.resetConnections();
        write.get(60, TimeUnit.SECONDS);
        assertThat(proxy.connections()).isGreaterThan(before);
        assertStoredOnce("lost");
    }

    @Test
    @Timeout(120)
    void serverThatIsGoneEndsInATransientFailureAfterTheAttempts() {
        proxy.refuse();
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> store.upsert(collection, "_default", rows("gone")))
                .matches(e -> e.failure() == Failure.TRANSIENT);
        assertThat(direct.get(collection, "_default", List.of("gone1"))).isEmpty();
    }

    @Test
    @Timeout(120)
    void serverThatNeverAnswersEndsAtTheDeadline() {
        try (FaultProxy silent = FaultProxy.before(STORES.milvusServer());
                EmbeddingStore impatient =
                        new MilvusEmbeddingStore(
                                STORES.milvusThrough(silent, Duration.ofSeconds(1)), SHORT)) {
            impatient.describe(collection);
            silent.swallowReplies();
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> impatient.describe(collection))
                    .matches(e -> e.failure() == Failure.TRANSIENT)
                    .withMessageContaining("DEADLINE_EXCEEDED");
        }
    }

    @Test
    @Timeout(120)
    void serverThatCannotBeReachedAtTheStartIsATransientFailure() {
        proxy.refuse();
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(
                        () ->
                                new MilvusEmbeddingStore(
                                        STORES.milvusThrough(proxy, Duration.ofSeconds(2)), SHORT))
                .matches(e -> e.failure() == Failure.TRANSIENT);
    }

    @Test
    @Timeout(120)
    void slowServerIsOnlySlow() {
        proxy.delayReplies(Duration.ofMillis(100));
        store.upsert(collection, "_default", rows("slow"));
        assertStoredOnce("slow");
    }

    @Test
    @Timeout(120)
    void refusalByTheServerIsNotRetried() {
        // Three attempts with an hour between them would outlast the test's own time limit.
        Retry patient = new Retry(3, Duration.ofHours(1), Duration.ofHours(1));
        try (EmbeddingStore slow =
                new MilvusEmbeddingStore(STORES.milvusThrough(proxy, DEADLINE), patient)) {
            for (String id : List.of("x".repeat(65), "\u00e9".repeat(40))) {
                assertThatExceptionOfType(StoreException.class)
                        .isThrownBy(
                                () ->
                                        slow.upsert(
                                                collection,
                                                "_default",
                                                List.of(
                                                        new EmbeddingRow(
                                                                id, new float[] {1, 2}, Map.of()))))
                        .matches(e -> e.failure() == Failure.FATAL);
            }
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(
                            () ->
                                    slow.upsert(
                                            collection,
                                            "_default",
                                            List.of(
                                                    new EmbeddingRow(
                                                            "nan",
                                                            new float[] {Float.NaN, 2},
                                                            Map.of()))))
                    .matches(e -> e.failure() == Failure.FATAL);
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(
                            () ->
                                    slow.upsert(
                                            collection,
                                            "_default",
                                            List.of(
                                                    new EmbeddingRow(
                                                            "wrong", new float[3], Map.of()))))
                    .matches(e -> e.failure() == Failure.FATAL);
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> slow.upsert(collection, "no_such", rows("partition")))
                    .matches(e -> e.failure() == Failure.FATAL);
        }
    }
}
