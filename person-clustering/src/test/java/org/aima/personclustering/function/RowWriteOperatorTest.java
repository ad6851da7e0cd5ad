package org.aima.personclustering.function;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.ExitCode;
import org.aima.jobs.model.Figure;
import org.aima.jobs.model.Reject;
import org.aima.jobs.pipeline.WriteGuard;
import org.aima.personclustering.core.RowChange;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.StoreException;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Rows get their person, keep all else, and each is counted once as what became of it. */
class RowWriteOperatorTest {
    private static final String FACES = "face_embeddings";
    private static final String PARTITION = "video_2026_01";

    private final SharedEmbeddings rows = SharedEmbeddings.create(2, PARTITION, Set.of(), FACES);

    @AfterEach
    void forget() {
        rows.close();
    }

    private void store(String id, String person) {
        rows.open()
                .upsert(
                        FACES,
                        PARTITION,
                        List.of(
                                new EmbeddingRow(
                                        id,
                                        new float[] {1, 2},
                                        Map.of("person_id", person, "media_id", "m"))));
    }

    private static RowChange change(String id, String person) {
        return new RowChange(FACES, PARTITION, id, person, true, false);
    }

    private record Outcome(Map<String, Long> counts, List<Reject> rejects) {}

    private Outcome write(boolean planOnly, WriteGuard guard, RowChange... changes)
            throws Exception {
        try (var harness =
                new OneInputStreamOperatorTestHarness<>(
                        new RowWriteOperator(rows, new NotedRows(), guard, planOnly))) {
            harness.open();
            for (RowChange change : changes) {
                harness.processElement(new StreamRecord<>(change));
            }
            harness.endInput();
            Map<String, Long> counts = new TreeMap<>();
            for (Figure figure : harness.extractOutputValues()) {
                counts.merge(figure.name(), figure.amount(), Long::sum);
            }
            List<Reject> rejects = new ArrayList<>();
            var side = harness.getSideOutput(ObservationJoin.REJECTS);
            if (side != null) {
                side.forEach(r -> rejects.add(r.getValue()));
            }
            return new Outcome(counts, rejects);
        }
    }

    private String person(String id) {
        return rows.open().get(FACES, PARTITION, List.of(id)).get(0).text("person_id");
    }

    @Test
    void changedRowsAreWrittenIntoTheirPartition() throws Exception {
        store("a", "old");
        store("b", "same");
        Outcome outcome =
                write(
                        false,
                        WriteGuard.open(),
                        new RowChange(FACES, PARTITION, "a", "new", true, true),
                        new RowChange(FACES, PARTITION, "b", "same", false, false));
        assertThat(outcome.counts())
                .isEqualTo(Map.of("written", 1L, "unchanged", 1L, "rows.moved", 1L));
        assertThat(outcome.rejects()).isEmpty();
        EmbeddingRow row = rows.open().get(FACES, PARTITION, List.of("a")).get(0);
        assertThat(row.text("person_id")).isEqualTo("new");
        assertThat(row.text("media_id")).isEqualTo("m");
        assertThat(row.vector()).containsExactly(1, 2);
        assertThat(rows.open().count(FACES, "_default", null)).isZero();
    }

    @Test
    void goneRowIsNotBroughtBack() throws Exception {
        store("a", "");
        Outcome outcome = write(false, WriteGuard.open(), change("a", "p"), change("gone", "p"));
        assertThat(outcome.counts()).isEqualTo(Map.of("written", 1L));
        assertThat(outcome.rejects())
                .singleElement()
                .satisfies(
                        r -> {
                            assertThat(r.reason()).isEqualTo("row_gone");
                            assertThat(r.key()).isEqualTo("gone");
                        });
        assertThat(rows.open().count(FACES, null, null)).isEqualTo(1);
    }

    @Test
    void refusedRowsStandAloneAndTheOthersAreWritten() throws Exception {
        try (SharedEmbeddings strict =
                SharedEmbeddings.create(2, PARTITION, Set.of("row-003", "row-077"), FACES)) {
            List<RowChange> changes = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                changes.add(change("row-%03d".formatted(i), "p"));
                strict.seed(
                        FACES,
                        PARTITION,
                        new EmbeddingRow(
                                "row-%03d".formatted(i),
                                new float[] {1, 2},
                                Map.of("person_id", "")));
            }
            try (var harness =
                    new OneInputStreamOperatorTestHarness<>(
                            new RowWriteOperator(
                                    strict, new NotedRows(), WriteGuard.open(), false))) {
                harness.open();
                for (RowChange change : changes) {
                    harness.processElement(new StreamRecord<>(change));
                }
                harness.endInput();
                assertThat(
                                harness.extractOutputValues().stream()
                                        .filter(f -> f.name().equals("written"))
                                        .mapToLong(Figure::amount)
                                        .sum())
                        .isEqualTo(98);
                assertThat(harness.getSideOutput(ObservationJoin.REJECTS))
                        .extracting(r -> r.getValue().key() + " " + r.getValue().reason())
                        .containsExactlyInAnyOrder(
                                "row-003 refused_by_store", "row-077 refused_by_store");
            }
        }
    }

    @Test
    void batchThatIsRefusedWholeStopsTheRun() throws Exception {
        try (SharedEmbeddings closed =
                        SharedEmbeddings.create(2, PARTITION, Set.of("a", "b"), FACES);
                var harness =
                        new OneInputStreamOperatorTestHarness<>(
                                new RowWriteOperator(
                                        closed, new NotedRows(), WriteGuard.open(), false))) {
            for (String id : List.of("a", "b")) {
                closed.seed(
                        FACES,
                        PARTITION,
                        new EmbeddingRow(id, new float[] {1, 2}, Map.of("person_id", "")));
            }
            harness.open();
            harness.processElement(new StreamRecord<>(change("a", "p")));
            harness.processElement(new StreamRecord<>(change("b", "p")));
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(harness::endInput)
                    .withMessageContaining("refused every row");
        }
    }

    @Test
    void planCountsAndWritesNothing() throws Exception {
        store("a", "old");
        Outcome outcome = write(true, WriteGuard.open(), change("a", "p"));
        assertThat(outcome.counts()).isEqualTo(Map.of("written", 1L));
        assertThat(person("a")).isEqualTo("old");
    }

    @Test
    void moreThanABatchIsWritten() throws Exception {
        RowChange[] changes = new RowChange[2_345];
        for (int i = 0; i < changes.length; i++) {
            store("row-" + i, "");
            changes[i] = change("row-" + i, "p");
        }
        assertThat(write(false, WriteGuard.open(), changes).counts())
                .isEqualTo(Map.of("written", 2_345L));
        assertThat(person("row-0")).isEqualTo("p");
        assertThat(person("row-2344")).isEqualTo("p");
    }

    @Test
    void lostLeaseStopsBeforeTheWrite() {
        store("a", "old");
        WriteGuard lost =
                new WriteGuard() {
                    private static final long serialVersionUID = 1L;

                    @Override
                    public void check() {
                        throw new AimaException(ExitCode.REFUSED, "taken over", null);
                    }

                    @Override
                    public void close() {}
                };
        assertThatExceptionOfType(Exception.class)
                .isThrownBy(() -> write(false, lost, change("a", "p")));
        assertThat(person("a")).isEqualTo("old");
    }
}
