package org.aima.archival.function;

import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.aima.archival.core.Manifest;
import org.aima.archival.store.ArchiveStore;
import org.aima.archival.store.StoreFactories;
import org.aima.jobs.model.Figure;
import org.aima.jobs.pipeline.WriteGuard;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/** Adds up what became of all files and notes that the run's work is done. */
public final class FinishOperator extends AbstractStreamOperator<Figure>
        implements OneInputStreamOperator<FileOutcome, Figure>, BoundedOneInput {
    private static final long serialVersionUID = 1L;

    private final StoreFactories stores;
    private final WriteGuard guard;
    private final CrashHook crash;
    private transient @Nullable Map<String, FileOutcome> outcomes;

    public FinishOperator(StoreFactories stores, WriteGuard guard, CrashHook crash) {
        this.stores = stores;
        this.guard = guard;
        this.crash = crash;
    }

    @Override
    public void open() throws Exception {
        super.open();
        outcomes = new TreeMap<>();
    }

    @Override
    public void processElement(StreamRecord<FileOutcome> record) {
        Objects.requireNonNull(outcomes).put(record.getValue().key(), record.getValue());
    }

    @Override
    public void endInput() {
        Map<String, FileOutcome> found = Objects.requireNonNull(outcomes);
        if (found.isEmpty()) {
            return;
        }
        long archived = 0;
        long changed = 0;
        long damaged = 0;
        StringBuilder named = new StringBuilder();
        for (FileOutcome outcome : found.values()) {
            archived += outcome.archived();
            changed += outcome.changed();
            damaged += outcome.damaged() ? 1 : 0;
            if (outcome.damaged()) {
                named.append(named.isEmpty() ? "" : ", ").append(outcome.key());
            }
        }
        Fence.check(guard);
        long manifest = found.values().iterator().next().manifest();
        // A file that is damaged leaves the work unfinished: it can be repaired and resumed.
        if (damaged == 0) {
            crash.reached(CrashHook.BEFORE_DONE);
            try (ArchiveStore archive = stores.archive().open()) {
                archive.chain().manifests().stream()
                        .filter(m -> m.number() == manifest)
                        .findFirst()
                        .ifPresent(m -> done(archive, m, changedOf(found)));
            }
            crash.reached(CrashHook.AFTER_DONE);
        } else {
            emit(Figure.fact("damaged", named.toString()));
        }
        emit(Figure.count("written", archived));
        emit(Figure.count("changed", changed));
        emit(Figure.count("files.damaged", damaged));
    }

    private static void done(ArchiveStore archive, Manifest manifest, String note) {
        archive.markDone(manifest, note);
    }

    private static String changedOf(Map<String, FileOutcome> outcomes) {
        StringBuilder json = new StringBuilder("{\"changed\":{");
        String separator = "";
        for (FileOutcome outcome : outcomes.values()) {
            if (outcome.changed() > 0) {
                json.append(separator)
                        .append('"')
                        .append(outcome.key())
                        .append("\":")
                        .append(outcome.changed());
                separator = ",";
            }
        }
        return json.append("}}").toString();
    }

    private void emit(Figure figure) {
        output.collect(new StreamRecord<>(figure));
    }

    @Override
    public void close() throws Exception {
        guard.close();
        super.close();
    }
}
