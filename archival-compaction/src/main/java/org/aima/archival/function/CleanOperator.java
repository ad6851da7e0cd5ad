package org.aima.archival.function;

import java.util.Objects;
import org.aima.archival.core.ManifestChain;
import org.aima.archival.store.ArchiveStore;
import org.aima.archival.store.StoreFactories;
import org.aima.jobs.model.Figure;
import org.aima.jobs.pipeline.WriteGuard;
import org.aima.stores.ObjectStore;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/** Removes what was planned for removal, after asking the manifests once more. */
public final class CleanOperator extends AbstractStreamOperator<Figure>
        implements OneInputStreamOperator<RemovalUnit, Figure> {
    private static final long serialVersionUID = 1L;

    private final StoreFactories stores;
    private final WriteGuard guard;
    private final boolean planOnly;
    private transient @Nullable ArchiveStore archive;
    private transient @Nullable ManifestChain chain;

    public CleanOperator(StoreFactories stores, WriteGuard guard, boolean planOnly) {
        this.stores = stores;
        this.guard = guard;
        this.planOnly = planOnly;
    }

    @Override
    public void open() throws Exception {
        super.open();
        ArchiveStore store = stores.archive().open();
        archive = store;
        chain = store.chain();
    }

    @Override
    public void processElement(StreamRecord<RemovalUnit> record) {
        RemovalUnit unit = record.getValue();
        ArchiveStore store = Objects.requireNonNull(archive);
        ManifestChain manifests = Objects.requireNonNull(chain);
        count("read", 1);
        boolean kept =
                switch (unit.kind()) {
                    case RemovalUnit.ORPHAN -> manifests.named().contains(unit.key());
                    case RemovalUnit.REPLACED -> manifests.live(unit.key()).isPresent();
                    default -> false;
                };
        if (kept) {
            count("unchanged", 1);
            return;
        }
        if (!planOnly) {
            Fence.check(guard);
            if (unit.kind().equals(RemovalUnit.UPLOAD)) {
                store.objects()
                        .abortUpload(
                                store.bucket(),
                                new ObjectStore.PendingUpload(unit.key(), unit.uploadId(), 0));
            } else {
                store.remove(unit.key());
            }
        }
        count("written", 1);
        count("removed." + unit.kind(), 1);
        count("removed.bytes", unit.bytes());
    }

    private void count(String name, long amount) {
        output.collect(new StreamRecord<>(Figure.count(name, amount)));
    }

    @Override
    public void close() throws Exception {
        guard.close();
        if (archive != null) {
            archive.close();
            archive = null;
        }
        super.close();
    }
}
