package org.aima.backfill;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.aima.backfill.core.FilledRow;
import org.aima.jobs.pipeline.Undoing;
import org.aima.jobs.pipeline.WriteGuard;
import org.aima.stores.DocumentStore;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.EmbeddingStore;
import org.bson.BsonDocument;
import org.bson.BsonString;

/**
 * Gives rows back the values that a run replaced; when any of them was changed since, nothing is
 * touched. Idempotent.
 */
final class MetadataUndo {
    private static final int NAMED = 20;

    private final BackfillStores stores;
    private final String notes;

    MetadataUndo(BackfillStores stores, String notes) {
        this.stores = stores;
        this.notes = notes;
    }

    Undoing undo(String runId, WriteGuard guard) {
        try (EmbeddingStore store = stores.vectors();
                DocumentStore documents = stores.documents()) {
            List<BsonDocument> noted =
                    documents.findIn(notes, "run_id", List.of(new BsonString(runId)), List.of());
            List<String> conflicts = new ArrayList<>();
            long[] counts = new long[4];
            for (BsonDocument note : noted) {
                apply(store, note, conflicts, counts, guard, false);
            }
            if (counts[3] > 0) {
                return new Undoing(0, counts[1], counts[2], counts[3], conflicts);
            }
            counts = new long[4];
            for (BsonDocument note : noted) {
                apply(store, note, conflicts, counts, guard, true);
            }
            return new Undoing(counts[0], counts[1], counts[2], 0, List.of());
        }
    }

    /**
     * Looks at the rows of one note, and restores them when asked.
     *
     * @param counts restored, already as before, gone, conflicting
     */
    private static void apply(
            EmbeddingStore store,
            BsonDocument note,
            List<String> conflicts,
            long[] counts,
            WriteGuard guard,
            boolean restore) {
        String collection = note.getString("target").getValue();
        String partition = note.getString("partition").getValue();
        EmbeddingSchema schema = store.describe(collection).orElse(null);
        List<String> ids = new ArrayList<>();
        note.getArray("ids").forEach(id -> ids.add(id.asString().getValue()));
        if (schema == null) {
            counts[2] += ids.size();
            return;
        }
        Map<String, EmbeddingRow> there = new HashMap<>();
        store.get(collection, partition, ids).forEach(r -> there.put(r.id(), r));
        List<EmbeddingRow> rows = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            EmbeddingRow row = there.get(ids.get(i));
            Map<String, String> before =
                    FilledRow.values(note.getArray("before").get(i).asString().getValue());
            Map<String, String> after =
                    FilledRow.values(note.getArray("after").get(i).asString().getValue());
            if (row == null) {
                counts[2]++;
            } else if (holds(row, after)) {
                rows.add(FilledRow.of(schema, row, before, true).row());
                counts[0]++;
            } else if (holds(row, before)) {
                counts[1]++;
            } else {
                counts[3]++;
                if (conflicts.size() < NAMED) {
                    conflicts.add("'" + row.id() + "' was changed since: " + row.fields());
                }
            }
        }
        if (restore && !rows.isEmpty()) {
            guard.check();
            store.upsert(collection, partition, rows);
        }
    }

    private static boolean holds(EmbeddingRow row, Map<String, String> values) {
        return values.entrySet().stream()
                .allMatch(
                        e ->
                                row.text(e.getKey()).equals(e.getValue())
                                        || e.getValue().isEmpty()
                                                && FilledRow.isLacking(row, e.getKey()));
    }
}
