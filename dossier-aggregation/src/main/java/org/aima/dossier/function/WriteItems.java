package org.aima.dossier.function;

import java.util.Objects;
import org.aima.dossier.core.AggregationRules;
import org.aima.dossier.core.DossierItem;
import org.aima.dossier.core.ItemInput;
import org.aima.dossier.core.ItemWriter;
import org.aima.dossier.core.Section;
import org.aima.dossier.core.Verdict;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/** Writes out the items that are listed and forgets the others; memory: one item. */
public final class WriteItems extends KeyedProcessFunction<String, ItemInput, Section> {
    private static final long serialVersionUID = 1L;

    private final AggregationRules rules;
    private transient @Nullable ValueState<DossierItem> item;
    private transient @Nullable ValueState<Verdict> verdict;

    public WriteItems(AggregationRules rules) {
        this.rules = rules;
    }

    @Override
    public void open(OpenContext context) {
        item = getRuntimeContext().getState(new ValueStateDescriptor<>("item", DossierItem.class));
        verdict =
                getRuntimeContext().getState(new ValueStateDescriptor<>("verdict", Verdict.class));
    }

    @Override
    public void processElement(ItemInput input, Context context, Collector<Section> out)
            throws Exception {
        context.timerService().registerEventTimeTimer(AttributeResults.END_OF_KEY);
        if (input.item() != null) {
            Objects.requireNonNull(item).update(input.item());
        }
        if (input.verdict() != null) {
            Objects.requireNonNull(verdict).update(input.verdict());
        }
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Section> out)
            throws Exception {
        DossierItem written = Objects.requireNonNull(item).value();
        Verdict decided = Objects.requireNonNull(verdict).value();
        if (decided != null) {
            out.collect(new ItemWriter(rules).write(Objects.requireNonNull(written), decided));
        }
        item.clear();
        verdict.clear();
    }
}
