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
 * <p>Ranges hold at most one page each when they are cut, and a page is complete when it holds as
 * many rows as a strong {@code count(*)} finds. What is read does not depend on the order in which
 * the server answers, and no iterator is trusted: both were seen to lose rows. Cutting n rows takes
 * n / 16,384 requests for keys and as many counts, each of which looks at all n.
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
        if (wholeCount <= pageRows) {
            // An unbounded or empty range is kept: rows that arrive later belong to some range.
            ranges.add(whole);
            return;
        }
        Joined joined = new Joined(ranges);
        @Nullable Window before = null;
        for (KeyRange rest = whole; rest != null; ) {
            Window window = window(rest);
            if (before != null) {
                take(before, joined);
            }
            before = window;
            rest = window.rest();
        }
        if (before != null) {
            take(before, joined);
        }
        joined.end();
    }

    /**
     * The first keys of a range, as many as one answer holds. The server gives the smallest ones;
     * should it ever give others, the count tells.
     *
     * @param rest what is behind them; null when this is all
     */
    private record Window(
            KeyRange range, List<String> keys, Future<Long> count, @Nullable KeyRange rest) {}

    private Window window(KeyRange rest) {
        List<EmbeddingRow> rows =
                store.query(collection, rest.scope(), rest, List.of(), false, MILVUS_LIMIT);
        List<String> keys = keys(rows);
        String last = rows.size() < MILVUS_LIMIT ? null : keys.get(keys.size() - 1);
        boolean whole = last == null || last.equals(rest.upTo());
        KeyRange range = whole ? rest : new KeyRange(rest.scope(), rest.after(), last);
        return new Window(
                range,
                keys,
                requests.submit(() -> store.count(collection, range.scope(), range)),
                whole ? null : new KeyRange(rest.scope(), last, rest.upTo()));
    }

    private static List<String> keys(List<EmbeddingRow> rows) {
        return rows.stream()
                .map(EmbeddingRow::id)
                .sorted(EmbeddingStore.KEY_ORDER)
                .distinct()
                .toList();
    }

    /** Cuts a window into pages: by its keys when they are all, else by trial. */
    private void take(Window window, Joined joined) {
        long count = answer(window.count());
        if (count != window.keys().size()) {
            cutByTrial(new Part(window.range(), count), joined);
            return;
        }
        int pages = (int) Math.ceil(count / (FILL * pageRows));
        String after = window.range().after();
        int from = 0;
        for (int i = 1; i < pages; i++) {
            int to = (int) (count * i / pages);
            String upTo = window.keys().get(to - 1);
            joined.add(new Part(new KeyRange(window.range().scope(), after, upTo), to - from));
            after = upTo;
            from = to;
        }
        joined.add(
                new Part(
                        new KeyRange(window.range().scope(), after, window.range().upTo()),
                        count - from));
    }

    private void cutByTrial(Part whole, Joined joined) {
        Deque<Part> open = new ArrayDeque<>();
        open.push(whole);
        while (!open.isEmpty()) {
            Part part = open.pop();
            List<Part> parts = part.count() <= pageRows ? List.of() : cut(part);
            if (parts.isEmpty()) {
                joined.add(part);
            }
            // Pushed from the end, so that ranges come out in ascending order.
            for (int i = parts.size() - 1; i >= 0; i--) {
                open.push(parts.get(i));
            }
        }
    }

    /** Small neighbours become one range while they fit into a page. */
    private final class Joined {
        private final List<KeyRange> ranges;
        private @Nullable Part pending;

        Joined(List<KeyRange> ranges) {
            this.ranges = ranges;
        }

        void add(Part part) {
            if (pending != null && pending.count() + part.count() <= pageRows) {
                pending = pending.with(part);
            } else {
                end();
                pending = part;
            }
        }

        void end() {
            if (pending != null) {
                ranges.add(pending.range());
                pending = null;
            }
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
                keys(
                        store.query(
                                collection,
                                range.scope(),
                                range,
                                List.of(),
                                false,
                                (int) Math.min(MILVUS_LIMIT, whole.count())));
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
