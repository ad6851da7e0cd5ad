package org.aima.personclustering.function;

import java.util.Map;
import java.util.TreeMap;
import org.aima.jobs.model.Figure;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/** Adds up the figures of all stages and emits them together, once, when everything is done. */
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
        Map<String, Figure> open = sums;
        if (open != null) {
            open.merge(figure.name(), figure, Figure::plus);
        }
    }

    @Override
    public void endInput() {
        Map<String, Figure> open = sums;
        if (open != null) {
            output.collect(new StreamRecord<>(open.values().toArray(Figure[]::new)));
        }
    }
}
