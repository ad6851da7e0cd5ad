package org.aima.personclustering.function;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.aima.jobs.model.Figure;
import org.aima.jobs.pipeline.JobMetric;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.OperatorStateStore;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/**
 * Counts that are part of the job's state, so that they add up over failures and rescaling; each is
 * a metric of its name, to be summed over the subtasks.
 */
final class OutcomeCounts {
    static final Supplier<ListStateDescriptor<Figure>> DESCRIPTOR =
            () -> new ListStateDescriptor<>("outcomes", Figure.class);

    private final Map<String, Long> counts = new TreeMap<>();
    private final ListState<Figure> state;

    OutcomeCounts(OperatorStateStore store, MetricGroup metrics, String... names) throws Exception {
        state = store.getListState(DESCRIPTOR.get());
        for (String name : names) {
            counts.put(name, 0L);
        }
        for (Figure figure : state.get()) {
            counts.merge(figure.name(), figure.amount(), Long::sum);
        }
        MetricGroup group = JobMetric.group(metrics);
        counts.keySet()
                .forEach(n -> group.gauge(n, (Gauge<Long>) () -> counts.getOrDefault(n, 0L)));
    }

    void add(String name, long amount) {
        counts.merge(name, amount, Long::sum);
    }

    void snapshot() throws Exception {
        state.clear();
        for (Map.Entry<String, Long> count : counts.entrySet()) {
            state.add(Figure.count(count.getKey(), count.getValue()));
        }
    }
}
