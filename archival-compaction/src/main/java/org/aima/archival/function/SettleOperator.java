package org.aima.archival.function;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.aima.archival.core.ArchivedFile;
import org.aima.archival.core.ResultFields;
import org.aima.archival.core.SummaryBuilder;
import org.aima.archival.parquet.ArchiveFileReader;
import org.aima.archival.parquet.ArchiveRow;
import org.aima.archival.parquet.FileLayout;
import org.aima.archival.store.ArchiveStore;
import org.aima.archival.store.LiveResults;
import org.aima.archival.store.LiveResults.Fate;
import org.aima.archival.store.StoreFactories;
import org.aima.jobs.model.Reject;
import org.aima.jobs.pipeline.WriteGuard;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * Deletes from MongoDB what a committed file holds, and writes the file's summaries.
 *
 * <p>The file is downloaded and compared with the manifest first; if it is not that file, nothing
 * is deleted. Documents come from the download, never from memory. Repeating it changes nothing
 * more.
 */
public final class SettleOperator extends AbstractStreamOperator<FileOutcome>
        implements OneInputStreamOperator<FileTask, FileOutcome> {
    private static final long serialVersionUID = 1L;
    private static final int BATCH_ROWS = 2_000;
    private static final int BATCH_BYTES = 8 << 20;
    private static final long NANOS = 1_000_000_000L;

    private final StoreFactories stores;
    private final WriteGuard guard;
    private final long deletesPerSecond;
    private final CrashHook crash;
    private transient @Nullable ArchiveStore archive;
    private transient @Nullable LiveResults live;
    private transient long nextBatchNanos;

    /**
     * @param deletesPerSecond of all tasks together, 0 for no limit
     */
    public SettleOperator(
            StoreFactories stores, WriteGuard guard, long deletesPerSecond, CrashHook crash) {
        this.stores = stores;
        this.guard = guard;
        this.deletesPerSecond = deletesPerSecond;
        this.crash = crash;
    }

    @Override
    public void open() throws Exception {
        super.open();
        archive = stores.archive().open();
        live = stores.live().open();
        nextBatchNanos = System.nanoTime();
    }

    @Override
    public void processElement(StreamRecord<FileTask> record) throws Exception {
        FileTask task = record.getValue();
        Path directory = WorkDirectory.of(this);
        Files.createDirectories(directory);
        Path local = Files.createTempFile(directory, "settle", ".parquet");
        try {
            settle(task, local);
        } finally {
            Files.deleteIfExists(local);
        }
    }

    private void settle(FileTask task, Path local) throws IOException {
        ArchivedFile file = task.file();
        crash.reached(CrashHook.BEFORE_DELETE);
        // Before the commit every document of these bytes was read back; the hash tells they are
        // the same bytes.
        ArchiveStore.Condition condition = Objects.requireNonNull(archive).fetch(file, local);
        if (condition != ArchiveStore.Condition.SOUND) {
            reject(
                    file.key(),
                    "file_" + condition.name().toLowerCase(java.util.Locale.ROOT),
                    "the file in the bucket is not the one of the manifest; none of its "
                            + file.rows()
                            + " documents was deleted");
            output.collect(
                    new StreamRecord<>(new FileOutcome(task.manifest(), file.key(), 0, 0, true)));
            return;
        }
        SummaryBuilder summaries =
                new SummaryBuilder(file.key(), FileLayout.of(local).forSummaries());
        long archived = 0;
        long row = 0;
        try (ArchiveFileReader reader = ArchiveFileReader.all(local)) {
            List<ArchiveRow> batch = new ArrayList<>();
            int bytes = 0;
            boolean first = true;
            for (ArchiveRow next = reader.next(); next != null || !batch.isEmpty(); ) {
                boolean full = batch.size() >= BATCH_ROWS || bytes >= BATCH_BYTES;
                if (next == null || full) {
                    archived += delete(task, batch, row, summaries);
                    row += batch.size();
                    batch.clear();
                    bytes = 0;
                    if (first) {
                        crash.reached(CrashHook.AFTER_FIRST_DELETE);
                        first = false;
                    }
                }
                if (next != null) {
                    batch.add(next);
                    bytes += next.document().length;
                    next = reader.next();
                }
            }
        }
        crash.reached(CrashHook.AFTER_DELETE);
        Fence.check(guard);
        Objects.requireNonNull(live).replaceSummaries(file.key(), summaries.build());
        crash.reached(CrashHook.AFTER_SUMMARIES);
        output.collect(
                new StreamRecord<>(
                        new FileOutcome(
                                task.manifest(), file.key(), archived, row - archived, false)));
    }

    /** Returns how many of the rows are in the archive only. */
    private long delete(
            FileTask task, List<ArchiveRow> batch, long firstRow, SummaryBuilder summaries) {
        Fence.check(guard);
        pace(batch.size());
        List<Fate> fates =
                Objects.requireNonNull(live)
                        .deleteUnchanged(batch.stream().map(ArchiveRow::document).toList());
        long archived = 0;
        List<String> changed = new ArrayList<>();
        for (int i = 0; i < fates.size(); i++) {
            ArchiveRow row = batch.get(i);
            if (fates.get(i) == Fate.CHANGED) {
                changed.add(String.valueOf(ResultFields.of(row.document()).resultId()));
                reject(
                        String.valueOf(ResultFields.of(row.document()).resultId()),
                        "document_changed",
                        "it was changed after it was archived and stays; " + task.file().key());
                continue;
            }
            if (fates.get(i) == Fate.GONE && !task.repeated()) {
                reject(
                        String.valueOf(ResultFields.of(row.document()).resultId()),
                        "document_gone",
                        "somebody else deleted it, or an attempt that was cut off; it is in "
                                + task.file().key());
            }
            archived++;
            summaries.add(firstRow + i, row.document(), row.personId());
        }
        Objects.requireNonNull(live).noteSuperseded(task.file().key(), changed);
        return archived;
    }

    private void pace(int rows) {
        if (deletesPerSecond <= 0) {
            return;
        }
        int tasks = getRuntimeContext().getTaskInfo().getNumberOfParallelSubtasks();
        long now = System.nanoTime();
        long start = Math.max(now, nextBatchNanos);
        nextBatchNanos = start + rows * NANOS * tasks / deletesPerSecond;
        long wait = start - now;
        if (wait > 0) {
            try {
                Thread.sleep(wait / 1_000_000, (int) (wait % 1_000_000));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void reject(String key, String reason, String detail) {
        output.collect(
                SelectOperator.REJECTS,
                new StreamRecord<>(
                        new Reject(
                                "s3:" + Objects.requireNonNull(archive).bucket(),
                                key,
                                reason,
                                detail,
                                "")));
    }

    @Override
    public void close() throws Exception {
        guard.close();
        if (archive != null) {
            archive.close();
            archive = null;
        }
        if (live != null) {
            live.close();
            live = null;
        }
        super.close();
    }
}
