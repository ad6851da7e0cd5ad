package org.aima.personclustering.function;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.aima.jobs.model.Reject;
import org.aima.jobs.pipeline.JobMetric;
import org.aima.jobs.pipeline.WriteGuard;
import org.aima.jobs.savepoint.DeclaresState;
import org.aima.personclustering.core.PersonChange;
import org.aima.personclustering.core.PersonJoin;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * Writes decisions to the stores, those of one person always in the same task, some at a time;
 * tells which persons changed once that is durable.
 *
 * <p>All is written before a checkpoint, except while a batch is at work on the persons: then
 * decisions wait, as keyed state where a checkpoint comes meanwhile. More than {@value #MOST_HELD}
 * of them stop the stream until the batch ends.
 */
public final class JoinPersons extends AbstractStreamOperator<PersonChange>
        implements OneInputStreamOperator<PersonJoin, PersonChange>,
                BoundedOneInput,
                DeclaresState {
    private static final long serialVersionUID = 1L;
    private static final int BATCH = 2_000;
    private static final int MOST_HELD = 50_000;
    private static final int LATENCIES = 10_000;
    private static final long HELD_PAUSE_MILLIS = 1_000;
    private static final ListStateDescriptor<PersonJoin> HELD =
            new ListStateDescriptor<>("held", PersonJoin.class);

    private final PersonShelf.Factory shelves;
    private final WriteGuard guard;
    private final long writeMillis;
    private transient @Nullable PersonShelf shelf;
    private transient @Nullable ListState<PersonJoin> held;
    private transient @Nullable Set<String> heldKeys;
    private transient @Nullable List<PersonJoin> pending;
    private transient @Nullable OutcomeCounts counts;
    private transient @Nullable Histogram latency;
    private transient boolean timed;
    private transient volatile boolean waits;

    /**
     * @param writeMillis how long decisions are gathered
     */
    public JoinPersons(PersonShelf.Factory shelves, WriteGuard guard, long writeMillis) {
        this.shelves = shelves;
        this.guard = guard;
        this.writeMillis = writeMillis;
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        counts =
                new OutcomeCounts(
                        context.getOperatorStateStore(),
                        getMetricGroup(),
                        "rows_written",
                        "rows_already",
                        "rows_refused",
                        "persons_changed");
    }

    @Override
    public List<StateDescriptor<?, ?>> keyedState() {
        return List.of(HELD);
    }

    @Override
    public List<StateDescriptor<?, ?>> operatorState() {
        return List.of(OutcomeCounts.DESCRIPTOR.get());
    }

    @Override
    public void open() throws Exception {
        super.open();
        List<PersonJoin> restored = new ArrayList<>();
        Set<String> keys = new HashSet<>();
        held = getRuntimeContext().getListState(HELD);
        this.<String>getKeyedStateBackend()
                .applyToAllKeys(
                        VoidNamespace.INSTANCE,
                        VoidNamespaceSerializer.INSTANCE,
                        HELD,
                        (key, state) -> {
                            keys.add(key);
                            for (PersonJoin join : state.get()) {
                                restored.add(join);
                            }
                        });
        pending = restored;
        heldKeys = keys;
        shelf = shelves.open();
        MetricGroup metrics = JobMetric.group(getMetricGroup());
        latency = metrics.histogram("latency_ms", new DescriptiveStatisticsHistogram(LATENCIES));
        metrics.gauge("writes_held", (Gauge<Integer>) () -> waits ? 1 : 0);
        if (!restored.isEmpty()) {
            later(writeMillis);
        }
    }

    @Override
    public void processElement(StreamRecord<PersonJoin> record) throws Exception {
        List<PersonJoin> gathered = Objects.requireNonNull(pending);
        gathered.add(record.getValue());
        if (gathered.size() >= BATCH && !waits) {
            write();
        }
        while (gathered.size() >= MOST_HELD) {
            Thread.sleep(HELD_PAUSE_MILLIS);
            write();
        }
        later(writeMillis);
    }

    private void later(long millis) {
        if (!timed) {
            timed = true;
            getProcessingTimeService()
                    .registerTimer(
                            getProcessingTimeService().getCurrentProcessingTime() + millis,
                            time -> {
                                timed = false;
                                write();
                                if (!Objects.requireNonNull(pending).isEmpty()) {
                                    later(HELD_PAUSE_MILLIS);
                                }
                            });
        }
    }

    private void write() {
        List<PersonJoin> gathered = Objects.requireNonNull(pending);
        PersonShelf open = Objects.requireNonNull(shelf);
        while (!gathered.isEmpty()) {
            guard.check();
            waits = open.held();
            if (waits) {
                return;
            }
            List<PersonJoin> batch = gathered.subList(0, Math.min(BATCH, gathered.size()));
            long now = getProcessingTimeService().getCurrentProcessingTime();
            PersonShelf.Written written = open.join(new ArrayList<>(batch), now);
            long end = getProcessingTimeService().getCurrentProcessingTime();
            for (PersonJoin join : batch) {
                Objects.requireNonNull(latency).update(Math.max(0, end - join.arrivedMillis()));
            }
            batch.clear();
            OutcomeCounts outcomes = Objects.requireNonNull(counts);
            outcomes.add("rows_written", written.written());
            outcomes.add("rows_already", written.already());
            outcomes.add("rows_refused", written.rejects().size());
            outcomes.add("persons_changed", written.changes().size());
            for (PersonChange change : written.changes()) {
                output.collect(new StreamRecord<>(change));
            }
            for (Reject reject : written.rejects()) {
                output.collect(ObservationJoin.REJECTS, new StreamRecord<>(reject));
            }
        }
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) {
        write();
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        Objects.requireNonNull(counts).snapshot();
        ListState<PersonJoin> state = Objects.requireNonNull(held);
        Set<String> keys = Objects.requireNonNull(heldKeys);
        for (String key : keys) {
            setCurrentKey(key);
            state.clear();
        }
        keys.clear();
        for (PersonJoin join : Objects.requireNonNull(pending)) {
            setCurrentKey(join.personId());
            state.add(join);
            keys.add(join.personId());
        }
    }

    @Override
    public void endInput() {
        write();
    }

    @Override
    public void close() throws Exception {
        guard.close();
        if (shelf != null) {
            shelf.close();
            shelf = null;
        }
        super.close();
    }
}
