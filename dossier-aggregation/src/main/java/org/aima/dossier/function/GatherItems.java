package org.aima.dossier.function;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.aima.dossier.core.DossierItem;
import org.aima.dossier.core.DossierPart;
import org.aima.dossier.core.ItemPart;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/** Brings the parts of an item together over the media of one dossier; memory: that one item. */
public final class GatherItems extends KeyedProcessFunction<String, DossierPart, DossierItem> {
    private static final long serialVersionUID = 1L;

    private transient @Nullable ListState<ItemPart> parts;
    private transient @Nullable ValueState<String> dossier;

    @Override
    public void open(OpenContext context) {
        parts =
                getRuntimeContext()
                        .getListState(new ListStateDescriptor<>("parts", ItemPart.class));
        dossier = getRuntimeContext().getState(new ValueStateDescriptor<>("dossier", String.class));
    }

    @Override
    public void processElement(DossierPart part, Context context, Collector<DossierItem> out)
            throws Exception {
        Objects.requireNonNull(parts).add(Objects.requireNonNull(part.item()));
        Objects.requireNonNull(dossier).update(part.dossierId());
        context.timerService().registerEventTimeTimer(AttributeResults.END_OF_KEY);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<DossierItem> out)
            throws Exception {
        List<ItemPart> all = new ArrayList<>();
        Objects.requireNonNull(parts).get().forEach(all::add);
        out.collect(DossierItem.of(Objects.requireNonNull(dossier).value(), all));
        parts.clear();
        dossier.clear();
    }
}
