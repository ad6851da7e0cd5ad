package org.aima.dossier.function;

import java.util.Objects;
import java.util.TreeMap;
import org.aima.jobs.model.Figure;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * Adds up the figures of all stages and emits them together, once, when everything is done; of the
 * differences of single dossiers it keeps the first in order of id.
 */
public final class CollectSummary extends AbstractStreamOperator<Figure[]>
        implements OneInputStreamOperator<Figure, Figure[]>, BoundedOneInput {
    /** Before the id of a dossier in the name of the fact that tells its difference. */
    static final String DIFFERENCE = "difference.";

    private static final long serialVersionUID = 1L;
    private static final int TOLD = 50;

    private transient @Nullable TreeMap<String, Figure> sums;
    private transient @Nullable TreeMap<String, Figure> differences;

    @Override
    public void open() throws Exception {
        super.open();
        sums = new TreeMap<>();
        differences = new TreeMap<>();
    }

    @Override
    public void processElement(StreamRecord<Figure> record) {
        Figure figure = record.getValue();
        if (!figure.name().startsWith(DIFFERENCE)) {
            Objects.requireNonNull(sums).merge(figure.name(), figure, Figure::plus);
            return;
        }
        TreeMap<String, Figure> told = Objects.requireNonNull(differences);
        told.put(figure.name(), figure);
        if (told.size() > TOLD) {
            told.pollLastEntry();
        }
    }

    @Override
    public void endInput() {
        TreeMap<String, Figure> all = Objects.requireNonNull(sums);
        all.putAll(Objects.requireNonNull(differences));
        output.collect(new StreamRecord<>(all.values().toArray(Figure[]::new)));
    }
}
