package org.aima.backfill.function;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.Serializable;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.aima.backfill.core.MediaFacts;
import org.aima.backfill.core.PartitionScheme;
import org.aima.backfill.core.RowColumns;
import org.aima.backfill.core.RowDigest;
import org.aima.backfill.core.Rows;
import org.aima.backfill.core.SchemaMapping;
import org.aima.jobs.error.Failure;
import org.aima.jobs.model.Figure;
import org.aima.jobs.pipeline.WriteGuard;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.StoreException;
import org.aima.stores.memory.InMemoryDocumentStore;
import org.aima.stores.memory.InMemoryEmbeddingStore;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.bson.BsonDocument;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Ranges are written whole, once to the end, whatever fails on the way. */
class WriteRangesTest {
    private static final long MARCH = 1_772_500_000_000L;
    private static final Map<String, InMemoryEmbeddingStore> VECTORS = new ConcurrentHashMap<>();
    private static final Map<String, InMemoryDocumentStore> DOCUMENTS = new ConcurrentHashMap<>();
    private static final Map<String, Trouble> TROUBLE = new ConcurrentHashMap<>();

    private final String id = UUID.randomUUID().toString();
    private final RowMapperFactory mappers =
            new RowMapperFactory(
                    Rows.schema("from"),
                    Rows.schema("to"),
                    SchemaMapping.IDENTITY,
                    PartitionScheme.parse("media-type,month"),
                    "unassigned");
    private CopyJournal journal;

    /** What a store does besides storing. */
    private static final class Trouble {
        private final AtomicInteger transientFailures = new AtomicInteger();
        private volatile Set<String> refused = Set.of();
    }

    @BeforeEach
    void makeStores() {
        InMemoryEmbeddingStore vectors = new InMemoryEmbeddingStore();
        vectors.createCollection(Rows.schema("to"));
        VECTORS.put(id, vectors);
        DOCUMENTS.put(id, new InMemoryDocumentStore());
        TROUBLE.put(id, new Trouble());
        journal = new CopyJournal(DOCUMENTS.get(id), "run");
        journal.freeze(
                List.of(
                        CopyJournal.Range.frozen(0, "_default", null, "k", List.of("b")),
                        CopyJournal.Range.frozen(1, "_default", "k", null, List.of())));
    }

    private static EmbeddingStore troubled(String id) {
        InMemoryEmbeddingStore store = VECTORS.get(id);
        Trouble trouble = TROUBLE.get(id);
        return (EmbeddingStore)
                Proxy.newProxyInstance(
                        WriteRangesTest.class.getClassLoader(),
                        new Class<?>[] {EmbeddingStore.class},
                        (proxy, method, arguments) -> {
                            if (method.getName().equals("upsert")) {
                                if (trouble.transientFailures.getAndDecrement() > 0) {
                                    throw new StoreException(Failure.TRANSIENT, "rate limit", null);
                                }
                                @SuppressWarnings("unchecked")
                                List<EmbeddingRow> rows = (List<EmbeddingRow>) arguments[2];
                                if (rows.stream().anyMatch(r -> trouble.refused.contains(r.id()))) {
                                    throw new StoreException(Failure.FATAL, "bad row", null);
                                }
                            }
                            try {
                                return method.invoke(store, arguments);
                            } catch (java.lang.reflect.InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }

    private OneInputStreamOperatorTestHarness<PlacedPage, Figure> harness() throws Exception {
        String own = id;
        WriteRanges operator =
                new WriteRanges(
                        new WriteRanges.Settings(
                                "run", 5, Rows.schema("to"), 0, 0, 5_000, 65_536, 2),
                        (WriteRanges.StoreFactory<EmbeddingStore> & Serializable)
                                () -> troubled(own),
                        () -> DOCUMENTS.get(own),
                        () -> new SearchProbe(troubled(own), "to", List.of(), Map.of(), 0),
                        WriteGuard.open());
        OneInputStreamOperatorTestHarness<PlacedPage, Figure> harness =
                new OneInputStreamOperatorTestHarness<>(operator);
        harness.open();
        return harness;
    }

    private PlacedPage page(int range, boolean last, List<EmbeddingRow> rows) {
        String[] types = new String[rows.size()];
        java.util.Arrays.fill(types, "video");
        String[] none = new String[0];
        PlaceRows place = new PlaceRows(mappers);
        return place.map(
                new CopyPage(
                        range,
                        last,
                        "milvus:from/_default",
                        RowColumns.of(rows, Rows.schema("from")),
                        types,
                        new long[rows.size()],
                        none,
                        none,
                        none,
                        none,
                        none));
    }

    private static List<EmbeddingRow> rows(String prefix, int count) {
        List<EmbeddingRow> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            rows.add(Rows.row(prefix + i, "m", MARCH + i % 3 * 40L * 86_400_000));
        }
        return rows;
    }

    @Test
    void aRangeIsWrittenWithItsLastPage() throws Exception {
        try (var harness = harness()) {
            harness.processElement(new StreamRecord<>(page(0, false, rows("a", 50))));
            assertThat(VECTORS.get(id).count("to", null, null)).isZero();
            harness.processElement(new StreamRecord<>(page(0, true, rows("b", 50))));
            assertThat(VECTORS.get(id).count("to", null, null)).isEqualTo(100);
            assertThat(VECTORS.get(id).partitions("to"))
                    .contains("video_2026_03", "video_2026_04", "video_2026_05");
            assertThat(journal.range(0).done()).isTrue();
            assertThat(journal.range(0).counts())
                    .containsEntry("read", 100L)
                    .containsEntry("written", 100L)
                    .containsEntry("rejected", 0L);
            assertThat(journal.range(1).done()).isFalse();
        }
    }

    @Test
    void aRangeThatBeginsAgainForgetsWhatCameBefore() throws Exception {
        try (var harness = harness()) {
            harness.processElement(new StreamRecord<>(page(1, false, rows("x", 10))));
            harness.processElement(new StreamRecord<>(page(0, true, rows("a", 10))));
            harness.processElement(new StreamRecord<>(page(1, true, rows("y", 10))));
            assertThat(VECTORS.get(id).count("to", null, null)).isEqualTo(20);
        }
    }

    @Test
    void pushBackIsWaitedOutAndNothingIsLost() throws Exception {
        TROUBLE.get(id).transientFailures.set(3);
        try (var harness = harness()) {
            harness.processElement(new StreamRecord<>(page(0, true, rows("a", 30))));
            assertThat(VECTORS.get(id).count("to", null, null)).isEqualTo(30);
            assertThat(journal.range(0).counts().get("push_backs")).isEqualTo(3);
        }
    }

    @Test
    void refusedAndBrokenRowsAreDeadLettersAndCountsAddUp() throws Exception {
        TROUBLE.get(id).refused = Set.of("a7", "a11");
        List<EmbeddingRow> rows = rows("a", 40);
        rows.get(3).vector()[0] = Float.NaN;
        try (var harness = harness()) {
            harness.processElement(new StreamRecord<>(page(0, true, rows)));
        }
        assertThat(journal.range(0).counts())
                .containsEntry("read", 40L)
                .containsEntry("written", 37L)
                .containsEntry("rejected", 3L)
                .containsEntry("rejected.nan", 1L)
                .containsEntry("rejected.refused_by_store", 2L);
        assertThat(
                        DOCUMENTS
                                .get(id)
                                .findIn(
                                        "dead_letters",
                                        "run_id",
                                        List.of(new org.bson.BsonString("run")),
                                        List.of()))
                .extracting(d -> d.getString("key").getValue())
                .containsExactlyInAnyOrder("a3", "a7", "a11");
    }

    @Test
    void aServerThatRefusesEverythingFailsTheTask() throws Exception {
        List<EmbeddingRow> rows = rows("a", 6);
        TROUBLE.get(id).refused = Set.of("a0", "a1", "a2", "a3", "a4", "a5");
        try (var harness = harness()) {
            assertThatThrownBy(
                            () -> harness.processElement(new StreamRecord<>(page(0, true, rows))))
                    .hasMessageContaining("refused every row");
            assertThat(journal.range(0).done()).isFalse();
        }
    }

    @Test
    void whatWasWrittenIsKnownByItsHashAndForgottenInTheEnd() throws Exception {
        List<EmbeddingRow> rows = rows("a", 5);
        try (var harness = harness()) {
            harness.processElement(new StreamRecord<>(page(0, true, rows)));
        }
        RowDigest digest = new RowDigest(Rows.schema("to"));
        String partition =
                mappers.create().map(rows.get(0), new MediaFacts("video", 0, Map.of())).partition();
        long ours = RowDigest.placed(digest.content(rows.get(0)), partition);
        assertThat(journal.writtenAmong(Set.of(ours, 42L), 0)).containsExactly(ours);
        journal.noteWritten(-1, "x", new long[] {42});
        assertThat(journal.writtenAmong(Set.of(ours, 42L), 1)).contains(42L);
        journal.forget();
        assertThat(journal.writtenAmong(Set.of(ours, 42L), 1)).isEmpty();
        assertThat(DOCUMENTS.get(id).count(CopyJournal.WRITTEN, new BsonDocument())).isZero();
    }
}
