package org.aima.personclustering.function;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.aima.personclustering.core.NeighbourBlock;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/** Makes one list of the neighbours that several tasks found; memory: one block's lists. */
public final class MergeNeighbours
        extends KeyedProcessFunction<String, NeighbourBlock, NeighbourBlock> {
    private static final long serialVersionUID = 1L;
    private static final long END_OF_KEY = Long.MAX_VALUE - 1;

    private transient @Nullable ListState<NeighbourBlock> parts;

    public static String key(NeighbourBlock block) {
        return block.space() + "#" + block.block();
    }

    @Override
    public void open(OpenContext context) {
        parts =
                getRuntimeContext()
                        .getListState(new ListStateDescriptor<>("parts", NeighbourBlock.class));
    }

    @Override
    public void processElement(NeighbourBlock value, Context context, Collector<NeighbourBlock> out)
            throws Exception {
        Objects.requireNonNull(parts).add(value);
        context.timerService().registerEventTimeTimer(END_OF_KEY);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<NeighbourBlock> out)
            throws Exception {
        List<NeighbourBlock> all = new ArrayList<>();
        Objects.requireNonNull(parts).get().forEach(all::add);
        Objects.requireNonNull(parts).clear();
        out.collect(NeighbourBlock.merge(all));
    }
}
