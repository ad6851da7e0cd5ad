package org.aima.stores.milvus;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.aima.jobs.error.Failure;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.Retry;
import org.aima.stores.StoreException;
import org.aima.stores.paging.KeyRange;
import org.aima.stores.paging.Page;
import org.aima.stores.paging.PageReader;
import org.jspecify.annotations.Nullable;

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

    private static final double FILL = 0.75;
    private static final int REQUESTS = 6;

    private final EmbeddingStore owned;
    private final EmbeddingStore store;
    private final ExecutorService requests =
            Executors.newFixedThreadPool(
                    REQUESTS,
                    task -> {
                        Thread thread = new Thread(task, "milvus-page-reader");
                        thread.setDaemon(true);
                        return thread;
                    });
    private final String collection;
    private final List<String> fields;
    private final boolean withVector;
    private final int pageRows;

    /**
     * @param fields scalar fields to read
     */
    public MilvusPageReader(
            EmbeddingStore store, String collection, List<String> fields, boolean withVector) {
        this.owned = store;
        this.store = store.asOfNow();
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
        @Nullable Part pending = null;
        while (!open.isEmpty()) {
            Part part = open.pop();
            // An unbounded or empty range is kept: rows that arrive later belong to some range.
            List<Part> parts = part.count() <= pageRows ? List.of() : cut(part);
            if (parts.isEmpty()) {
                // A sample that was not fair leaves small parts: neighbours that fit become one.
                if (pending != null && pending.count() + part.count() <= pageRows) {
                    pending = pending.with(part);
                } else {
                    if (pending != null) {
                        ranges.add(pending.range());
                    }
                    pending = part;
                }
            } else {
                // Pushed from the end, so that ranges come out in ascending order.
                for (int i = parts.size() - 1; i >= 0; i--) {
                    open.push(parts.get(i));
                }
            }
        }
        if (pending != null) {
            ranges.add(pending.range());
        }
    }

    /**
     * Cuts a range at keys of a sample, such that its parts hold about three quarters of a page if
     * the sample is fair; a part that turns out larger is cut again. Empty when there is nothing to
     * cut at: rows with one and the same key, which the server keeps apart.
     */
    private List<Part> cut(Part whole) {
        KeyRange range = whole.range();
        List<String> sample =
                store
                        .query(
                                collection,
                                range.scope(),
                                range,
                                List.of(),
                                false,
                                (int) Math.min(MILVUS_LIMIT, whole.count()))
                        .stream()
                        .map(EmbeddingRow::id)
                        .sorted(EmbeddingStore.KEY_ORDER)
                        .distinct()
                        .toList();
        int wanted = (int) Math.ceil(whole.count() / (FILL * pageRows));
        List<KeyRange> ranges = new ArrayList<>();
        String after = range.after();
        for (int i = 1; i < wanted; i++) {
            int at = (int) ((long) i * sample.size() / wanted) - 1;
            String pivot = at < 0 ? null : sample.get(at);
            if (pivot != null && !pivot.equals(after) && !pivot.equals(range.upTo())) {
                ranges.add(new KeyRange(range.scope(), after, pivot));
                after = pivot;
            }
        }
        if (ranges.isEmpty()) {
            return List.of();
        }
        ranges.add(new KeyRange(range.scope(), after, range.upTo()));
        List<Future<Long>> counts = new ArrayList<>();
        for (KeyRange part : ranges) {
            counts.add(requests.submit(() -> store.count(collection, part.scope(), part)));
        }
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < ranges.size(); i++) {
            parts.add(new Part(ranges.get(i), answer(counts.get(i))));
        }
        return parts;
    }

    private static <T> T answer(Future<T> request) {
        try {
            return request.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException known) {
                throw known;
            }
            throw new StoreException(Failure.FATAL, String.valueOf(e.getCause()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException(Failure.FATAL, "interrupted while reading Milvus", e);
        }
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
        // The count takes the server next to nothing; waiting for both at once saves its latency.
        Future<Long> count = requests.submit(() -> store.count(collection, range.scope(), range));
        List<EmbeddingRow> rows =
                store.query(collection, range.scope(), range, fields, withVector, MILVUS_LIMIT);
        long expected = answer(count);
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
        requests.shutdownNow();
        owned.close();
    }

    private record Part(KeyRange range, long count) {
        /** Both parts as one; the other one begins where this one ends. */
        Part with(Part next) {
            return new Part(
                    new KeyRange(range.scope(), range.after(), next.range.upTo()),
                    count + next.count);
        }
    }
}
