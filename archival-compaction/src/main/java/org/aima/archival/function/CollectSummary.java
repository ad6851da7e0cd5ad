package org.aima.archival.function;

import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.aima.jobs.model.Figure;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * Adds up the figures of all stages and emits them together, once. Documents that were held back,
 * changed meanwhile or lie in a damaged file are unchanged: read = written + unchanged + rejected.
 */
public final class CollectSummary extends AbstractStreamOperator<Figure[]>
        implements OneInputStreamOperator<Figure, Figure[]>, BoundedOneInput {
    private static final long serialVersionUID = 1L;

    private transient @Nullable Map<String, Figure> sums;

    @Override
    public void open() throws Exception {
        super.open();
        sums = new TreeMap<>();
    }

    @Override
    public void processElement(StreamRecord<Figure> record) {
        Figure figure = record.getValue();
        Objects.requireNonNull(sums).merge(figure.name(), figure, Figure::plus);
    }

    @Override
    public void endInput() {
        Map<String, Figure> all = Objects.requireNonNull(sums);
        if (!all.containsKey("unchanged")) {
            long rest = amount(all, "read") - amount(all, "written") - amount(all, "rejected");
            all.put("unchanged", Figure.count("unchanged", Math.max(0, rest)));
        }
        output.collect(new StreamRecord<>(all.values().toArray(Figure[]::new)));
    }

    private static long amount(Map<String, Figure> figures, String name) {
        Figure figure = figures.get(name);
        return figure == null ? 0 : figure.amount();
    }
}
