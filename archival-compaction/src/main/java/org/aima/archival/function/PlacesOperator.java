package org.aima.archival.function;

import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.aima.archival.store.ErasurePlaces;
import org.aima.jobs.model.Figure;
import org.aima.jobs.pipeline.WriteGuard;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * Visits every other place once the archive's files are done, knowing by then all results that
 * belong to whom is erased; the figures are the proof.
 */
public final class PlacesOperator extends AbstractStreamOperator<Figure>
        implements OneInputStreamOperator<String, Figure>, BoundedOneInput {
    private static final long serialVersionUID = 1L;

    private final ErasurePlaces.Factory places;
    private final ErasurePlaces.Subjects subjects;
    private final WriteGuard guard;
    private final boolean planOnly;
    private final CrashHook crash;
    private transient @Nullable Set<String> results;

    public PlacesOperator(
            ErasurePlaces.Factory places,
            ErasurePlaces.Subjects subjects,
            WriteGuard guard,
            boolean planOnly,
            CrashHook crash) {
        this.places = places;
        this.subjects = subjects;
        this.guard = guard;
        this.planOnly = planOnly;
        this.crash = crash;
    }

    @Override
    public void open() throws Exception {
        super.open();
        results = new HashSet<>(subjects.results());
    }

    @Override
    public void processElement(StreamRecord<String> record) {
        Objects.requireNonNull(results).add(record.getValue());
    }

    @Override
    public void endInput() {
        crash.reached(CrashHook.ERASE_BEFORE_PLACES);
        ErasurePlaces.Subjects all =
                new ErasurePlaces.Subjects(
                        subjects.persons(), subjects.media(), Objects.requireNonNull(results));
        try (ErasurePlaces open = places.open()) {
            boolean first = true;
            for (String place : open.names()) {
                Fence.check(guard);
                ErasurePlaces.Found found = open.visit(place, all, !planOnly);
                emit("erase." + place + ".found", found.found());
                emit("erase." + place + ".removed", found.removed());
                found.detail().forEach((name, n) -> emit("erase." + place + "." + name, n));
                if (first) {
                    crash.reached(CrashHook.ERASE_BETWEEN_PLACES);
                    first = false;
                }
            }
        }
    }

    private void emit(String name, long amount) {
        output.collect(new StreamRecord<>(Figure.count(name, amount)));
    }

    @Override
    public void close() throws Exception {
        guard.close();
        super.close();
    }
}
