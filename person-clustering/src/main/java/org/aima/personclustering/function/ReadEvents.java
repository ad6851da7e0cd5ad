package org.aima.personclustering.function;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.aima.jobs.model.Reject;
import org.aima.jobs.savepoint.DeclaresState;
import org.aima.personclustering.core.Arrival;
import org.aima.personclustering.core.EmbeddingEvent;
import org.aima.personclustering.core.EmbeddingEventReader;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/** Checks events of new embeddings; what cannot be used is a dead letter with its reason. */
public final class ReadEvents extends ProcessFunction<EmbeddingEvent, Arrival>
        implements CheckpointedFunction, DeclaresState {
    private static final long serialVersionUID = 1L;

    private final Map<String, Integer> dimensions;
    private transient @Nullable EmbeddingEventReader reader;
    private transient @Nullable OutcomeCounts counts;

    /**
     * @param dimensions of the vectors, by collection
     */
    public ReadEvents(Map<String, Integer> dimensions) {
        this.dimensions = Map.copyOf(dimensions);
    }

    @Override
    public List<StateDescriptor<?, ?>> operatorState() {
        return List.of(OutcomeCounts.DESCRIPTOR.get());
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        reader = new EmbeddingEventReader(dimensions);
        counts =
                new OutcomeCounts(
                        context.getOperatorStateStore(),
                        getRuntimeContext().getMetricGroup(),
                        "events_read",
                        "events_rejected");
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        Objects.requireNonNull(counts).snapshot();
    }

    @Override
    public void processElement(EmbeddingEvent event, Context context, Collector<Arrival> out) {
        OutcomeCounts outcomes = Objects.requireNonNull(counts);
        outcomes.add("events_read", 1);
        EmbeddingEventReader.Reading reading = Objects.requireNonNull(reader).read(event);
        Arrival arrival = reading.arrival();
        Reject reject = reading.reject();
        if (arrival != null) {
            out.collect(arrival);
        } else if (reject != null) {
            outcomes.add("events_rejected", 1);
            context.output(ObservationJoin.REJECTS, reject);
        }
    }
}
