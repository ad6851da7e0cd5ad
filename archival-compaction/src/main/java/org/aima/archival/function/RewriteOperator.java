package org.aima.archival.function;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.aima.archival.core.ArchivedFile;
import org.aima.archival.core.ErasedSubject;
import org.aima.archival.core.Manifest;
import org.aima.archival.core.RewriteRule;
import org.aima.archival.parquet.FileSettings;
import org.aima.archival.store.ArchiveStore;
import org.aima.archival.store.FileRewriter;
import org.aima.archival.store.FileRewriter.Rewritten;
import org.aima.archival.store.LiveResults;
import org.aima.archival.store.StoreFactories;
import org.aima.jobs.error.RunRefusedException;
import org.aima.jobs.model.Figure;
import org.aima.jobs.model.Reject;
import org.aima.jobs.pipeline.WriteGuard;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * Rewrites one unit after the other and publishes each by itself, so that a long run that is cut
 * off keeps what it did. Emits the ids of results the rule took out.
 */
public final class RewriteOperator extends AbstractStreamOperator<String>
        implements OneInputStreamOperator<RewriteUnit, String> {
    private static final long serialVersionUID = 1L;

    private final StoreFactories stores;
    private final WriteGuard guard;
    private final FileRewriter.Identity identity;
    private final RewriteRule rule;
    private final FileSettings settings;
    private final long memoryBytes;
    private final boolean planOnly;
    private final CrashHook crash;
    private transient @Nullable ArchiveStore archive;
    private transient @Nullable LiveResults live;
    private transient boolean entombed;

    /**
     * @param memoryBytes for sorting
     * @param planOnly to look and count only
     */
    public RewriteOperator(
            StoreFactories stores,
            WriteGuard guard,
            FileRewriter.Identity identity,
            RewriteRule rule,
            FileSettings settings,
            long memoryBytes,
            boolean planOnly,
            CrashHook crash) {
        this.stores = stores;
        this.guard = guard;
        this.identity = identity;
        this.rule = rule;
        this.settings = settings;
        this.memoryBytes = memoryBytes;
        this.planOnly = planOnly;
        this.crash = crash;
    }

    @Override
    public void open() throws Exception {
        super.open();
        archive = stores.archive().open();
        live = stores.live().open();
        entombed = false;
    }

    @Override
    public void processElement(StreamRecord<RewriteUnit> record) throws Exception {
        try {
            process(record.getValue());
        } catch (RunRefusedException e) {
            throw new SuppressRestartsException(e);
        }
    }

    private void process(RewriteUnit unit) throws IOException {
        ArchiveStore store = Objects.requireNonNull(archive);
        if (rule.kind() == Manifest.Kind.ERASE && unit.manifest() == 0) {
            entomb();
            // Only files that hold one of the rows are touched; the others are only looked into.
            ArchivedFile file = unit.files()[0];
            long matching = FileRewriter.matching(store, file, rule);
            figure("files.examined", 1);
            if (matching == 0) {
                return;
            }
            figure("files.touched", 1);
        }
        if (planOnly) {
            for (ArchivedFile file : unit.files()) {
                figure("read", file.rows());
                figure("files.before", 1);
                figure("bytes.before", file.bytes());
            }
            return;
        }
        FileRewriter rewriter =
                new FileRewriter(
                        store,
                        Objects.requireNonNull(live),
                        WorkDirectory.of(this),
                        identity,
                        rule,
                        settings,
                        memoryBytes,
                        () -> Fence.check(guard),
                        step -> crash.reached(CrashHook.REWRITE_BEGUN + step));
        if (unit.manifest() > 0) {
            Manifest manifest =
                    store.chain().manifests().stream()
                            .filter(m -> m.number() == unit.manifest())
                            .findFirst()
                            .orElseThrow();
            rewriter.finish(manifest);
            figure("groups.finished", 1);
            return;
        }
        Rewritten done = rewriter.rewrite(List.of(unit.files()), unit.slice());
        if (!done.problem().isEmpty()) {
            figure("groups.left", 1);
            output.collect(
                    SelectOperator.REJECTS,
                    new StreamRecord<>(
                            new Reject(
                                    "s3:" + store.bucket(),
                                    unit.files()[0].key(),
                                    "not_rewritten",
                                    done.problem(),
                                    "")));
            return;
        }
        if (done.filesBefore() > 0) {
            FileRewriter.figures(done).forEach(this::figure);
            figure("written", done.read());
            figure("groups", 1);
        }
        entomb(done.droppedResultIds());
        done.droppedResultIds().forEach(id -> output.collect(new StreamRecord<>(id)));
    }

    /** Before anything is taken out: a restore that runs later must find the tombstones. */
    private void entomb() {
        if (entombed || planOnly) {
            return;
        }
        List<ErasedSubject> subjects = new ArrayList<>();
        rule.personIds().forEach(p -> subjects.add(ErasedSubject.of(ErasedSubject.PERSON, p)));
        rule.mediaIds().forEach(m -> subjects.add(ErasedSubject.of(ErasedSubject.MEDIA, m)));
        rule.resultIds().forEach(r -> subjects.add(ErasedSubject.of(ErasedSubject.RESULT, r)));
        Fence.check(guard);
        Objects.requireNonNull(live).entomb(subjects, identity.run(), identity.atMillis());
        entombed = true;
        crash.reached(CrashHook.ERASE_AFTER_TOMBSTONES);
    }

    private void entomb(List<String> resultIds) {
        if (rule.kind() == Manifest.Kind.ERASE && !resultIds.isEmpty()) {
            Objects.requireNonNull(live)
                    .entomb(
                            Set.copyOf(resultIds).stream()
                                    .map(r -> ErasedSubject.of(ErasedSubject.RESULT, r))
                                    .toList(),
                            identity.run(),
                            identity.atMillis());
        }
    }

    private void figure(String name, long amount) {
        output.collect(SelectOperator.FIGURES, new StreamRecord<>(Figure.count(name, amount)));
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
