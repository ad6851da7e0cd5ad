package org.aima.stores;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.aima.stores.paging.KeyRange;
import org.jspecify.annotations.Nullable;

/**
 * Collections of embeddings. Reads are strong: they see every write acknowledged before the call.
 * Every method throws {@link StoreException}; transient failures were already retried.
 */
public interface EmbeddingStore extends AutoCloseable {

    /** The order of keys in ranges: bytes of UTF-8, which is not the order of Java's strings. */
    Comparator<String> KEY_ORDER =
            (a, b) ->
                    Arrays.compareUnsigned(
                            a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

    /**
     * A view whose reads see at least every write that was acknowledged before this call, and need
     * not see later ones. For long scans: a server that waits for its clock before each strong read
     * then waits once. It shares this store's connection and ends with it.
     */
    EmbeddingStore asOfNow();

    /** Schema by name or alias, empty when there is no such collection. */
    Optional<EmbeddingSchema> describe(String collection);

    /**
     * Creates the collection; does nothing when it exists with the same fields, refuses otherwise.
     */
    void createCollection(EmbeddingSchema schema);

    /** Does nothing when it does not exist. */
    void dropCollection(String collection);

    Set<String> partitions(String collection);

    /** Does nothing when it exists. */
    void createPartition(String collection, String partition);

    /** Creates the index and waits until it is built; does nothing when the same one exists. */
    void createIndex(String collection, EmbeddingSchema.Index index);

    /** The indexes of a collection by field. */
    Map<String, EmbeddingSchema.Index> indexes(String collection);

    /** Does nothing when there is none. The collection must be released. */
    void dropIndex(String collection, String field);

    void load(String collection);

    void release(String collection);

    /** Points the alias to the collection, creating it if need be; one atomic switch. */
    void pointAlias(String alias, String collection);

    /** Does nothing when there is no such alias. */
    void dropAlias(String alias);

    /**
     * Gives a collection another name; its aliases, rows and indexes stay. Does nothing when the
     * old name is gone and the new one exists.
     */
    void rename(String collection, String newName);

    /** The names of all collections, without aliases. */
    Set<String> collections();

    /** Seals what was written, so that indexes are built over it; waits until that is durable. */
    void flush(String collection);

    /** The aliases of a collection. */
    Set<String> aliases(String collection);

    /** Rows in a partition (null: in all) whose key lies in the range (null: all keys). */
    long count(String collection, @Nullable String partition, @Nullable KeyRange range);

    /**
     * Rows of a range, in no order, at most {@code limit} of them.
     *
     * @param fields scalar fields to read; the primary key is always read
     * @param withVector whether to read the vector; without it {@link EmbeddingRow#vector} is empty
     */
    List<EmbeddingRow> query(
            String collection,
            @Nullable String partition,
            KeyRange range,
            List<String> fields,
            boolean withVector,
            int limit);

    /**
     * Whole rows of the given keys in a partition (null: in all), in no order; missing keys are
     * left out.
     */
    List<EmbeddingRow> get(String collection, @Nullable String partition, List<String> ids);

    /** Keys of the rows that pass a filter, in no order, at most {@code limit} (16,384) of them. */
    List<String> keys(String collection, RowFilter filter, int limit);

    /**
     * The nearest rows of each vector, nearest first, as the collection's index finds them.
     *
     * @param filter rows that do not pass are not found; null for all rows
     * @param params of the index's search, for example {@code ef}
     */
    List<List<Neighbour>> search(
            String collection,
            List<float[]> vectors,
            int k,
            @Nullable RowFilter filter,
            Map<String, String> params);

    /**
     * Inserts or replaces rows by primary key; idempotent. Of two rows with one key in the list the
     * last wins. Not atomic over several calls, atomic to readers for each request it makes.
     */
    void upsert(String collection, String partition, List<EmbeddingRow> rows);

    /** Deletes by primary key in a partition (null: in all); missing keys are no error. */
    void delete(String collection, @Nullable String partition, List<String> ids);

    @Override
    void close();
}
