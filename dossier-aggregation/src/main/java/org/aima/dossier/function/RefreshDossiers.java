package org.aima.dossier.function;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.aima.dossier.core.Debounce;
import org.aima.dossier.core.DossierTouch;
import org.aima.dossier.core.DossierWrite;
import org.aima.dossier.core.Waiting;
import org.aima.jobs.model.Reject;
import org.aima.jobs.pipeline.JobMetric;
import org.aima.jobs.pipeline.WriteGuard;
import org.aima.jobs.savepoint.DeclaresState;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.streaming.api.TimeDomain;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/**
 * Recounts and publishes each dossier some time after it was touched, once for many touches; yields
 * dossiers that cannot be counted.
 *
 * <p>An audited dossier that differs from its recount is looked at again later: a change whose
 * event comes meanwhile explains it, otherwise it is a difference, which is counted and repaired.
 *
 * <p>State: two small values for each waiting dossier, none for the others.
 */
public final class RefreshDossiers extends KeyedProcessFunction<String, DossierTouch, Reject>
        implements DeclaresState {
    private static final long serialVersionUID = 1L;
    private static final int ATTEMPTS = 5;

    private final WorkerFactory<DossierCounter> counters;
    private final DossierShelfFactory shelves;
    private final WriteGuard guard;
    private final Debounce debounce;
    private final long graceMillis;
    private transient @Nullable DossierCounter counter;
    private transient @Nullable DossierShelf shelf;
    private transient @Nullable ValueState<Waiting> waiting;
    private transient @Nullable ValueState<Long> suspect;
    private transient @Nullable Map<String, Long> told;
    private transient @Nullable Counts counts;

    /**
     * @param graceMillis how long the event of a change may take to arrive
     */
    public RefreshDossiers(
            WorkerFactory<DossierCounter> counters,
            DossierShelfFactory shelves,
            WriteGuard guard,
            Debounce debounce,
            long graceMillis) {
        this.counters = counters;
        this.shelves = shelves;
        this.guard = guard;
        this.debounce = debounce;
        this.graceMillis = graceMillis;
    }

    private record Counts(
            Counter recounted,
            Counter published,
            Counter unchanged,
            Counter rejected,
            Counter gone,
            Counter conflicts,
            Counter rows,
            Counter auditRows,
            Counter audited,
            Counter skipped,
            Counter differences) {
        static Counts in(MetricGroup operator) {
            MetricGroup metrics = JobMetric.group(operator);
            return new Counts(
                    metrics.counter(RefreshMetrics.DOSSIERS_RECOUNTED),
                    metrics.counter(RefreshMetrics.DOSSIERS_PUBLISHED),
                    metrics.counter(RefreshMetrics.DOSSIERS_UNCHANGED),
                    metrics.counter(RefreshMetrics.DOSSIERS_REJECTED),
                    metrics.counter(RefreshMetrics.DOSSIERS_GONE),
                    metrics.counter(RefreshMetrics.PUBLISH_CONFLICTS),
                    metrics.counter(RefreshMetrics.ROWS_READ),
                    metrics.counter(RefreshMetrics.AUDIT_ROWS_READ),
                    metrics.counter(RefreshMetrics.AUDITED),
                    metrics.counter(RefreshMetrics.AUDIT_SKIPPED),
                    JobMetric.AUDIT_DIFFERENCES.counter(operator));
        }
    }

    private static ValueStateDescriptor<Waiting> waitingState() {
        return new ValueStateDescriptor<>("waiting", Waiting.class);
    }

    private static ValueStateDescriptor<Long> suspectState() {
        return new ValueStateDescriptor<>("suspect", Types.LONG);
    }

    @Override
    public List<StateDescriptor<?, ?>> keyedState() {
        return List.of(waitingState(), suspectState());
    }

    @Override
    public void open(OpenContext context) {
        waiting = getRuntimeContext().getState(waitingState());
        suspect = getRuntimeContext().getState(suspectState());
        counter = counters.open();
        shelf = shelves.open();
        MetricGroup metrics = getRuntimeContext().getMetricGroup();
        counts = Counts.in(metrics);
        // After a restart it fills again as timers fire, within the longest wait.
        Map<String, Long> oldest = new ConcurrentHashMap<>();
        told = oldest;
        JobMetric.OLDEST_WAITING.gauge(
                metrics,
                () ->
                        oldest.values().stream()
                                .min(Long::compare)
                                .map(t -> Math.max(0, System.currentTimeMillis() - t))
                                .orElse(0L));
    }

    @Override
    public void processElement(DossierTouch touch, Context context, Collector<Reject> out)
            throws Exception {
        long now = context.timerService().currentProcessingTime();
        if (touch.cause() == DossierTouch.Cause.AUDIT) {
            audit(touch.dossierId(), now, context);
        } else {
            // What an audit saw is explained by this change.
            Objects.requireNonNull(suspect).clear();
            await(touch.dossierId(), now, touch.atMillis(), context);
        }
    }

    private void await(String dossierId, long now, long toldAt, Context context) throws Exception {
        ValueState<Waiting> state = Objects.requireNonNull(waiting);
        Waiting before = state.value();
        Waiting after = debounce.touch(before, now, toldAt);
        if (before != null && debounce.due(before) != debounce.due(after)) {
            context.timerService().deleteProcessingTimeTimer(debounce.due(before));
        }
        state.update(after);
        context.timerService().registerProcessingTimeTimer(debounce.due(after));
        // Fires when the job is drained, so that nothing that was told is left undone.
        context.timerService().registerEventTimeTimer(AttributeResults.END_OF_KEY);
        Objects.requireNonNull(told).put(dossierId, after.oldestMillis());
    }

    private void audit(String dossierId, long now, Context context) throws Exception {
        Counts counted = Objects.requireNonNull(counts);
        if (Objects.requireNonNull(waiting).value() != null
                || Objects.requireNonNull(suspect).value() != null) {
            counted.skipped().inc();
            return;
        }
        counted.audited().inc();
        if (differs(dossierId)) {
            Objects.requireNonNull(suspect).update(now + graceMillis);
            context.timerService().registerProcessingTimeTimer(now + graceMillis);
        }
    }

    private boolean differs(String dossierId) {
        DossierCounter.Counted recount = Objects.requireNonNull(counter).count(dossierId);
        Objects.requireNonNull(counts).auditRows().inc(recount.rows());
        DossierWrite write = recount.write();
        return write != null && write.kind() == DossierWrite.Kind.PUBLISH;
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Reject> out)
            throws Exception {
        String dossierId = context.getCurrentKey();
        Waiting pending = Objects.requireNonNull(waiting).value();
        boolean drained = context.timeDomain() == TimeDomain.EVENT_TIME;
        if (pending != null && (drained || debounce.due(pending) <= timestamp)) {
            Objects.requireNonNull(counts).recounted().inc();
            settle(dossierId, pending, refresh(dossierId, out), context);
            return;
        }
        Long until = Objects.requireNonNull(suspect).value();
        if (until != null && until <= timestamp && !drained) {
            suspect.clear();
            if (differs(dossierId)) {
                Objects.requireNonNull(counts).differences().inc();
                if (!refresh(dossierId, out)) {
                    await(dossierId, until, until, context);
                }
            }
        }
    }

    private void settle(String dossierId, Waiting pending, boolean done, OnTimerContext context)
            throws Exception {
        Objects.requireNonNull(waiting).clear();
        if (done) {
            Objects.requireNonNull(told).remove(dossierId);
            context.timerService().deleteEventTimeTimer(AttributeResults.END_OF_KEY);
        } else {
            long now = context.timerService().currentProcessingTime();
            await(dossierId, now, pending.oldestMillis(), context);
        }
    }

    /** False when somebody else changed it again and again meanwhile. */
    private boolean refresh(String dossierId, Collector<Reject> out) {
        Counts counted = Objects.requireNonNull(counts);
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            DossierCounter.Counted recount = Objects.requireNonNull(counter).count(dossierId);
            counted.rows().inc(recount.rows());
            DossierWrite write = recount.write();
            if (write == null) {
                if (recount.problem().isEmpty()) {
                    counted.gone().inc();
                } else {
                    counted.rejected().inc();
                    out.collect(
                            new Reject(
                                    "mongo:dossiers",
                                    dossierId,
                                    recount.problem(),
                                    recount.problemDetail(),
                                    ""));
                }
                return true;
            }
            if (write.kind() == DossierWrite.Kind.UNCHANGED) {
                counted.unchanged().inc();
                return true;
            }
            guard.check();
            DossierShelf open = Objects.requireNonNull(shelf);
            if (!recount.pages().isEmpty()) {
                open.storePages(recount.pages());
            }
            if (open.publish(List.of(write)).get(0).published()) {
                counted.published().inc();
                return true;
            }
            counted.conflicts().inc();
        }
        return false;
    }

    @Override
    public void close() throws Exception {
        guard.close();
        if (counter != null) {
            counter.close();
            counter = null;
        }
        if (shelf != null) {
            shelf.close();
            shelf = null;
        }
        super.close();
    }
}
