package org.aima.archival.function;

import java.nio.file.Files;
import java.nio.file.Path;
import org.aima.archival.core.ArchivedFile;
import org.aima.archival.store.ArchiveStore;
import org.aima.archival.store.StoreFactories;
import org.aima.jobs.model.Figure;
import org.aima.jobs.model.Reject;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * Reads each file back from the object store, every document of it, and lets it pass when it holds
 * what was read from MongoDB. Another one is named and left out of the commit: its documents stay.
 */
public final class ReadBackOperator extends AbstractStreamOperator<ArchivedFile>
        implements OneInputStreamOperator<ArchivedFile, ArchivedFile> {
    private static final long serialVersionUID = 1L;

    private final StoreFactories stores;
    private final CrashHook crash;
    private transient @Nullable ArchiveStore archive;

    public ReadBackOperator(StoreFactories stores, CrashHook crash) {
        this.stores = stores;
        this.crash = crash;
    }

    @Override
    public void processElement(StreamRecord<ArchivedFile> record) throws Exception {
        ArchivedFile file = record.getValue();
        crash.reached(CrashHook.BEFORE_READ_BACK);
        ArchiveStore store = archive;
        if (store == null) {
            store = stores.archive().open();
            archive = store;
        }
        Path directory = WorkDirectory.of(this);
        Files.createDirectories(directory);
        Path local = Files.createTempFile(directory, "read", ".parquet");
        ArchiveStore.Condition condition;
        try {
            condition = store.readBack(file, local);
        } finally {
            Files.deleteIfExists(local);
        }
        if (condition == ArchiveStore.Condition.SOUND) {
            crash.reached(CrashHook.AFTER_READ_BACK);
            output.collect(record);
            return;
        }
        String found = condition.name().toLowerCase(java.util.Locale.ROOT);
        output.collect(
                SelectOperator.REJECTS,
                new StreamRecord<>(
                        new Reject(
                                "s3:" + store.bucket(),
                                file.key(),
                                "read_back_" + found,
                                "the file in the bucket is not what was written; its "
                                        + file.rows()
                                        + " documents stay in MongoDB",
                                "")));
        output.collect(
                SelectOperator.FIGURES, new StreamRecord<>(Figure.count("files.damaged", 1)));
        output.collect(
                SelectOperator.FIGURES,
                new StreamRecord<>(Figure.count("damaged.rows", file.rows())));
    }

    @Override
    public void close() throws Exception {
        if (archive != null) {
            archive.close();
            archive = null;
        }
        super.close();
    }
}
