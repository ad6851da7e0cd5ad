package org.aima.stores.milvus;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import org.aima.jobs.error.Failure;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.Retry;
import org.aima.stores.StoreException;
import org.aima.stores.paging.KeyRange;
import org.aima.stores.paging.Page;
import org.aima.stores.paging.PageReader;

/**
 * Reads an embedding collection by frozen primary-key ranges, partition by partition.
 *
 * <p>Ranges are cut so that a strong {@code count(*)} finds at most one page in each; a page is
 * complete when it holds that many rows. Nothing depends on the order in which the server answers,
 * and no iterator is trusted: both were seen to lose rows.
 */
public final class MilvusPageReader implements PageReader<PartitionRow> {
    private static final long PAGE_BYTES = 6L << 20;
    private static final int MAX_PAGE_ROWS = 4_096;
    private static final int MIN_PAGE_ROWS = 64;
    private static final int MILVUS_LIMIT = 16_384;
    private static final Retry INCOMPLETE =
            new Retry(4, java.time.Duration.ofMillis(250), java.time.Duration.ofSeconds(2));

    private final EmbeddingStore store;
    private final String collection;
    private final List<String> fields;
    private final boolean withVector;
    private final int pageRows;

    /**
     * @param fields scalar fields to read
     */
    public MilvusPageReader(
            EmbeddingStore store, String collection, List<String> fields, boolean withVector) {
        this.store = store;
        this.collection = collection;
        this.fields = List.copyOf(fields);
        this.withVector = withVector;
        int dimension = store.describe(collection).map(MilvusEmbeddingStore::dimension).orElse(1);
        long rowBytes = withVector ? 4L * dimension + 512 : 512;
        this.pageRows =
                (int) Math.max(MIN_PAGE_ROWS, Math.min(MAX_PAGE_ROWS, PAGE_BYTES / rowBytes));
    }

    @Override
    public List<KeyRange> ranges() {
        List<KeyRange> ranges = new ArrayList<>();
        for (String partition : store.partitions(collection)) {
            KeyRange all = new KeyRange(partition, null, null);
            split(all, store.count(collection, partition, null), ranges);
        }
        return ranges;
    }

    private void split(KeyRange whole, long wholeCount, List<KeyRange> ranges) {
        Deque<Part> open = new ArrayDeque<>();
        open.push(new Part(whole, wholeCount));
        while (!open.isEmpty()) {
            Part part = open.pop();
            KeyRange range = part.range();
            // An unbounded or empty range is kept: rows that arrive later belong to some range.
            if (part.count() <= pageRows) {
                ranges.add(range);
                continue;
            }
            List<String> sample =
                    store
                            .query(
                                    collection,
                                    range.scope(),
                                    range,
                                    List.of(),
                                    false,
                                    Math.min(MILVUS_LIMIT, pageRows))
                            .stream()
                            .map(EmbeddingRow::id)
                            .sorted(EmbeddingStore.KEY_ORDER)
                            .toList();
            Part left = leftOf(range, sample);
            if (left == null || left.count() == 0) {
                // Rows with one and the same key: the server keeps such duplicates apart.
                ranges.add(range);
                continue;
            }
            KeyRange right = new KeyRange(range.scope(), left.range().upTo(), range.upTo());
            open.push(new Part(right, Math.max(0, part.count() - left.count())));
            open.push(left);
        }
    }

    /** The lower part of a range, up to a key of the sample, as large as one page if it can be. */
    private @org.jspecify.annotations.Nullable Part leftOf(KeyRange range, List<String> sample) {
        if (sample.isEmpty()) {
            return null;
        }
        String last = sample.get(sample.size() - 1);
        for (String pivot : List.of(last, sample.get(sample.size() / 2), sample.get(0))) {
            if (pivot.equals(range.upTo())) {
                continue;
            }
            KeyRange left = new KeyRange(range.scope(), range.after(), pivot);
            long count = store.count(collection, range.scope(), left);
            if (count <= pageRows || !pivot.equals(last)) {
                return new Part(left, count);
            }
        }
        return null;
    }

    @Override
    public Page<PartitionRow> read(KeyRange range) {
        List<EmbeddingRow> rows = INCOMPLETE.call(() -> readWhole(range));
        return new Page<>(
                rows.stream()
                        .map(r -> new Page.Keyed<>(r.id(), new PartitionRow(range.scope(), r)))
                        .toList(),
                null);
    }

    private List<EmbeddingRow> readWhole(KeyRange range) {
        List<EmbeddingRow> rows =
                store.query(collection, range.scope(), range, fields, withVector, MILVUS_LIMIT);
        long expected = store.count(collection, range.scope(), range);
        if (rows.size() >= MILVUS_LIMIT) {
            throw new StoreException(
                    Failure.FATAL,
                    "range "
                            + range
                            + " of "
                            + collection
                            + " grew beyond one answer since it was frozen; rerun",
                    null);
        }
        if (rows.size() < expected && distinctKeysMissing(range, rows, expected)) {
            throw new StoreException(
                    Failure.TRANSIENT,
                    "Milvus returned "
                            + rows.size()
                            + " rows of range "
                            + range
                            + ", its count(*) says "
                            + expected,
                    null);
        }
        List<EmbeddingRow> sorted = new ArrayList<>(rows);
        // A reader resumes behind the last key it emitted: the order must be the server's.
        sorted.sort(Comparator.comparing(EmbeddingRow::id, EmbeddingStore.KEY_ORDER));
        return sorted;
    }

    /**
     * count(*) counts rows with one key each for itself, a query returns one of them: a second
     * query for the keys alone that agrees with the first shows that only duplicates are between
     * the two.
     */
    private boolean distinctKeysMissing(KeyRange range, List<EmbeddingRow> rows, long expected) {
        List<String> again =
                store
                        .query(collection, range.scope(), range, List.of(), false, MILVUS_LIMIT)
                        .stream()
                        .map(EmbeddingRow::id)
                        .distinct()
                        .toList();
        return again.size() != rows.stream().map(EmbeddingRow::id).distinct().count()
                || again.size() > expected;
    }

    @Override
    public void close() {
        store.close();
    }

    private record Part(KeyRange range, long count) {}
}
