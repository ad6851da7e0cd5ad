package org.aima.testkit.savepoint;

import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.aima.jobs.launch.JobEnvironment;
import org.aima.jobs.pipeline.Operators;
import org.aima.jobs.savepoint.DeclaresState;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;

/** A small stream with state of every kind: numbers, counted by their remainder. */
final class SampleStream {
    static final int KEYS = 16;
    static final long NUMBERS = 4_000;

    private SampleStream() {}

    /** What differs from the stream whose savepoint a test took. */
    record Variant(
            String uid,
            String tally,
            TypeInformation<?> tallyType,
            TypeInformation<?> seenKey,
            boolean textKeys,
            int maxParallelism,
            int parallelism,
            boolean declares,
            boolean lifetime)
            implements Serializable {

        static Variant first() {
            return new Variant(
                    "counter",
                    "tally",
                    TypeInformation.of(Tally.class),
                    Types.LONG,
                    false,
                    Operators.MAX_PARALLELISM,
                    2,
                    true,
                    true);
        }

        Variant uid(String other) {
            return new Variant(
                    other,
                    tally,
                    tallyType,
                    seenKey,
                    textKeys,
                    maxParallelism,
                    parallelism,
                    declares,
                    lifetime);
        }

        Variant tally(String name, TypeInformation<?> type) {
            return new Variant(
                    uid,
                    name,
                    type,
                    seenKey,
                    textKeys,
                    maxParallelism,
                    parallelism,
                    declares,
                    lifetime);
        }

        Variant seenKey(TypeInformation<?> type) {
            return new Variant(
                    uid,
                    tally,
                    tallyType,
                    type,
                    textKeys,
                    maxParallelism,
                    parallelism,
                    declares,
                    lifetime);
        }

        Variant keyedByText() {
            return new Variant(
                    uid,
                    tally,
                    tallyType,
                    seenKey,
                    true,
                    maxParallelism,
                    parallelism,
                    declares,
                    lifetime);
        }

        Variant maxParallelism(int most) {
            return new Variant(
                    uid,
                    tally,
                    tallyType,
                    seenKey,
                    textKeys,
                    most,
                    parallelism,
                    declares,
                    lifetime);
        }

        Variant parallelism(int tasks) {
            return new Variant(
                    uid,
                    tally,
                    tallyType,
                    seenKey,
                    textKeys,
                    maxParallelism,
                    tasks,
                    declares,
                    lifetime);
        }

        Variant silent() {
            return new Variant(
                    uid,
                    tally,
                    tallyType,
                    seenKey,
                    textKeys,
                    maxParallelism,
                    parallelism,
                    false,
                    lifetime);
        }

        Variant withoutLifetime() {
            return new Variant(
                    uid,
                    tally,
                    tallyType,
                    seenKey,
                    textKeys,
                    maxParallelism,
                    parallelism,
                    declares,
                    false);
        }
    }

    static StreamExecutionEnvironment define(Variant variant, Configuration more) {
        return define(variant, more, new DiscardingSink<>());
    }

    static StreamExecutionEnvironment define(
            Variant variant, Configuration more, Sink<String> sink) {
        StreamExecutionEnvironment environment =
                JobEnvironment.create(RuntimeExecutionMode.STREAMING, variant.parallelism());
        environment.setMaxParallelism(variant.maxParallelism());
        Configuration configuration = new Configuration(more);
        configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(200));
        environment.configure(configuration);
        var marked =
                Operators.named(
                        environment
                                .fromSource(
                                        new NumberSequenceSource(0, NUMBERS - 1),
                                        WatermarkStrategy.noWatermarks(),
                                        "numbers")
                                .uid("numbers")
                                .map(new Marker()),
                        "marker",
                        "mark numbers");
        var counted =
                variant.textKeys()
                        ? marked.keyBy((KeySelector<Long, String>) n -> "k" + n % KEYS)
                                .process(new Counter<String>(variant))
                        : marked.keyBy((KeySelector<Long, Long>) n -> n % KEYS)
                                .process(
                                        variant.declares()
                                                ? new Counter<Long>(variant)
                                                : new SilentCounter(new Counter<>(variant)));
        Operators.named(
                Operators.named(counted, variant.uid(), "count by remainder").sinkTo(sink),
                "counts",
                "collect counts");
        return environment;
    }

    /** Keeps state of the operator, and slows the stream down. */
    static final class Marker extends RichMapFunction<Long, Long>
            implements CheckpointedFunction, DeclaresState {
        private transient ListState<Long> marks;
        private transient long last;

        private static ListStateDescriptor<Long> descriptor() {
            return new ListStateDescriptor<>("marks", Types.LONG);
        }

        @Override
        public List<StateDescriptor<?, ?>> operatorState() {
            return List.of(descriptor());
        }

        @Override
        public Long map(Long number) throws Exception {
            TimeUnit.MILLISECONDS.sleep(1);
            last = number;
            return number;
        }

        @Override
        public void snapshotState(FunctionSnapshotContext context) throws Exception {
            marks.update(List.of(last));
        }

        @Override
        public void initializeState(FunctionInitializationContext context) throws Exception {
            marks = context.getOperatorStateStore().getListState(descriptor());
        }
    }

    /** Counts by key. */
    static class Counter<K> extends KeyedProcessFunction<K, Long, String> implements DeclaresState {
        private final Variant variant;
        private transient ValueState<Object> tally;
        private transient MapState<Object, Long> seen;
        private transient ListState<Long> recent;

        Counter(Variant variant) {
            this.variant = variant;
        }

        @SuppressWarnings("unchecked")
        private ValueStateDescriptor<Object> tallyDescriptor() {
            return new ValueStateDescriptor<>(
                    variant.tally(), (TypeInformation<Object>) variant.tallyType());
        }

        @SuppressWarnings("unchecked")
        private MapStateDescriptor<Object, Long> seenDescriptor() {
            MapStateDescriptor<Object, Long> descriptor =
                    new MapStateDescriptor<>(
                            "seen", (TypeInformation<Object>) variant.seenKey(), Types.LONG);
            if (variant.lifetime()) {
                descriptor.enableTimeToLive(StateTtlConfig.newBuilder(Duration.ofDays(1)).build());
            }
            return descriptor;
        }

        private static ListStateDescriptor<Long> recentDescriptor() {
            return new ListStateDescriptor<>("recent", Types.LONG);
        }

        @Override
        public List<StateDescriptor<?, ?>> keyedState() {
            return List.of(tallyDescriptor(), seenDescriptor(), recentDescriptor());
        }

        @Override
        public void open(OpenContext context) {
            tally = getRuntimeContext().getState(tallyDescriptor());
            seen = getRuntimeContext().getMapState(seenDescriptor());
            recent = getRuntimeContext().getListState(recentDescriptor());
        }

        @Override
        public void processElement(Long number, Context context, Collector<String> out)
                throws Exception {
            Tally now = tally.value() instanceof Tally before ? before : new Tally();
            now.count++;
            now.last = number;
            tally.update(now);
            seen.put(number % 3, number);
            recent.update(List.of(number));
            context.timerService().registerProcessingTimeTimer(Long.MAX_VALUE - 1 - number % KEYS);
            out.collect(context.getCurrentKey() + "=" + now.count);
        }
    }

    /** The same function, but it says nothing about its state. */
    static final class SilentCounter extends KeyedProcessFunction<Long, Long, String> {
        private final Counter<Long> counter;

        SilentCounter(Counter<Long> counter) {
            this.counter = counter;
        }

        @Override
        public void open(OpenContext context) {
            counter.setRuntimeContext(getRuntimeContext());
            counter.open(context);
        }

        @Override
        public void processElement(Long number, Context context, Collector<String> out) {}
    }
}
