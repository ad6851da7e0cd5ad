package org.aima.personclustering.function;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.aima.jobs.error.Failure;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.StoreException;

/**
 * Writes rows back that differ in their person only; a row the store refuses takes no other along.
 */
public final class RowUpserts {
    private final EmbeddingStore store;
    private final BiConsumer<String, StoreException> refused;

    /**
     * @param refused told the key of each row the store refuses, and why
     */
    public RowUpserts(EmbeddingStore store, BiConsumer<String, StoreException> refused) {
        this.store = store;
        this.refused = refused;
    }

    /** The row as it was read, with another person. */
    public static EmbeddingRow of(EmbeddingRow row, String personId) {
        Map<String, Object> fields = new HashMap<>(row.fields());
        fields.put("person_id", personId);
        return new EmbeddingRow(row.id(), row.vector(), fields);
    }

    /**
     * Returns how many rows the store refused.
     *
     * @throws StoreException when it refused all of several: then not the rows are bad but the
     *     collection, the rights or the server
     */
    public int write(String collection, String partition, List<EmbeddingRow> rows) {
        int count = upsert(collection, partition, rows);
        if (count == rows.size() && count > 1) {
            throw new StoreException(
                    Failure.FATAL, collection + " refused every row of a batch of " + count, null);
        }
        return count;
    }

    private int upsert(String collection, String partition, List<EmbeddingRow> rows) {
        if (rows.isEmpty()) {
            return 0;
        }
        try {
            store.upsert(collection, partition, rows);
            return 0;
        } catch (StoreException e) {
            if (e.failure() == Failure.TRANSIENT) {
                throw e;
            }
            if (rows.size() == 1) {
                refused.accept(rows.get(0).id(), e);
                return 1;
            }
            // One bad row must not take the others with it: halve until it stands alone.
            int half = rows.size() / 2;
            return upsert(collection, partition, rows.subList(0, half))
                    + upsert(collection, partition, rows.subList(half, rows.size()));
        }
    }
}
