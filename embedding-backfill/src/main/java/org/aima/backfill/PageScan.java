package org.aima.backfill;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.aima.jobs.error.Failure;
import org.aima.jobs.pipeline.ProgressLines;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.EmbeddingSchema.Field;
import org.aima.stores.EmbeddingSchema.Type;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.StoreException;
import org.aima.stores.milvus.MilvusPageReader;
import org.aima.stores.paging.KeyRange;

/** Reads a whole collection by frozen ranges with a few threads, outside the cluster. */
final class PageScan {
    private final Supplier<EmbeddingStore> stores;
    private final int threads;
    private final ProgressLines progress;

    /**
     * @param stores opens a connection for each thread
     */
    PageScan(Supplier<EmbeddingStore> stores, int threads, ProgressLines progress) {
        this.stores = stores;
        this.threads = threads;
        this.progress = progress;
    }

    /** What one thread does with the pages it reads. */
    interface Reader extends AutoCloseable {
        void page(String partition, List<EmbeddingRow> rows);

        @Override
        default void close() {}
    }

    /** The names of all scalar fields but the key. */
    static List<String> scalars(EmbeddingSchema schema) {
        return schema.fields().stream()
                .filter(f -> !f.primary() && f.type() != Type.FLOAT_VECTOR)
                .map(Field::name)
                .toList();
    }

    /**
     * Hands every page to a reader; each thread has one of its own.
     *
     * @param total rows, for progress
     * @return rows read
     */
    long scan(
            String collection,
            List<String> fields,
            boolean withVector,
            long total,
            String what,
            Supplier<Reader> readers) {
        Queue<KeyRange> ranges;
        try (MilvusPageReader frozen =
                new MilvusPageReader(stores.get(), collection, fields, withVector)) {
            ranges = new ConcurrentLinkedQueue<>(frozen.ranges());
        }
        AtomicLong rows = new AtomicLong();
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> workers = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                workers.add(
                        pool.submit(
                                () -> {
                                    try (MilvusPageReader pages =
                                                    new MilvusPageReader(
                                                            stores.get(),
                                                            collection,
                                                            fields,
                                                            withVector);
                                            Reader reader = readers.get()) {
                                        for (KeyRange range = ranges.poll();
                                                range != null;
                                                range = ranges.poll()) {
                                            List<EmbeddingRow> page =
                                                    pages.read(range).rows().stream()
                                                            .map(r -> r.value().row())
                                                            .toList();
                                            reader.page(range.scope(), page);
                                            progress.show(rows.addAndGet(page.size()), total, what);
                                        }
                                    }
                                }));
            }
            for (Future<?> worker : workers) {
                await(worker);
            }
        } finally {
            pool.shutdownNow();
        }
        return rows.get();
    }

    private static void await(Future<?> worker) {
        try {
            worker.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException known) {
                throw known;
            }
            throw new StoreException(Failure.FATAL, String.valueOf(e.getCause()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException(Failure.FATAL, "interrupted while reading", e);
        }
    }
}
