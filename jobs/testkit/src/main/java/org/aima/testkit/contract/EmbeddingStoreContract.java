package org.aima.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.aima.jobs.error.Failure;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.EmbeddingSchema.Field;
import org.aima.stores.EmbeddingSchema.Index;
import org.aima.stores.EmbeddingSchema.Type;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.RowFilter;
import org.aima.stores.StoreException;
import org.aima.stores.paging.KeyRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What every {@link EmbeddingStore} does. Tests share one loaded collection and have a partition
 * each, because making a collection is what takes time on a real server.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class EmbeddingStoreContract {
    protected static final int DIMENSION = 4;
    private static final int MAX_LENGTH = 65_535;
    private static final Index FLAT = new Index("embedding", "FLAT", "COSINE", Map.of());

    private final AtomicInteger partitions = new AtomicInteger();
    private @Nullable EmbeddingStore opened;
    private String shared = "";

    /** A store, opened anew; the contract closes it. */
    protected abstract EmbeddingStore open();

    /** A collection's name that nobody else uses. */
    protected abstract String collection(String base);

    /** An alias that nobody else uses. */
    protected abstract String alias(String base);

    @BeforeAll
    void createShared() {
        opened = open();
        shared = create("shared");
    }

    @AfterAll
    void close() {
        store().close();
    }

    protected final EmbeddingStore store() {
        EmbeddingStore store = opened;
        if (store == null) {
            throw new IllegalStateException("not open");
        }
        return store;
    }

    /** Creates, indexes and loads a collection. */
    protected final String create(String base) {
        EmbeddingSchema schema = schema(collection(base));
        store().createCollection(schema);
        store().createIndex(schema.name(), FLAT);
        store().load(schema.name());
        return schema.name();
    }

    protected static EmbeddingSchema schema(String name) {
        return new EmbeddingSchema(
                name,
                List.of(
                        new Field("id", Type.VARCHAR, MAX_LENGTH, 0, true, false),
                        new Field("embedding", Type.FLOAT_VECTOR, 0, DIMENSION, false, false),
                        new Field("note", Type.VARCHAR, MAX_LENGTH, 0, false, false),
                        new Field("frame", Type.INT64, 0, 0, false, false),
                        new Field("confidence", Type.FLOAT, 0, 0, false, false),
                        new Field("checked", Type.BOOL, 0, 0, false, false)),
                1);
    }

    protected static EmbeddingRow row(String id, float first, String note) {
        Map<String, Object> fields = new HashMap<>();
        fields.put("note", note);
        fields.put("frame", 7L);
        fields.put("confidence", 0.5f);
        fields.put("checked", true);
        return new EmbeddingRow(id, new float[] {first, 1, -1, 0.25f}, fields);
    }

    private static EmbeddingRow row(String id) {
        return row(id, 1, "");
    }

    private String partition() {
        String name = "p" + partitions.incrementAndGet();
        store().createPartition(shared, name);
        return name;
    }

    private List<EmbeddingRow> all(String partition) {
        return store().query(
                        shared,
                        partition,
                        new KeyRange(partition, null, null),
                        List.of("note", "frame", "confidence", "checked"),
                        true,
                        16_384);
    }

    private static List<String> ids(List<EmbeddingRow> rows) {
        return rows.stream().map(EmbeddingRow::id).toList();
    }

    /** Records compare arrays by identity; a row's content compares as text. */
    protected static String content(EmbeddingRow row) {
        return row.id()
                + java.util.Arrays.toString(row.vector())
                + new java.util.TreeMap<>(row.fields());
    }

    @Test
    void missingCollectionIsDescribedAsEmpty() {
        assertThat(store().describe(collection("never_created"))).isEmpty();
    }

    @Test
    void aViewSeesWhatWasWrittenBeforeItAndTheStoreAllThatCameAfter() {
        String partition = partition();
        for (String id : List.of("a", "b", "c", "d", "e")) {
            store().upsert(shared, partition, List.of(row(id)));
            EmbeddingStore view = store().asOfNow();
            assertThat(view.get(shared, partition, List.of(id))).hasSize(1);
            store().upsert(shared, partition, List.of(row(id + "-later")));
            assertThat(store().get(shared, partition, List.of(id + "-later"))).hasSize(1);
            assertThat(view.get(shared, partition, List.of(id))).hasSize(1);
        }
    }

    @Test
    void missingCollectionCannotBeRead() {
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> store().count(collection("never_created"), null, null))
                .matches(e -> e.failure() == Failure.FATAL);
    }

    @Test
    void createdCollectionIsDescribedAsItWasWished() {
        assertThat(store().describe(shared)).contains(schema(shared));
    }

    @Test
    void creatingTheSameCollectionAgainChangesNothing() {
        String partition = partition();
        store().upsert(shared, partition, List.of(row("a")));
        store().createCollection(schema(shared));
        assertThat(store().count(shared, partition, null)).isEqualTo(1);
    }

    @Test
    void creatingACollectionWithOtherFieldsIsRefused() {
        EmbeddingSchema other =
                new EmbeddingSchema(shared, schema(shared).fields().subList(0, 2), 1);
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> store().createCollection(other))
                .matches(e -> e.failure() == Failure.FATAL);
    }

    @Test
    void droppingAMissingCollectionDoesNothing() {
        assertThatCode(() -> store().dropCollection(collection("never_created")))
                .doesNotThrowAnyException();
    }

    @Test
    void droppedCollectionIsGone() {
        String name = collection("dropped");
        store().createCollection(schema(name));
        store().dropCollection(name);
        assertThat(store().describe(name)).isEmpty();
    }

    @Test
    void partitionsAreListedAndCreatedOnce() {
        String partition = partition();
        store().createPartition(shared, partition);
        assertThat(store().partitions(shared)).contains(partition, "_default");
    }

    @Test
    void everyWriteIsSeenByTheNextRead() {
        String partition = partition();
        for (int i = 1; i <= 10; i++) {
            store().upsert(shared, partition, List.of(row("k" + i)));
            assertThat(store().count(shared, partition, null)).isEqualTo(i);
        }
        for (int i = 1; i <= 10; i++) {
            store().delete(shared, partition, List.of("k" + i));
            assertThat(store().count(shared, partition, null)).isEqualTo(10 - i);
        }
    }

    @Test
    void upsertTwiceIsUpsertOnce() {
        String partition = partition();
        List<EmbeddingRow> rows = List.of(row("a", 1, "x"), row("b", 2, "y"));
        store().upsert(shared, partition, rows);
        store().upsert(shared, partition, rows);
        assertThat(all(partition))
                .extracting(EmbeddingStoreContract::content)
                .containsExactlyInAnyOrderElementsOf(
                        rows.stream().map(EmbeddingStoreContract::content).toList());
        assertThat(store().count(shared, partition, null)).isEqualTo(2);
    }

    @Test
    void upsertReplacesVectorAndFields() {
        String partition = partition();
        store().upsert(shared, partition, List.of(row("a", 1, "old")));
        EmbeddingRow replaced = row("a", 9, "new");
        store().upsert(shared, partition, List.of(replaced));
        assertThat(store().get(shared, partition, List.of("a")))
                .extracting(EmbeddingStoreContract::content)
                .containsExactly(content(replaced));
    }

    @Test
    void ofTwoRowsWithOneKeyTheLastWins() {
        String partition = partition();
        EmbeddingRow last = row("a", 3, "last");
        store().upsert(shared, partition, List.of(row("a", 1, "first"), row("b"), last));
        assertThat(store().get(shared, partition, List.of("a")))
                .extracting(EmbeddingStoreContract::content)
                .containsExactly(content(last));
        assertThat(store().count(shared, partition, null)).isEqualTo(2);
    }

    @Test
    void upsertOfNothingDoesNothing() {
        String partition = partition();
        store().upsert(shared, partition, List.of());
        store().delete(shared, partition, List.of());
        assertThat(store().get(shared, partition, List.of())).isEmpty();
        assertThat(store().count(shared, partition, null)).isZero();
    }

    @Test
    void upsertLargerThanOneRequestStoresEveryRow() {
        String partition = partition();
        String text = "x".repeat(60_000);
        List<EmbeddingRow> rows = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            rows.add(row("big" + i, i, text));
        }
        store().upsert(shared, partition, rows);
        assertThat(store().count(shared, partition, null)).isEqualTo(200);
    }

    @Test
    void wrongDimensionIsFatalAndStoresNothing() {
        String partition = partition();
        EmbeddingRow wrong = new EmbeddingRow("b", new float[DIMENSION + 1], row("b").fields());
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> store().upsert(shared, partition, List.of(row("a"), wrong)))
                .matches(e -> e.failure() == Failure.FATAL)
                .withMessageContaining("b");
        assertThat(store().count(shared, partition, null)).isZero();
    }

    @Test
    void upsertIntoAMissingPartitionIsFatal() {
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> store().upsert(shared, "no_such", List.of(row("a"))))
                .matches(e -> e.failure() == Failure.FATAL);
    }

    @Test
    void getReturnsWholeRowsAndLeavesMissingOut() {
        String partition = partition();
        EmbeddingRow a = row("a", 0.5f, "text");
        store().upsert(shared, partition, List.of(a, row("b")));
        assertThat(store().get(shared, partition, List.of("a", "missing")))
                .extracting(EmbeddingStoreContract::content)
                .containsExactly(content(a));
    }

    @Test
    void getDoesNotLookIntoOtherPartitions() {
        String here = partition();
        String there = partition();
        store().upsert(shared, there, List.of(row("a")));
        assertThat(store().get(shared, here, List.of("a"))).isEmpty();
    }

    @Test
    void rangeExcludesItsStartAndIncludesItsEnd() {
        String partition = partition();
        store().upsert(
                        shared,
                        partition,
                        List.of(row("a"), row("b"), row("c"), row("d"), row("e")));
        KeyRange range = new KeyRange(partition, "b", "d");
        assertThat(ids(store().query(shared, partition, range, List.of(), false, 10)))
                .containsExactlyInAnyOrder("c", "d");
        assertThat(store().count(shared, partition, range)).isEqualTo(2);
        assertThat(store().count(shared, partition, new KeyRange(partition, null, "b")))
                .isEqualTo(2);
        assertThat(store().count(shared, partition, new KeyRange(partition, "d", null)))
                .isEqualTo(1);
    }

    @Test
    void queryReadsOnlyWhatIsAskedFor() {
        String partition = partition();
        store().upsert(shared, partition, List.of(row("a", 1, "text")));
        KeyRange range = new KeyRange(partition, null, null);
        EmbeddingRow bare = store().query(shared, partition, range, List.of(), false, 10).get(0);
        assertThat(bare.vector()).isEmpty();
        assertThat(bare.fields()).isEmpty();
        EmbeddingRow some =
                store().query(shared, partition, range, List.of("note"), true, 10).get(0);
        assertThat(some.vector()).hasSize(DIMENSION);
        assertThat(some.fields()).containsExactly(Map.entry("note", "text"));
    }

    @Test
    void queryStopsAtItsLimit() {
        String partition = partition();
        List<EmbeddingRow> rows = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            rows.add(row("k" + i));
        }
        store().upsert(shared, partition, rows);
        assertThat(
                        store().query(
                                        shared,
                                        partition,
                                        new KeyRange(partition, null, null),
                                        List.of(),
                                        false,
                                        20))
                .hasSize(20);
    }

    @Test
    void countOverAllPartitionsIsTheSumOfEach() {
        String collection = create("sums");
        store().createPartition(collection, "one");
        store().createPartition(collection, "two");
        store().upsert(collection, "one", List.of(row("a"), row("b")));
        store().upsert(collection, "two", List.of(row("c")));
        assertThat(store().count(collection, null, null)).isEqualTo(3);
        assertThat(store().count(collection, "one", null)).isEqualTo(2);
        assertThat(store().count(collection, null, new KeyRange("", "a", null))).isEqualTo(2);
        store().delete(collection, null, List.of("a", "c"));
        assertThat(store().count(collection, null, null)).isEqualTo(1);
    }

    @Test
    void deleteIsByPartitionAndForgivesMissingKeys() {
        String here = partition();
        String there = partition();
        store().upsert(shared, here, List.of(row("same"), row("other")));
        store().upsert(shared, there, List.of(row("same")));
        store().delete(shared, here, List.of("same", "missing"));
        assertThat(ids(all(here))).containsExactly("other");
        assertThat(ids(all(there))).containsExactly("same");
    }

    @Test
    void deleteOfMoreKeysThanOneRequestTakesDeletesAll() {
        String partition = partition();
        List<EmbeddingRow> rows = new ArrayList<>();
        for (int i = 0; i < 2_500; i++) {
            rows.add(row("k" + i));
        }
        store().upsert(shared, partition, rows);
        store().delete(shared, partition, ids(rows).subList(0, 2_400));
        assertThat(store().count(shared, partition, null)).isEqualTo(100);
    }

    @Test
    void awkwardKeysAreKeysLikeAllOthers() {
        String partition = partition();
        List<EmbeddingRow> rows = new ArrayList<>();
        for (String key : AwkwardKeys.all()) {
            rows.add(row(key, 1, key));
        }
        store().upsert(shared, partition, rows);
        assertThat(ids(all(partition))).containsExactlyInAnyOrderElementsOf(AwkwardKeys.all());
        for (String key : AwkwardKeys.all()) {
            assertThat(store().get(shared, partition, List.of(key)))
                    .as("get of '%s'", key)
                    .singleElement()
                    .matches(r -> r.id().equals(key) && r.text("note").equals(key));
            assertThat(store().count(shared, partition, new KeyRange(partition, null, key)))
                    .as("up to and with '%s'", key)
                    .isEqualTo(rank(key));
        }
        for (String key : List.of("\uff5e full width", "\"", "\n")) {
            assertThat(store().count(shared, partition, new KeyRange(partition, key, null)))
                    .as("behind '%s'", key)
                    .isEqualTo(rows.size() - rank(key));
        }
        store().delete(shared, partition, AwkwardKeys.all());
        assertThat(store().count(shared, partition, null)).isZero();
    }

    private static long rank(String key) {
        byte[] bytes = key.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        return AwkwardKeys.all().stream()
                .map(k -> k.getBytes(java.nio.charset.StandardCharsets.UTF_8))
                .filter(k -> java.util.Arrays.compareUnsigned(k, bytes) <= 0)
                .count();
    }

    @Test
    void extremeValuesComeBackAsTheyWere() {
        String partition = partition();
        Map<String, Object> fields = new HashMap<>();
        fields.put("note", "\ud83d\ude00 \" \\ \n \u0001");
        fields.put("frame", Long.MIN_VALUE);
        fields.put("confidence", -0.0f);
        fields.put("checked", false);
        EmbeddingRow row =
                new EmbeddingRow(
                        "a", new float[] {Float.MAX_VALUE, Float.MIN_VALUE, -0.0f, 1e-30f}, fields);
        store().upsert(shared, partition, List.of(row));
        assertThat(store().get(shared, partition, List.of("a")))
                .extracting(EmbeddingStoreContract::content)
                .containsExactly(content(row));
    }

    @Test
    void aliasPointsToOneCollectionAndSwitches() {
        String first = create("first");
        String second = create("second");
        String alias = alias("current");
        store().upsert(first, "_default", List.of(row("a")));
        store().upsert(second, "_default", List.of(row("a"), row("b")));

        store().pointAlias(alias, first);
        store().pointAlias(alias, first);
        assertThat(store().describe(alias)).map(EmbeddingSchema::name).contains(first);
        assertThat(store().aliases(first)).containsExactly(alias);
        assertThat(store().count(alias, null, null)).isEqualTo(1);

        store().pointAlias(alias, second);
        assertThat(store().aliases(first)).isEmpty();
        assertThat(store().aliases(second)).containsExactly(alias);
        assertThat(store().count(alias, null, null)).isEqualTo(2);
        try (EmbeddingStore later = open(alias)) {
            assertThat(later.describe(alias)).map(EmbeddingSchema::name).contains(second);
            assertThat(later.count(alias, null, null)).isEqualTo(2);
        }
    }

    /** A second view of what {@link #open} shows; the fake returns itself. */
    protected EmbeddingStore open(String forAlias) {
        return open();
    }

    @Test
    void indexIsCreatedOnceShownAndDropped() {
        String name = collection("indexed");
        store().createCollection(schema(name));
        Index index =
                new Index("embedding", "HNSW", "COSINE", Map.of("M", "8", "efConstruction", "64"));
        store().createIndex(name, index);
        store().createIndex(name, index);
        assertThat(store().indexes(name)).containsExactly(Map.entry("embedding", index));
        store().dropIndex(name, "embedding");
        store().dropIndex(name, "embedding");
        assertThat(store().indexes(name)).isEmpty();
    }

    @Test
    void releasedCollectionIsLoadedAgain() {
        String name = create("reloaded");
        store().upsert(name, "_default", List.of(row("a")));
        store().release(name);
        store().load(name);
        assertThat(store().count(name, null, null)).isEqualTo(1);
    }

    @Test
    void searchFindsTheNearestRowsThatPassTheFilter() {
        String collection = create("searched");
        List<EmbeddingRow> rows = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            EmbeddingRow row = row("k" + i, i, i % 2 == 0 ? "even \"one\"" : "odd");
            row.fields().put("frame", (long) i);
            rows.add(row);
        }
        store().upsert(collection, "_default", rows);
        List<float[]> vectors = List.of(rows.get(4).vector(), rows.get(9).vector());
        assertThat(store().search(collection, vectors, 3, null, Map.of()))
                .hasSize(2)
                .allSatisfy(found -> assertThat(found).hasSize(3))
                .extracting(found -> found.get(0).id())
                .containsExactly("k4", "k9");
        RowFilter even =
                RowFilter.of(
                        new RowFilter.Term("note", RowFilter.Comparison.EQUAL, "even \"one\""));
        assertThat(store().search(collection, vectors, 20, even, Map.of()).get(1))
                .hasSize(10)
                .allMatch(n -> Integer.parseInt(n.id().substring(1)) % 2 == 0);
        RowFilter some =
                RowFilter.of(
                        new RowFilter.Term("frame", RowFilter.Comparison.AT_LEAST, 3L),
                        new RowFilter.Term("frame", RowFilter.Comparison.BELOW, 5L));
        assertThat(store().keys(collection, some, 100)).containsExactlyInAnyOrder("k3", "k4");
        assertThat(store().keys(collection, new RowFilter(List.of()), 100)).hasSize(20);
    }

    @Test
    void renamedCollectionKeepsRowsAndAliasesAndItsNameCanBecomeAnAlias() {
        String from = create("from");
        String to = collection("to");
        String alias = alias("renamed");
        store().upsert(from, "_default", List.of(row("a")));
        store().pointAlias(alias, from);
        store().rename(from, to);
        store().rename(from, to);
        assertThat(store().collections()).contains(to).doesNotContain(from);
        assertThat(store().describe(alias).orElseThrow().name()).isEqualTo(to);
        assertThat(store().count(to, null, null)).isEqualTo(1);
        store().pointAlias(from, to);
        assertThat(store().describe(from).orElseThrow().name()).isEqualTo(to);
        store().dropAlias(from);
        store().dropAlias(from);
        assertThat(store().describe(from)).isEmpty();
        store().dropAlias(alias);
    }

    @Test
    void flushedRowsAreReadAsBefore() {
        String collection = create("flushed");
        store().upsert(collection, "_default", List.of(row("a"), row("b")));
        store().flush(collection);
        assertThat(store().count(collection, null, null)).isEqualTo(2);
    }
}
