package org.aima.archival.function;

import java.util.List;
import java.util.Objects;
import org.aima.archival.core.ArchivedFile;
import org.aima.archival.core.SelectedResult;
import org.aima.archival.parquet.ArchiveRow;
import org.aima.archival.parquet.FileSettings;
import org.aima.archival.store.ArchiveStore;
import org.aima.archival.store.FileSetWriter;
import org.aima.archival.store.StoreFactories;
import org.aima.jobs.pipeline.WriteGuard;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * Writes files. Input is keyed by group; in batch mode Flink hands over one group after the other,
 * so one is open at a time. What a repeated attempt writes besides is left to orphan cleaning.
 */
public final class WriteOperator extends AbstractStreamOperator<ArchivedFile>
        implements OneInputStreamOperator<SelectedResult, ArchivedFile>, BoundedOneInput {
    private static final long serialVersionUID = 1L;

    private final StoreFactories stores;
    private final WriteGuard guard;
    private final String run;
    private final FileSettings settings;
    private final long memoryBytes;
    private final CrashHook crash;
    private transient @Nullable ArchiveStore archive;
    private transient @Nullable FileSetWriter writer;
    private transient String group = "";

    /**
     * @param memoryBytes for sorting
     */
    public WriteOperator(
            StoreFactories stores,
            WriteGuard guard,
            String run,
            FileSettings settings,
            long memoryBytes,
            CrashHook crash) {
        this.stores = stores;
        this.guard = guard;
        this.run = run;
        this.settings = settings;
        this.memoryBytes = memoryBytes;
        this.crash = crash;
    }

    @Override
    public void open() throws Exception {
        super.open();
        group = "";
    }

    @Override
    public void processElement(StreamRecord<SelectedResult> record) throws Exception {
        SelectedResult result = record.getValue();
        if (writer == null || !group.equals(result.group())) {
            closeGroup();
            group = result.group();
            writer = open(result);
        }
        Objects.requireNonNull(writer)
                .add(
                        new ArchiveRow(
                                result.document(),
                                result.personId().isEmpty() ? null : result.personId()));
    }

    private FileSetWriter open(SelectedResult first) {
        ArchiveStore store = archive;
        if (store == null) {
            store = stores.archive().open();
            archive = store;
        }
        return new FileSetWriter(
                store,
                WorkDirectory.of(this),
                run,
                first.partition(),
                first.slice(),
                settings,
                memoryBytes,
                step -> {
                    if (step == FileSetWriter.BEFORE_UPLOAD) {
                        Fence.check(guard);
                    }
                    crash.reached(CrashHook.BEFORE_WRITE + step);
                });
    }

    private void closeGroup() throws Exception {
        FileSetWriter open = writer;
        if (open != null) {
            List<ArchivedFile> files = open.finish();
            open.close();
            writer = null;
            files.forEach(f -> output.collect(new StreamRecord<>(f)));
        }
    }

    @Override
    public void endInput() throws Exception {
        closeGroup();
    }

    @Override
    public void close() throws Exception {
        guard.close();
        if (writer != null) {
            writer.close();
            writer = null;
        }
        if (archive != null) {
            archive.close();
            archive = null;
        }
        super.close();
    }
}
