package org.aima.personclustering.function;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.aima.jobs.pipeline.JobMetric;
import org.aima.jobs.savepoint.DeclaresState;
import org.aima.personclustering.core.Arrival;
import org.aima.personclustering.core.LinkingParameters;
import org.aima.personclustering.core.PersonAssigner;
import org.aima.personclustering.core.PersonGroup;
import org.aima.personclustering.core.PersonJoin;
import org.aima.personclustering.core.PersonSnapshot;
import org.aima.personclustering.core.RecentJoin;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/**
 * Decides for one space at a time whose a new embedding is, in rounds; see {@link PersonAssigner}.
 *
 * <p>Keyed state: what waits, decisions the stores may not show yet, and a sample of decisions to
 * compare with the next batch. The persons themselves are read from the stores.
 */
public final class DecidePersons extends KeyedProcessFunction<String, Arrival, PersonJoin>
        implements CheckpointedFunction, DeclaresState {
    private static final long serialVersionUID = 1L;
    private static final long IDLE_ROUND_MILLIS = 2_000;
    private static final int MOST_SAMPLED = 2_000;
    private static final int SAMPLED_OF = 8;

    private final PersonReader.Factory readers;
    private final long refreshMillis;
    private final long roundMillis;
    private final PersonAssigner.Limits limits;
    private final Map<String, LinkingParameters> parametersByCollection;

    private transient @Nullable MapState<String, Arrival> waiting;
    private transient @Nullable MapState<String, RecentJoin> recent;
    private transient @Nullable MapState<String, String> sample;
    private transient @Nullable OutcomeCounts counts;
    private transient @Nullable PersonFeed feed;
    private transient @Nullable Map<String, Space> spaces;

    private static final class Space {
        private final PersonAssigner assigner;
        private PersonSnapshot adopted;
        private long nextRound;
        private int sampled;

        Space(PersonAssigner assigner, PersonSnapshot adopted) {
            this.assigner = assigner;
            this.adopted = adopted;
        }
    }

    /**
     * @param roundMillis between two rounds
     * @param parametersByCollection by embedding collection
     */
    public DecidePersons(
            PersonReader.Factory readers,
            long refreshMillis,
            long roundMillis,
            PersonAssigner.Limits limits,
            Map<String, LinkingParameters> parametersByCollection) {
        this.readers = readers;
        this.refreshMillis = refreshMillis;
        this.roundMillis = roundMillis;
        this.limits = limits;
        this.parametersByCollection = Map.copyOf(parametersByCollection);
    }

    private static MapStateDescriptor<String, Arrival> waitingState() {
        return new MapStateDescriptor<>("waiting", Types.STRING, TypeInformation.of(Arrival.class));
    }

    private static MapStateDescriptor<String, RecentJoin> recentState() {
        return new MapStateDescriptor<>(
                "recent", Types.STRING, TypeInformation.of(RecentJoin.class));
    }

    private static MapStateDescriptor<String, String> sampleState() {
        return new MapStateDescriptor<>("sample", Types.STRING, Types.STRING);
    }

    @Override
    public List<StateDescriptor<?, ?>> keyedState() {
        return List.of(waitingState(), recentState(), sampleState());
    }

    @Override
    public List<StateDescriptor<?, ?>> operatorState() {
        return List.of(OutcomeCounts.DESCRIPTOR.get());
    }

    @Override
    public void open(OpenContext context) {
        waiting = getRuntimeContext().getMapState(waitingState());
        recent = getRuntimeContext().getMapState(recentState());
        sample = getRuntimeContext().getMapState(sampleState());
        spaces = new HashMap<>();
        PersonFeed opened = new PersonFeed(readers, refreshMillis);
        feed = opened;
        MetricGroup metrics = JobMetric.group(getRuntimeContext().getMetricGroup());
        Map<String, Space> all = spaces;
        metrics.gauge("persons_age_seconds", (Gauge<Long>) opened::ageSeconds);
        metrics.gauge(
                "undecided_waiting",
                (Gauge<Integer>)
                        () -> all.values().stream().mapToInt(s -> s.assigner.waiting()).sum());
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        counts =
                new OutcomeCounts(
                        context.getOperatorStateStore(),
                        getRuntimeContext().getMetricGroup(),
                        "assigned_known",
                        "assigned_new",
                        "persons_new",
                        "undecided_expired",
                        "drift_agreeing",
                        "drift_differing");
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        Objects.requireNonNull(counts).snapshot();
    }

    @Override
    public void processElement(Arrival arrival, Context context, Collector<PersonJoin> out)
            throws Exception {
        long now = context.timerService().currentProcessingTime();
        Space space = space(context.getCurrentKey());
        if (space.assigner.add(arrival)) {
            Objects.requireNonNull(waiting)
                    .put(arrival.observation().member().embeddingId(), arrival);
        }
        if (space.nextRound <= now || space.nextRound > now + roundMillis) {
            space.nextRound = now + roundMillis;
            context.timerService().registerProcessingTimeTimer(space.nextRound);
        }
    }

    private Space space(String name) throws Exception {
        Map<String, Space> all = Objects.requireNonNull(spaces);
        Space known = all.get(name);
        if (known != null) {
            return known;
        }
        PersonSnapshot latest = Objects.requireNonNull(feed).latest();
        PersonAssigner assigner =
                new PersonAssigner(
                        name,
                        parametersByCollection.getOrDefault(
                                SampleBlocks.collectionOf(name), LinkingParameters.DEFAULT),
                        limits,
                        latest);
        List<Arrival> arrivals = new ArrayList<>();
        Objects.requireNonNull(waiting).values().forEach(arrivals::add);
        List<RecentJoin> decided = new ArrayList<>();
        Objects.requireNonNull(recent).values().forEach(decided::add);
        assigner.restore(arrivals, decided);
        Map<String, String> sampled = new HashMap<>();
        Objects.requireNonNull(sample)
                .entries()
                .forEach(e -> sampled.put(e.getKey(), e.getValue()));
        assigner.remember(sampled);
        Space opened = new Space(assigner, latest);
        opened.sampled = sampled.size();
        all.put(name, opened);
        return opened;
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<PersonJoin> out)
            throws Exception {
        long now = context.timerService().currentProcessingTime();
        Space space = space(context.getCurrentKey());
        adopt(space, now);
        PersonAssigner.Round round = space.assigner.round(now);
        OutcomeCounts outcomes = Objects.requireNonNull(counts);
        for (PersonJoin join : round.joins()) {
            Objects.requireNonNull(waiting).remove(join.member().embeddingId());
            out.collect(join);
        }
        for (RecentJoin join : round.recent()) {
            Objects.requireNonNull(recent).put(join.embeddingId(), join);
            sample(space, join);
        }
        for (Arrival expired : round.expired()) {
            Objects.requireNonNull(waiting).remove(expired.observation().member().embeddingId());
        }
        outcomes.add("assigned_known", round.assigned());
        outcomes.add("assigned_new", round.joins().size() - round.assigned());
        outcomes.add("persons_new", round.newPersons());
        outcomes.add("undecided_expired", round.expired().size());
        if (space.assigner.waiting() > 0 || space.sampled > 0) {
            space.nextRound = now + (space.assigner.gathers() ? roundMillis : IDLE_ROUND_MILLIS);
            context.timerService().registerProcessingTimeTimer(space.nextRound);
        }
    }

    private void adopt(Space space, long now) throws Exception {
        PersonSnapshot latest = Objects.requireNonNull(feed).latest();
        if (latest == space.adopted) {
            return;
        }
        boolean reclustered = !latest.recluster().equals(space.adopted.recluster());
        PersonAssigner.Comparison comparison = space.assigner.adopt(latest, now);
        space.adopted = latest;
        for (String forgotten : comparison.forgotten()) {
            Objects.requireNonNull(recent).remove(forgotten);
        }
        if (reclustered) {
            Objects.requireNonNull(sample).clear();
            space.sampled = 0;
        }
        Objects.requireNonNull(counts).add("drift_agreeing", comparison.agreeing());
        Objects.requireNonNull(counts).add("drift_differing", comparison.differing());
    }

    private void sample(Space space, RecentJoin join) throws Exception {
        if (space.sampled < MOST_SAMPLED
                && Long.remainderUnsigned(PersonGroup.memberNumber(join.embeddingId()), SAMPLED_OF)
                        == 0) {
            space.sampled++;
            Objects.requireNonNull(sample).put(join.embeddingId(), join.personId());
            space.assigner.remember(Map.of(join.embeddingId(), join.personId()));
        }
    }

    @Override
    public void close() throws Exception {
        if (feed != null) {
            feed.close();
            feed = null;
        }
        if (spaces != null) {
            spaces.values().forEach(s -> s.assigner.close());
            spaces = null;
        }
    }
}
