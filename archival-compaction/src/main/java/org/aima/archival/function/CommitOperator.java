package org.aima.archival.function;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.aima.archival.core.ArchivedFile;
import org.aima.archival.core.Manifest;
import org.aima.archival.core.ManifestChain;
import org.aima.archival.core.SelectionRules;
import org.aima.archival.store.ArchiveStore;
import org.aima.archival.store.LiveResults;
import org.aima.archival.store.StoreFactories;
import org.aima.jobs.error.RunRefusedException;
import org.aima.jobs.model.Figure;
import org.aima.jobs.pipeline.RunContext;
import org.aima.jobs.pipeline.WriteGuard;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedMultiInput;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * Publishes the run's manifest once every file was read back, and hands its files on. A run whose
 * manifest is there already hands on the files of that one.
 */
public final class CommitOperator extends AbstractStreamOperator<FileTask>
        implements TwoInputStreamOperator<ArchivedFile, Figure, FileTask>, BoundedMultiInput {
    private static final long serialVersionUID = 1L;

    private final StoreFactories stores;
    private final WriteGuard guard;
    private final RunContext run;
    private final Base base;
    private final SelectionRules rules;
    private final String codeVersion;
    private final CrashHook crash;
    private transient @Nullable List<ArchivedFile> files;
    private transient @Nullable Map<String, Figure> counts;
    private transient int ended;

    /**
     * The end of the chain when the run was submitted.
     *
     * @param committed whether the run's own manifest was part of it
     */
    public record Base(long number, String sha256, boolean committed)
            implements java.io.Serializable {}

    public CommitOperator(
            StoreFactories stores,
            WriteGuard guard,
            RunContext run,
            Base base,
            SelectionRules rules,
            String codeVersion,
            CrashHook crash) {
        this.stores = stores;
        this.guard = guard;
        this.run = run;
        this.base = base;
        this.rules = rules;
        this.codeVersion = codeVersion;
        this.crash = crash;
    }

    @Override
    public void open() throws Exception {
        super.open();
        files = new ArrayList<>();
        counts = new TreeMap<>();
        ended = 0;
    }

    @Override
    public void processElement1(StreamRecord<ArchivedFile> record) {
        Objects.requireNonNull(files).add(record.getValue());
    }

    @Override
    public void processElement2(StreamRecord<Figure> record) {
        Figure figure = record.getValue();
        Objects.requireNonNull(counts).merge(figure.name(), figure, Figure::plus);
    }

    @Override
    public void endInput(int input) {
        ended++;
        if (ended == 2) {
            try (ArchiveStore archive = stores.archive().open();
                    LiveResults live = stores.live().open()) {
                commit(archive, live);
            } catch (RunRefusedException e) {
                // Trying again would find the same.
                throw new SuppressRestartsException(e);
            }
        }
    }

    private void commit(ArchiveStore archive, LiveResults live) {
        ManifestChain chain = archive.trustedChain(live.head(archive.bucket()));
        List<Manifest> own = chain.of(run.runId());
        if (!own.isEmpty()) {
            Manifest manifest = own.get(0);
            live.noteHead(archive.bucket(), manifest.number(), chain.sha256(manifest.number()));
            handOn(manifest, true);
            return;
        }
        List<ArchivedFile> sorted = new ArrayList<>(Objects.requireNonNull(files));
        sorted.sort(Comparator.comparing(ArchivedFile::key));
        Map<String, Long> found = new TreeMap<>();
        Objects.requireNonNull(counts).forEach((name, figure) -> found.put(name, figure.amount()));
        if (sorted.isEmpty()) {
            emit(found);
            return;
        }
        Fence.check(guard);
        Manifest manifest =
                new Manifest(
                        Manifest.FORMAT,
                        base.number() + 1,
                        Manifest.Kind.ARCHIVE,
                        run.runId(),
                        run.fence(),
                        Instant.ofEpochMilli(run.submittedAtMillis()).toString(),
                        codeVersion,
                        base.sha256(),
                        Instant.ofEpochMilli(rules.cutoffMillis()).toString(),
                        rules.described(),
                        found,
                        sorted,
                        List.of());
        crash.reached(CrashHook.BEFORE_COMMIT);
        String sha256 = archive.publish(manifest);
        crash.reached(CrashHook.AFTER_COMMIT);
        live.noteHead(archive.bucket(), manifest.number(), sha256);
        handOn(manifest, false);
    }

    private void handOn(Manifest manifest, boolean repeated) {
        emit(manifest.counts());
        for (ArchivedFile file : manifest.added()) {
            output.collect(new StreamRecord<>(new FileTask(manifest.number(), repeated, file)));
        }
        figure(Figure.count("files.written", manifest.added().size()));
        figure(
                Figure.count(
                        "bytes.written",
                        manifest.added().stream().mapToLong(ArchivedFile::bytes).sum()));
        figure(Figure.fact("manifest", manifest.key()));
    }

    /** What selection found, read = held + rejected + selected. */
    private void emit(Map<String, Long> found) {
        found.forEach((name, amount) -> figure(Figure.count(name, amount)));
    }

    private void figure(Figure figure) {
        output.collect(SelectOperator.FIGURES, new StreamRecord<>(figure));
    }

    @Override
    public void close() throws Exception {
        guard.close();
        super.close();
    }
}
