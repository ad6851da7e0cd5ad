package org.aima.personclustering.function;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.aima.jobs.model.Figure;
import org.aima.jobs.model.Reject;
import org.aima.jobs.pipeline.WriteGuard;
import org.aima.personclustering.core.RowChange;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.RowJournal;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * Brings the {@code person_id} of rows up to date: reads each changed row whole, notes what it
 * replaces, and upserts it into its own partition, so that the vector and every other field stay as
 * they are.
 *
 * <p>Idempotent; counts what it did per row. A row that has gone meanwhile is not brought back. A
 * row the store refuses is a dead letter after the batch was tried row by row.
 */
public final class RowWriteOperator extends AbstractStreamOperator<Figure>
        implements OneInputStreamOperator<RowChange, Figure>, BoundedOneInput {
    private static final long serialVersionUID = 1L;
    // Each batch costs one strong read, which waits about 0.2 s whatever its size.
    private static final int BATCH_ROWS = 4_000;

    private final EmbeddingStoreFactory stores;
    private final JournalFactory journals;
    private final WriteGuard guard;
    private final boolean planOnly;
    private transient @Nullable EmbeddingStore store;
    private transient @Nullable RowJournal journal;
    private transient @Nullable Map<String, List<RowChange>> pending;
    private transient @Nullable Map<String, Long> counts;

    /** Opens a store where it is used. */
    @FunctionalInterface
    public interface EmbeddingStoreFactory extends java.io.Serializable {
        EmbeddingStore open();
    }

    /** Opens a journal where it is used. */
    @FunctionalInterface
    public interface JournalFactory extends java.io.Serializable {
        RowJournal open();
    }

    public RowWriteOperator(
            EmbeddingStoreFactory stores,
            JournalFactory journals,
            WriteGuard guard,
            boolean planOnly) {
        this.stores = stores;
        this.journals = journals;
        this.guard = guard;
        this.planOnly = planOnly;
    }

    @Override
    public void open() throws Exception {
        super.open();
        pending = new HashMap<>();
        counts = new TreeMap<>();
    }

    @Override
    public void processElement(StreamRecord<RowChange> record) {
        RowChange change = record.getValue();
        if (change.moved()) {
            count("rows.moved");
        }
        if (!change.changed()) {
            count("unchanged");
        } else if (planOnly) {
            count("written");
        } else {
            List<RowChange> batch =
                    Objects.requireNonNull(pending)
                            .computeIfAbsent(
                                    change.collection() + "\0" + change.partition(),
                                    p -> new ArrayList<>());
            batch.add(change);
            if (batch.size() >= BATCH_ROWS) {
                write(batch);
                batch.clear();
            }
        }
    }

    private void write(List<RowChange> batch) {
        if (batch.isEmpty()) {
            return;
        }
        guard.check();
        String collection = batch.get(0).collection();
        String partition = batch.get(0).partition();
        Map<String, RowChange> byId = new HashMap<>();
        batch.forEach(c -> byId.put(c.embeddingId(), c));
        List<EmbeddingRow> rows = new ArrayList<>();
        List<String> ids = new ArrayList<>();
        List<String> before = new ArrayList<>();
        List<String> after = new ArrayList<>();
        for (EmbeddingRow row :
                store().get(collection, partition, new ArrayList<>(byId.keySet()))) {
            RowChange change = byId.remove(row.id());
            if (change != null) {
                rows.add(RowUpserts.of(row, change.personId()));
                // A row that an interrupted attempt wrote already was noted by that attempt.
                if (!row.text("person_id").equals(change.personId())) {
                    ids.add(row.id());
                    before.add(row.text("person_id"));
                    after.add(change.personId());
                }
            }
        }
        if (!ids.isEmpty()) {
            journal().note(collection, partition, ids, before, after);
        }
        byId.values()
                .forEach(gone -> reject(gone, "row_gone", "the row was deleted during the run"));
        int refused =
                new RowUpserts(
                                store(),
                                (id, cause) ->
                                        reject(
                                                new RowChange(
                                                        collection, partition, id, "", true, false),
                                                "refused_by_store",
                                                String.valueOf(cause.getMessage())))
                        .write(collection, partition, rows);
        Objects.requireNonNull(counts).merge("written", (long) (rows.size() - refused), Long::sum);
    }

    private void reject(RowChange change, String reason, String detail) {
        output.collect(
                ObservationJoin.REJECTS,
                new StreamRecord<>(
                        new Reject(
                                "milvus:" + change.collection() + "/" + change.partition(),
                                change.embeddingId(),
                                reason,
                                detail,
                                "")));
    }

    private void count(String name) {
        Objects.requireNonNull(counts).merge(name, 1L, Long::sum);
    }

    private RowJournal journal() {
        RowJournal opened = journal;
        if (opened == null) {
            opened = journals.open();
            journal = opened;
        }
        return opened;
    }

    private EmbeddingStore store() {
        EmbeddingStore opened = store;
        if (opened == null) {
            opened = stores.open();
            store = opened;
        }
        return opened;
    }

    @Override
    public void endInput() {
        Objects.requireNonNull(pending).values().forEach(this::write);
        Objects.requireNonNull(pending).clear();
        Objects.requireNonNull(counts)
                .forEach(
                        (name, amount) ->
                                output.collect(new StreamRecord<>(Figure.count(name, amount))));
        Objects.requireNonNull(counts).clear();
    }

    @Override
    public void close() throws Exception {
        guard.close();
        if (journal != null) {
            journal.close();
            journal = null;
        }
        if (store != null) {
            store.close();
            store = null;
        }
        super.close();
    }
}
