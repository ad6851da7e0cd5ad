package org.aima.dossier.function;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.aima.dossier.core.Facet;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * Folds the facets that a task has at hand before they travel: a medium with very many results then
 * costs its next operator a few rows for each subject. Memory is a bounded number of facets.
 */
public final class CombineFacets extends AbstractStreamOperator<Facet>
        implements OneInputStreamOperator<Facet, Facet>, BoundedOneInput {
    private static final long serialVersionUID = 1L;
    private static final int HELD = 20_000;

    private final long gapMillis;
    private transient @Nullable Map<String, Facet> held;

    public CombineFacets(long gapMillis) {
        this.gapMillis = gapMillis;
    }

    @Override
    public void open() throws Exception {
        super.open();
        held = new HashMap<>();
    }

    @Override
    public void processElement(StreamRecord<Facet> record) {
        Map<String, Facet> open = Objects.requireNonNull(held);
        Facet facet = record.getValue();
        open.merge(facet.key(), facet, (a, b) -> a.plus(b, gapMillis));
        if (open.size() >= HELD) {
            flush(open);
        }
    }

    @Override
    public void endInput() {
        flush(Objects.requireNonNull(held));
    }

    private void flush(Map<String, Facet> open) {
        open.values().forEach(f -> output.collect(new StreamRecord<>(f)));
        open.clear();
    }
}
