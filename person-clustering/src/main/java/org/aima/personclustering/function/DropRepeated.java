package org.aima.personclustering.function;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.aima.jobs.savepoint.DeclaresState;
import org.aima.personclustering.core.Arrival;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/** Lets the first event of each embedding pass; remembers for a time that it was seen. */
public final class DropRepeated extends KeyedProcessFunction<String, Arrival, Arrival>
        implements CheckpointedFunction, DeclaresState {
    private static final long serialVersionUID = 1L;

    private final long rememberMillis;
    private transient @Nullable ValueState<Long> seen;
    private transient @Nullable OutcomeCounts counts;

    public DropRepeated(long rememberMillis) {
        this.rememberMillis = rememberMillis;
    }

    private ValueStateDescriptor<Long> seenState() {
        ValueStateDescriptor<Long> descriptor = new ValueStateDescriptor<>("seen", Types.LONG);
        descriptor.enableTimeToLive(
                StateTtlConfig.newBuilder(Duration.ofMillis(rememberMillis))
                        .setUpdateType(StateTtlConfig.UpdateType.OnCreateAndWrite)
                        .cleanupInRocksdbCompactFilter(10_000)
                        .build());
        return descriptor;
    }

    @Override
    public List<StateDescriptor<?, ?>> keyedState() {
        return List.of(seenState());
    }

    @Override
    public List<StateDescriptor<?, ?>> operatorState() {
        return List.of(OutcomeCounts.DESCRIPTOR.get());
    }

    @Override
    public void open(OpenContext context) {
        seen = getRuntimeContext().getState(seenState());
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        counts =
                new OutcomeCounts(
                        context.getOperatorStateStore(),
                        getRuntimeContext().getMetricGroup(),
                        "events_duplicate");
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        Objects.requireNonNull(counts).snapshot();
    }

    @Override
    public void processElement(Arrival arrival, Context context, Collector<Arrival> out)
            throws Exception {
        ValueState<Long> state = Objects.requireNonNull(seen);
        if (state.value() == null) {
            state.update(arrival.arrivedMillis());
            out.collect(arrival);
        } else {
            Objects.requireNonNull(counts).add("events_duplicate", 1);
        }
    }
}
