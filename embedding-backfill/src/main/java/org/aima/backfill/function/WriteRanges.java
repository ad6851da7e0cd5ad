package org.aima.backfill.function;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.aima.backfill.core.RateLimiter;
import org.aima.backfill.core.RowDigest;
import org.aima.jobs.error.Failure;
import org.aima.jobs.model.Figure;
import org.aima.jobs.model.Reject;
import org.aima.jobs.pipeline.JobMetric;
import org.aima.jobs.pipeline.WriteGuard;
import org.aima.stores.DocumentStore;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.StoreException;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * Writes each range as a whole: its rows by partition, then its dead letters, then the mark that it
 * is done.
 *
 * <p>Nothing is kept across a failure: a range without its mark is read and written again, which
 * changes nothing because every write is an upsert. So a failure repeats at most the range a
 * subtask was at.
 */
public final class WriteRanges extends AbstractStreamOperator<Figure>
        implements OneInputStreamOperator<PlacedPage, Figure> {
    private static final long serialVersionUID = 1L;
    private static final long LONGEST_PAUSE_MILLIS = 10_000;
    private static final long PATIENCE_MILLIS = 180_000;
    private static final int ROW_OVERHEAD_BYTES = 64;

    private final Settings settings;
    private final StoreFactory<EmbeddingStore> targets;
    private final StoreFactory<DocumentStore> documents;
    private final StoreFactory<SearchProbe> probes;
    private final WriteGuard guard;
    private transient @Nullable EmbeddingStore target;
    private transient @Nullable CopyJournal journal;
    private transient @Nullable SearchProbe probe;
    private transient @Nullable RateLimiter limiter;
    private transient @Nullable ExecutorService requests;
    private transient @Nullable List<PlacedPage> pages;
    private transient @Nullable Set<String> partitions;
    private transient @Nullable Counter writtenRows;
    private transient @Nullable Counter writtenBytes;
    private transient @Nullable Counter rejectedRows;

    /** Opens a store where it is used; one that does not retry by itself. */
    @FunctionalInterface
    public interface StoreFactory<T> extends Serializable {
        T open();
    }

    /**
     * What the writer is told.
     *
     * @param schema of the target
     * @param rowsPerSecond of all subtasks; 0 for no limit
     * @param bytesPerSecond of all subtasks; 0 for no limit
     * @param slowMillis an answer that takes longer slows the copy down
     * @param batchBytes of one request, by estimate
     * @param requests that one subtask has under way
     */
    public record Settings(
            String runId,
            long submittedAtMillis,
            EmbeddingSchema schema,
            double rowsPerSecond,
            double bytesPerSecond,
            long slowMillis,
            int batchBytes,
            int requests)
            implements Serializable {}

    public WriteRanges(
            Settings settings,
            StoreFactory<EmbeddingStore> targets,
            StoreFactory<DocumentStore> documents,
            StoreFactory<SearchProbe> probes,
            WriteGuard guard) {
        this.settings = settings;
        this.targets = targets;
        this.documents = documents;
        this.probes = probes;
        this.guard = guard;
    }

    @Override
    public void open() throws Exception {
        super.open();
        int subtasks = getRuntimeContext().getTaskInfo().getNumberOfParallelSubtasks();
        boolean first = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask() == 0;
        target = targets.open();
        journal = new CopyJournal(documents.open(), settings.runId());
        pages = new ArrayList<>();
        partitions = new HashSet<>();
        requests =
                Executors.newFixedThreadPool(
                        settings.requests(),
                        task -> {
                            Thread thread = new Thread(task, "backfill-writer");
                            thread.setDaemon(true);
                            return thread;
                        });
        RateLimiter shared =
                new RateLimiter(
                        settings.rowsPerSecond() / subtasks,
                        settings.bytesPerSecond() / subtasks,
                        settings.slowMillis() * 1_000_000,
                        System::nanoTime);
        limiter = shared;
        if (first) {
            probe = probes.open();
        }
        writtenRows = JobMetric.ROWS_WRITTEN.counter(getMetricGroup());
        writtenBytes = JobMetric.BYTES_WRITTEN.counter(getMetricGroup());
        rejectedRows = JobMetric.ROWS_REJECTED.counter(getMetricGroup());
        JobMetric.RATE_SHARE.gauge(getMetricGroup(), shared::share);
    }

    @Override
    public void processElement(StreamRecord<PlacedPage> record) {
        PlacedPage page = record.getValue();
        List<PlacedPage> kept = Objects.requireNonNull(pages);
        // A range that was begun again after a failure of its reader starts with its first page.
        kept.removeIf(p -> p.range() != page.range());
        kept.add(page);
        if (page.last()) {
            write(kept);
            kept.clear();
        }
    }

    /** A row on its way, with what it takes of a request. */
    private record Outgoing(EmbeddingRow row, long bytes) {}

    private void write(List<PlacedPage> whole) {
        guard.check();
        long began = System.nanoTime();
        RowDigest digest = new RowDigest(settings.schema());
        Map<String, List<Outgoing>> byPartition = new LinkedHashMap<>();
        Map<String, Long> counts = new TreeMap<>();
        List<Reject> rejects = new ArrayList<>();
        List<Long> hashes = new ArrayList<>();
        long bytes = 0;
        for (PlacedPage page : whole) {
            counts.merge("read", (long) page.read(), Long::sum);
            EmbeddingRow[] rows = page.rows().rows(settings.schema());
            for (int i = 0; i < rows.length; i++) {
                String partition = page.partitions()[i];
                long size = estimate(rows[i]);
                byPartition
                        .computeIfAbsent(partition, p -> new ArrayList<>())
                        .add(new Outgoing(rows[i], size));
                hashes.add(RowDigest.placed(digest.content(rows[i]), partition));
                bytes += size;
            }
            for (int i = 0; i < page.rejectKeys().length; i++) {
                rejects.add(
                        new Reject(
                                page.origin(),
                                page.rejectKeys()[i],
                                page.rejectReasons()[i],
                                page.rejectDetails()[i],
                                page.rejectPayloads()[i]));
            }
        }
        CopyJournal open = Objects.requireNonNull(journal);
        int range = whole.get(0).range();
        open.noteWritten(
                range,
                UUID.randomUUID().toString(),
                hashes.stream().mapToLong(Long::longValue).toArray());
        byPartition.keySet().forEach(this::ensure);
        rejects.addAll(send(byPartition, whole.get(0).origin()));
        open.reject(rejects, settings.submittedAtMillis());
        long read = counts.getOrDefault("read", 0L);
        counts.put("written", read - rejects.size());
        counts.put("rejected", (long) rejects.size());
        rejects.forEach(r -> counts.merge("rejected." + r.reason(), 1L, Long::sum));
        counts.put("bytes", bytes);
        counts.put("write.millis", (System.nanoTime() - began) / 1_000_000);
        RateLimiter rate = Objects.requireNonNull(limiter);
        counts.put("push_backs", rate.pushBacks());
        counts.put("slow_answers", rate.slowAnswers());
        SearchProbe searching = probe;
        open.done(
                open.range(range),
                counts,
                searching == null ? List.of() : searching.takeLatencies());
        Objects.requireNonNull(writtenRows).inc(read - rejects.size());
        Objects.requireNonNull(writtenBytes).inc(bytes);
        Objects.requireNonNull(rejectedRows).inc(rejects.size());
        output.collect(new StreamRecord<>(Figure.count("copied", read - rejects.size())));
    }

    /** Rows that came since the plan may need a partition it did not foresee. */
    private void ensure(String partition) {
        Set<String> known = Objects.requireNonNull(partitions);
        if (partition.isEmpty() || known.contains(partition)) {
            return;
        }
        EmbeddingStore open = Objects.requireNonNull(target);
        String collection = settings.schema().name();
        try {
            open.createPartition(collection, partition);
        } catch (StoreException e) {
            // Another subtask may have made it in the same moment.
            if (!open.partitions(collection).contains(partition)) {
                throw e;
            }
        }
        known.add(partition);
    }

    private List<Reject> send(Map<String, List<Outgoing>> byPartition, String origin) {
        List<Future<List<Reject>>> answers = new ArrayList<>();
        ExecutorService pool = Objects.requireNonNull(requests);
        int most = Objects.requireNonNull(limiter).rowsPerRequest(Integer.MAX_VALUE);
        byPartition.forEach(
                (partition, rows) -> {
                    int from = 0;
                    long bytes = 0;
                    for (int i = 0; i < rows.size(); i++) {
                        bytes += rows.get(i).bytes();
                        boolean full = bytes >= settings.batchBytes() || i + 1 - from >= most;
                        if (full || i + 1 == rows.size()) {
                            List<EmbeddingRow> batch =
                                    rows.subList(from, i + 1).stream().map(Outgoing::row).toList();
                            long size = bytes;
                            answers.add(
                                    pool.submit(() -> sendBatch(partition, batch, size, origin)));
                            from = i + 1;
                            bytes = 0;
                        }
                    }
                });
        List<Reject> rejects = new ArrayList<>();
        for (Future<List<Reject>> answer : answers) {
            try {
                rejects.addAll(answer.get());
            } catch (ExecutionException e) {
                answers.forEach(a -> a.cancel(true));
                if (e.getCause() instanceof RuntimeException known) {
                    throw known;
                }
                throw new StoreException(Failure.FATAL, String.valueOf(e.getCause()), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StoreException(Failure.FATAL, "interrupted while writing", e);
            }
        }
        return rejects;
    }

    private List<Reject> sendBatch(
            String partition, List<EmbeddingRow> rows, long bytes, String origin) {
        RateLimiter rate = Objects.requireNonNull(limiter);
        long pause = 250;
        long giveUpAt = System.currentTimeMillis() + PATIENCE_MILLIS;
        while (true) {
            long wait;
            synchronized (rate) {
                wait = rate.reserve(rows.size(), bytes);
            }
            sleep(wait / 1_000_000, (int) (wait % 1_000_000));
            guard.check();
            long sent = System.nanoTime();
            try {
                Objects.requireNonNull(target).upsert(settings.schema().name(), partition, rows);
                synchronized (rate) {
                    rate.answered(rows.size(), System.nanoTime() - sent);
                }
                return List.of();
            } catch (StoreException e) {
                if (e.failure() == Failure.FATAL) {
                    return bisect(partition, rows, bytes, origin, e);
                }
                synchronized (rate) {
                    rate.pushedBack();
                }
                if (System.currentTimeMillis() > giveUpAt) {
                    throw e;
                }
                sleep(pause, 0);
                pause = Math.min(LONGEST_PAUSE_MILLIS, 2 * pause);
            }
        }
    }

    /** One bad row must not take the others with it: halve until it stands alone. */
    private List<Reject> bisect(
            String partition,
            List<EmbeddingRow> rows,
            long bytes,
            String origin,
            StoreException refusal) {
        if (rows.size() == 1) {
            return List.of(
                    new Reject(
                            origin,
                            rows.get(0).id(),
                            "refused_by_store",
                            String.valueOf(refusal.getMessage()),
                            rows.get(0).fields().toString()));
        }
        int half = rows.size() / 2;
        List<Reject> rejects = new ArrayList<>();
        rejects.addAll(sendBatch(partition, rows.subList(0, half), bytes / 2, origin));
        rejects.addAll(sendBatch(partition, rows.subList(half, rows.size()), bytes / 2, origin));
        if (rejects.size() == rows.size()) {
            // Not the rows are bad then but the collection, the rights or the server.
            throw new StoreException(
                    Failure.FATAL,
                    settings.schema().name()
                            + " refused every row of a batch of "
                            + rows.size()
                            + ": "
                            + refusal.getMessage(),
                    refusal);
        }
        return rejects;
    }

    private static void sleep(long millis, int nanos) {
        try {
            Thread.sleep(millis, nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException(Failure.FATAL, "interrupted while writing", e);
        }
    }

    private static long estimate(EmbeddingRow row) {
        long bytes =
                ROW_OVERHEAD_BYTES + (long) Float.BYTES * row.vector().length + row.id().length();
        for (Object value : row.fields().values()) {
            bytes += value instanceof String text ? text.length() : Long.BYTES;
        }
        return bytes;
    }

    @Override
    public void close() throws Exception {
        if (requests != null) {
            requests.shutdownNow();
        }
        if (probe != null) {
            probe.close();
        }
        guard.close();
        if (journal != null) {
            journal.close();
        }
        if (target != null) {
            target.close();
        }
        super.close();
    }
}
