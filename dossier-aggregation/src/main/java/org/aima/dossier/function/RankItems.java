package org.aima.dossier.function;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.aima.dossier.core.AggregationRules;
import org.aima.dossier.core.ComposeInput;
import org.aima.dossier.core.DossierSums;
import org.aima.dossier.core.ItemSums;
import org.aima.dossier.core.MediumPart;
import org.aima.dossier.core.RankInput;
import org.aima.dossier.core.Ranking;
import org.aima.dossier.core.Verdict;
import org.aima.jobs.model.BsonBytes;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/** Ranks the items of a dossier; memory is their sums, not their time ranges. */
public final class RankItems extends KeyedProcessFunction<String, RankInput, Verdict> {
    /** One for each dossier: its metadata. */
    public static final OutputTag<ComposeInput> METADATA =
            new OutputTag<>("metadata", TypeInformation.of(ComposeInput.class));

    private static final long serialVersionUID = 1L;

    private final AggregationRules rules;
    private transient @Nullable ListState<ItemSums> items;
    private transient @Nullable ValueState<DossierSums> sums;
    private transient @Nullable ValueState<Long> room;

    public RankItems(AggregationRules rules) {
        this.rules = rules;
    }

    @Override
    public void open(OpenContext context) {
        items =
                getRuntimeContext()
                        .getListState(new ListStateDescriptor<>("items", ItemSums.class));
        sums = getRuntimeContext().getState(new ValueStateDescriptor<>("sums", DossierSums.class));
        room = getRuntimeContext().getState(new ValueStateDescriptor<>("room", Long.class));
    }

    @Override
    public void processElement(RankInput input, Context context, Collector<Verdict> out)
            throws Exception {
        context.timerService().registerEventTimeTimer(AttributeResults.END_OF_KEY);
        ItemSums item = input.item();
        MediumPart medium = input.medium();
        if (item != null) {
            Objects.requireNonNull(items).add(item);
        } else if (medium != null) {
            ValueState<DossierSums> held = Objects.requireNonNull(sums);
            DossierSums before = held.value();
            held.update((before == null ? DossierSums.nothing() : before).plus(medium));
        } else {
            Objects.requireNonNull(room).update(input.room());
        }
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Verdict> out)
            throws Exception {
        List<ItemSums> all = new ArrayList<>();
        Objects.requireNonNull(items).get().forEach(all::add);
        DossierSums media = Objects.requireNonNull(sums).value();
        Ranking ranking =
                new Ranking(
                        context.getCurrentKey(),
                        media == null ? DossierSums.nothing() : media,
                        all,
                        Objects.requireNonNull(room).value(),
                        rules);
        ranking.verdicts().forEach(out::collect);
        context.output(
                METADATA,
                new ComposeInput(
                        context.getCurrentKey(), null, BsonBytes.encode(ranking.metadata()), null));
        items.clear();
        sums.clear();
        room.clear();
    }
}
