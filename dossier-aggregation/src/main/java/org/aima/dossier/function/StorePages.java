package org.aima.dossier.function;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.aima.dossier.core.AppearancePage;
import org.aima.dossier.core.Section;
import org.aima.jobs.pipeline.WriteGuard;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * Lets a section pass only after its pages are durable, so that nothing refers to a missing one.
 */
public final class StorePages extends AbstractStreamOperator<Section>
        implements OneInputStreamOperator<Section, Section> {
    private static final long serialVersionUID = 1L;

    private final DossierShelfFactory shelves;
    private final WriteGuard guard;
    private final boolean planOnly;
    private transient @Nullable DossierShelf shelf;

    public StorePages(DossierShelfFactory shelves, WriteGuard guard, boolean planOnly) {
        this.shelves = shelves;
        this.guard = guard;
        this.planOnly = planOnly;
    }

    @Override
    public void processElement(StreamRecord<Section> record) {
        Section section = record.getValue();
        List<AppearancePage> pages = new ArrayList<>(List.of(section.pages()));
        if (!pages.isEmpty() && !planOnly) {
            guard.check();
            if (shelf == null) {
                shelf = shelves.open();
            }
            Objects.requireNonNull(shelf).storePages(pages);
        }
        output.collect(new StreamRecord<>(section.withoutPages()));
    }

    @Override
    public void close() throws Exception {
        guard.close();
        if (shelf != null) {
            shelf.close();
            shelf = null;
        }
        super.close();
    }
}
