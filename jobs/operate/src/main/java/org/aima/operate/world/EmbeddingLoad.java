package org.aima.operate.world;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.aima.jobs.error.Failure;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.StoreException;
import org.aima.stores.milvus.MilvusEmbeddingStore;
import org.jspecify.annotations.Nullable;

/**
 * Writes the lines of one file into one embedding collection.
 *
 * <p>A row is in one partition only: where the line says, else where the row already is, else in
 * the default partition.
 */
final class EmbeddingLoad {
    private static final long BATCH_BYTES = MilvusEmbeddingStore.MAX_REQUEST_BYTES;
    private static final int BATCH_ROWS = 4_000;
    private static final long TOTAL_BYTES = 8 * BATCH_BYTES;
    private static final int IDS_PER_LOOK_UP = 1_000;

    private final EmbeddingStore store;
    private final String collection;
    private final FileTally tally;
    private final EmbeddingLines lines;
    private final boolean wasEmpty;
    private final boolean partitionKey;
    private final Set<String> partitions;
    private final Map<String, Batch> batches = new TreeMap<>();
    private long bytes;
    private String lastRefusal = "";

    EmbeddingLoad(
            EmbeddingStore store, String collection, EmbeddingSchema schema, FileTally tally) {
        this.store = store;
        this.collection = collection;
        this.tally = tally;
        this.lines = new EmbeddingLines(schema);
        this.wasEmpty = store.count(collection, null, null) == 0;
        this.partitionKey = schema.fields().stream().anyMatch(EmbeddingSchema.Field::partitionKey);
        this.partitions = new TreeSet<>(store.partitions(collection));
    }

    Map<String, Long> ignoredFields() {
        return lines.ignoredFields();
    }

    void accept(LineReader.Line line) {
        tally.read();
        try {
            EmbeddingLines.Parsed parsed = lines.parse(line);
            boolean named = parsed.partition() != null && !partitionKey;
            String partition =
                    named && parsed.partition() != null
                            ? parsed.partition()
                            : EmbeddingLines.DEFAULT_PARTITION;
            Batch batch = batches.computeIfAbsent(partition, p -> new Batch());
            long rowBytes = MilvusEmbeddingStore.estimateBytes(parsed.row());
            batch.rows.add(
                    new Pending(
                            line.number(), parsed.row(), named, LineText.excerpt(line.bytes())));
            batch.bytes += rowBytes;
            bytes += rowBytes;
            if (batch.bytes >= BATCH_BYTES || batch.rows.size() >= BATCH_ROWS) {
                flush(partition, batch);
            } else if (bytes >= TOTAL_BYTES) {
                flush();
            }
        } catch (BadLineException e) {
            tally.rejected(line.number(), e, LineText.excerpt(line.bytes()));
        }
    }

    void flush() {
        batches.forEach(this::flush);
    }

    private void flush(String partition, Batch batch) {
        List<Pending> rows = new ArrayList<>(batch.rows);
        bytes -= batch.bytes;
        batch.rows.clear();
        batch.bytes = 0;
        if (rows.isEmpty()) {
            return;
        }
        if (!partitionKey && partitions.add(partition)) {
            store.createPartition(collection, partition);
        }
        if (wasEmpty) {
            write(partition, rows);
            return;
        }
        for (int from = 0; from < rows.size(); from += IDS_PER_LOOK_UP) {
            compareAndWrite(
                    partition, rows.subList(from, Math.min(rows.size(), from + IDS_PER_LOOK_UP)));
        }
    }

    private void compareAndWrite(String partition, List<Pending> rows) {
        Map<String, Pending> open = new LinkedHashMap<>();
        rows.forEach(r -> open.put(r.row.id(), r));
        List<Pending> changed = settle(open, partitionKey ? null : partition);
        if (!open.isEmpty() && !partitionKey && partitions.size() > 1) {
            Set<String> elsewhere = new TreeSet<>();
            store.get(collection, null, List.copyOf(open.keySet()))
                    .forEach(r -> elsewhere.add(r.id()));
            for (String other : partitions) {
                if (!other.equals(partition) && !elsewhere.isEmpty()) {
                    moveOrKeep(open, elsewhere, other, partition, changed);
                }
            }
        }
        changed.addAll(open.values());
        write(partition, changed);
    }

    /** Rows found in one other partition: those that name no partition stay there. */
    private void moveOrKeep(
            Map<String, Pending> open,
            Set<String> elsewhere,
            String other,
            String partition,
            List<Pending> changed) {
        Map<String, Pending> keeping = new LinkedHashMap<>();
        List<String> leaving = new ArrayList<>();
        for (EmbeddingRow stored : store.get(collection, other, List.copyOf(elsewhere))) {
            Pending line = open.remove(stored.id());
            elsewhere.remove(stored.id());
            if (line == null) {
                continue;
            }
            if (line.named) {
                changed.add(line);
                leaving.add(stored.id());
            } else if (same(line.row, stored)) {
                tally.unchanged(1);
            } else {
                keeping.put(stored.id(), line);
            }
        }
        write(other, List.copyOf(keeping.values()));
        if (!leaving.isEmpty()) {
            // Written first: killed in between, the row is there twice and the next load mends it.
            write(partition, changed.stream().filter(c -> leaving.contains(c.row.id())).toList());
            changed.removeIf(c -> leaving.contains(c.row.id()));
            store.delete(collection, other, leaving);
        }
    }

    /** Removes the rows that are stored in the partition; returns those that differ. */
    private List<Pending> settle(Map<String, Pending> open, @Nullable String partition) {
        List<Pending> changed = new ArrayList<>();
        for (EmbeddingRow stored : store.get(collection, partition, List.copyOf(open.keySet()))) {
            Pending line = open.remove(stored.id());
            if (line == null) {
                continue;
            }
            if (same(line.row, stored)) {
                tally.unchanged(1);
            } else {
                changed.add(line);
            }
        }
        return changed;
    }

    private static boolean same(EmbeddingRow row, EmbeddingRow stored) {
        if (row.vector().length != stored.vector().length) {
            return false;
        }
        for (int i = 0; i < row.vector().length; i++) {
            if (row.vector()[i] != stored.vector()[i]) {
                return false;
            }
        }
        return new HashMap<>(stored.fields()).equals(row.fields());
    }

    private void write(String partition, List<Pending> rows) {
        if (!rows.isEmpty() && upsert(partition, rows, rows.size()) == 0) {
            throw new StoreException(
                    Failure.FATAL,
                    collection
                            + " refused all of "
                            + rows.size()
                            + " rows, the last with: "
                            + lastRefusal,
                    null);
        }
    }

    /** Halves a refused batch until the rows the server does not want stand alone. */
    private int upsert(String partition, List<Pending> rows, int asked) {
        try {
            store.upsert(collection, partition, rows.stream().map(Pending::row).toList());
            tally.written(rows.size());
            return rows.size();
        } catch (StoreException e) {
            if (e.failure() == Failure.TRANSIENT) {
                throw e;
            }
            lastRefusal = String.valueOf(e.getMessage());
            if (rows.size() == 1) {
                Pending line = rows.get(0);
                tally.rejected(
                        line.number,
                        new BadLineException("refused_by_store", line.row.id(), lastRefusal),
                        line.excerpt);
                // A row alone may be at fault itself; of several, one at least must get through.
                return asked == 1 ? 1 : 0;
            }
            int middle = rows.size() / 2;
            return upsert(partition, rows.subList(0, middle), asked)
                    + upsert(partition, rows.subList(middle, rows.size()), asked);
        }
    }

    private record Pending(long number, EmbeddingRow row, boolean named, String excerpt) {}

    private static final class Batch {
        private final List<Pending> rows = new ArrayList<>();
        private long bytes;
    }
}
