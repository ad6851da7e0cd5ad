package org.aima.stores.paging;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.aima.jobs.error.Failure;
import org.aima.jobs.pipeline.ProgressLines;
import org.aima.stores.StoreException;

/**
 * Reads everything of a store outside the cluster: freezes its ranges once, then several threads
 * share them, and progress is told.
 *
 * <p>Each row is handed on once, in no order between ranges. Memory is a page for each thread.
 */
public final class RangeScan<T> {
    private final Supplier<? extends PageReader<T>> readers;
    private final int threads;
    private final ProgressLines progress;

    /**
     * @param readers opens a reader for each thread, and one to freeze the ranges
     */
    public RangeScan(
            Supplier<? extends PageReader<T>> readers, int threads, ProgressLines progress) {
        this.readers = readers;
        this.threads = threads;
        this.progress = progress;
    }

    /** What one thread does with the pages it reads. */
    public interface PageSink<T> extends AutoCloseable {
        /**
         * @param scope of the range the rows were read from, see {@link KeyRange#scope}
         */
        void page(String scope, List<T> rows);

        @Override
        default void close() {}
    }

    /**
     * Hands every page to a sink; each thread has one of its own. The first failure ends the scan.
     *
     * @param total rows, for progress; 0 when that is not known
     * @param what the work, in words
     * @return rows read
     */
    public long scan(long total, String what, Supplier<? extends PageSink<T>> sinks) {
        Queue<KeyRange> ranges;
        try (PageReader<T> frozen = readers.get()) {
            ranges = new ConcurrentLinkedQueue<>(frozen.ranges());
        }
        AtomicLong rows = new AtomicLong();
        AtomicBoolean failed = new AtomicBoolean();
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> workers = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                workers.add(
                        pool.submit(
                                () -> {
                                    try (PageReader<T> pages = readers.get();
                                            PageSink<T> sink = sinks.get()) {
                                        KeyRange range = ranges.poll();
                                        while (range != null && !failed.get()) {
                                            Page<T> page = pages.read(range);
                                            sink.page(
                                                    range.scope(),
                                                    page.rows().stream()
                                                            .map(Page.Keyed::value)
                                                            .toList());
                                            progress.show(
                                                    rows.addAndGet(page.rows().size()),
                                                    total,
                                                    what);
                                            range =
                                                    page.rest() == null
                                                            ? ranges.poll()
                                                            : page.rest();
                                        }
                                    } catch (RuntimeException e) {
                                        failed.set(true);
                                        throw e;
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
