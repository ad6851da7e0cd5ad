package org.aima.stores.mongo;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.BulkWriteOptions;
import com.mongodb.client.model.WriteModel;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.aima.jobs.pipeline.WriteGuard;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.bson.BsonDocument;
import org.jspecify.annotations.Nullable;

/**
 * Lets records pass only after what must be known about them beforehand is in MongoDB: what a run
 * is about to replace, or which id takes the place of another.
 *
 * <p>At least once: the writes must be idempotent. Buffered records are written before a checkpoint
 * and at the end of input.
 */
public final class MongoWriteAhead<T> extends AbstractStreamOperator<T>
        implements OneInputStreamOperator<T, T>, BoundedOneInput {
    private static final long serialVersionUID = 1L;
    private static final int BATCH_ROWS = 200;

    private final MongoAddress address;
    private final Notes<T> notes;
    private final WriteGuard guard;
    private transient @Nullable MongoClient client;
    private transient @Nullable List<T> waiting;

    /** A write that goes first, and where. */
    public record Note(String collection, WriteModel<BsonDocument> write) {}

    /** What to write before a record passes. */
    @FunctionalInterface
    public interface Notes<T> extends Serializable {
        List<Note> of(T record);
    }

    public MongoWriteAhead(MongoAddress address, Notes<T> notes, WriteGuard guard) {
        this.address = address;
        this.notes = notes;
        this.guard = guard;
    }

    @Override
    public void open() throws Exception {
        super.open();
        waiting = new ArrayList<>();
        client = MongoConnections.open(address);
    }

    @Override
    public void processElement(StreamRecord<T> record) {
        List<T> batch = Objects.requireNonNull(waiting);
        batch.add(record.getValue());
        if (batch.size() >= BATCH_ROWS) {
            flush();
        }
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) {
        flush();
    }

    @Override
    public void endInput() {
        flush();
    }

    private void flush() {
        List<T> batch = Objects.requireNonNull(waiting);
        if (batch.isEmpty()) {
            return;
        }
        guard.check();
        Map<String, List<WriteModel<BsonDocument>>> writes = new TreeMap<>();
        for (T record : batch) {
            for (Note note : notes.of(record)) {
                writes.computeIfAbsent(note.collection(), c -> new ArrayList<>()).add(note.write());
            }
        }
        MongoDatabase database = Objects.requireNonNull(client).getDatabase(address.database());
        writes.forEach(
                (collection, models) ->
                        MongoConnections.call(
                                "write ahead",
                                () ->
                                        database.getCollection(collection, BsonDocument.class)
                                                .bulkWrite(
                                                        models,
                                                        new BulkWriteOptions().ordered(false))));
        for (T record : batch) {
            output.collect(new StreamRecord<>(record));
        }
        batch.clear();
    }

    @Override
    public void close() throws Exception {
        guard.close();
        if (client != null) {
            client.close();
            client = null;
        }
        super.close();
    }
}
