package org.aima.personclustering;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.BulkWriteOptions;
import com.mongodb.client.model.DeleteOneModel;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.ReplaceOneModel;
import com.mongodb.client.model.ReplaceOptions;
import com.mongodb.client.model.Sorts;
import com.mongodb.client.model.WriteModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.aima.jobs.pipeline.Undoing;
import org.aima.jobs.pipeline.WriteGuard;
import org.aima.personclustering.core.DocumentHash;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.milvus.MilvusAddress;
import org.aima.stores.milvus.MilvusEmbeddingStore;
import org.aima.stores.mongo.MongoAddress;
import org.aima.stores.mongo.MongoConnections;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;

/**
 * Brings persons and rows back to what they were before a run.
 *
 * <p>Looks at everything first: when anything the run wrote was changed since, nothing is restored
 * and the conflicts are told. Idempotent: what is as before is left alone, so an undo that was
 * killed is repeated. Memory is the ids of all rows the run changed.
 */
final class PersonUndo implements AutoCloseable {
    private static final int BATCH = 500;
    private static final int LISTED = 20;

    private final MongoClient client;
    private final MongoDatabase database;
    private final EmbeddingStore store;
    private final WriteGuard guard;
    private final String runId;
    private final Consumer<List<String>> forget;
    private final List<String> conflicts = new ArrayList<>();
    private long restored;
    private long already;
    private long gone;
    private long conflicting;

    private record RowChange(String before, String after) {}

    /**
     * @param forget is told the ids of persons before and after they are restored
     */
    PersonUndo(
            MongoAddress mongo,
            MilvusAddress milvus,
            WriteGuard guard,
            String runId,
            Consumer<List<String>> forget) {
        this.forget = forget;
        this.client = MongoConnections.open(mongo);
        this.database = client.getDatabase(mongo.database());
        this.store = new MilvusEmbeddingStore(milvus);
        this.guard = guard;
        this.runId = runId;
    }

    Undoing undo() {
        Map<String, Map<String, RowChange>> rows = rows();
        pass(rows, false);
        if (conflicting == 0) {
            restored = 0;
            already = 0;
            gone = 0;
            pass(rows, true);
            MongoConnections.call(
                    "undo of aliases",
                    () -> collection(PersonModels.ALIASES).deleteMany(Filters.eq("run_id", runId)));
        } else {
            restored = 0;
        }
        return new Undoing(restored, already, gone, conflicting, conflicts);
    }

    private void pass(Map<String, Map<String, RowChange>> rows, boolean write) {
        rows.forEach((place, changes) -> rows(place, changes, write));
        persons(write);
    }

    private MongoCollection<BsonDocument> collection(String name) {
        return database.getCollection(name, BsonDocument.class);
    }

    private Iterable<BsonDocument> notes(String target) {
        String prefix = PersonModels.undoId(runId, target, "");
        Bson own =
                Filters.and(
                        Filters.gte("_id", prefix),
                        Filters.lt("_id", prefix.substring(0, prefix.length() - 1) + "0"));
        return collection(PersonModels.UNDO).find(own).sort(Sorts.ascending("_id"));
    }

    /** Changes by place and id: the first value before and the last one after. */
    private Map<String, Map<String, RowChange>> rows() {
        Map<String, Map<String, RowChange>> rows = new LinkedHashMap<>();
        Map<String, String> known = new HashMap<>();
        for (org.aima.personclustering.core.Modality modality :
                org.aima.personclustering.core.Modality.values()) {
            List<BsonDocument> batches = new ArrayList<>();
            notes(modality.collection()).forEach(batches::add);
            batches.sort(java.util.Comparator.comparingLong(b -> b.getDateTime("at").getValue()));
            for (BsonDocument batch : batches) {
                Map<String, RowChange> changes =
                        rows.computeIfAbsent(
                                modality.collection()
                                        + "\0"
                                        + batch.getString("partition").getValue(),
                                p -> new LinkedHashMap<>());
                BsonArray ids = batch.getArray("ids");
                for (int i = 0; i < ids.size(); i++) {
                    String before = shared(known, batch.getArray("before").get(i));
                    String after = shared(known, batch.getArray("after").get(i));
                    changes.merge(
                            ids.get(i).asString().getValue(),
                            new RowChange(before, after),
                            (first, last) -> new RowChange(first.before(), last.after()));
                }
            }
        }
        return rows;
    }

    private static String shared(Map<String, String> known, BsonValue value) {
        String text = value.asString().getValue();
        return known.computeIfAbsent(text, t -> t);
    }

    private void rows(String place, Map<String, RowChange> changes, boolean write) {
        String collection = place.substring(0, place.indexOf('\0'));
        String partition = place.substring(place.indexOf('\0') + 1);
        List<String> ids = new ArrayList<>(changes.keySet());
        for (int start = 0; start < ids.size(); start += BATCH) {
            List<String> batch = ids.subList(start, Math.min(ids.size(), start + BATCH));
            List<EmbeddingRow> back = new ArrayList<>();
            List<EmbeddingRow> found = store.get(collection, partition, batch);
            gone += batch.size() - found.size();
            for (EmbeddingRow row : found) {
                RowChange change = changes.getOrDefault(row.id(), new RowChange("", ""));
                String now = row.text("person_id");
                if (now.equals(change.before())) {
                    already++;
                } else if (now.equals(change.after())) {
                    Map<String, Object> fields = new HashMap<>(row.fields());
                    fields.put("person_id", change.before());
                    back.add(new EmbeddingRow(row.id(), row.vector(), fields));
                } else {
                    conflict(
                            collection
                                    + "/"
                                    + row.id()
                                    + " now belongs to "
                                    + now
                                    + ", the run gave it to "
                                    + change.after());
                }
            }
            restored += back.size();
            if (write && !back.isEmpty()) {
                guard.check();
                store.upsert(collection, partition, back);
            }
        }
    }

    private void persons(boolean write) {
        List<BsonDocument> batch = new ArrayList<>();
        for (BsonDocument note : notes(PersonModels.PERSONS)) {
            batch.add(note);
            if (batch.size() == BATCH) {
                persons(batch, write);
                batch.clear();
            }
        }
        persons(batch, write);
    }

    private void persons(List<BsonDocument> notes, boolean write) {
        if (notes.isEmpty()) {
            return;
        }
        Map<BsonValue, BsonDocument> current = new HashMap<>();
        collection(PersonModels.PERSONS)
                .find(Filters.in("_id", notes.stream().map(n -> n.get("document_id")).toList()))
                .forEach(d -> current.put(d.get("_id"), d));
        List<WriteModel<BsonDocument>> writes = new ArrayList<>();
        for (BsonDocument note : notes) {
            BsonDocument before =
                    note.get("before") instanceof BsonDocument document ? document : null;
            WriteModel<BsonDocument> back =
                    person(note, before, current.get(note.get("document_id")));
            if (back != null) {
                writes.add(back);
            }
        }
        restored += writes.size();
        if (write && !writes.isEmpty()) {
            guard.check();
            List<String> ids = notes.stream().map(n -> n.getString("key").getValue()).toList();
            forget.accept(ids);
            MongoConnections.call(
                    "undo of persons",
                    () ->
                            collection(PersonModels.PERSONS)
                                    .bulkWrite(writes, new BulkWriteOptions().ordered(false)));
            forget.accept(ids);
        }
    }

    private @Nullable WriteModel<BsonDocument> person(
            BsonDocument note, @Nullable BsonDocument before, @Nullable BsonDocument now) {
        String after = note.getString("after_sha256", new BsonString("")).getValue();
        String is = now == null ? "" : DocumentHash.of(now);
        String was = before == null ? "" : DocumentHash.of(before);
        BsonValue id = Objects.requireNonNull(note.get("document_id"));
        if (is.equals(was)) {
            already++;
            return null;
        }
        if (!is.equals(after)) {
            conflict(
                    "person "
                            + note.getString("key").getValue()
                            + (now == null ? " was removed since" : " was changed since"));
            return null;
        }
        if (before == null) {
            // Named with what was looked at: an edit in the last moment is not lost.
            return new DeleteOneModel<>(unchanged(id, now));
        }
        return new ReplaceOneModel<>(
                now == null ? new BsonDocument("_id", id) : unchanged(id, now),
                before,
                new ReplaceOptions().upsert(now == null));
    }

    private static BsonDocument unchanged(BsonValue id, @Nullable BsonDocument now) {
        BsonDocument filter = new BsonDocument("_id", id);
        if (now != null) {
            for (String field : List.of("last_updated", "temporary")) {
                BsonValue value = now.get(field);
                if (value != null) {
                    filter.put(field, value);
                }
            }
        }
        return filter;
    }

    private void conflict(String what) {
        conflicting++;
        if (conflicts.size() < LISTED) {
            conflicts.add(what);
        }
    }

    @Override
    public void close() {
        guard.close();
        store.close();
        client.close();
    }
}
