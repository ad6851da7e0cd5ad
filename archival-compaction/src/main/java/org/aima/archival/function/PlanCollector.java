package org.aima.archival.function;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.aima.archival.core.Partition;
import org.aima.jobs.model.Figure;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/** Turns what tasks counted into the figures of a plan. */
public final class PlanCollector extends AbstractStreamOperator<Figure>
        implements OneInputStreamOperator<PartitionPlan, Figure>, BoundedOneInput {
    private static final long serialVersionUID = 1L;

    private final long targetBytes;
    private transient @Nullable List<PartitionPlan> plans;

    public PlanCollector(long targetBytes) {
        this.targetBytes = targetBytes;
    }

    @Override
    public void open() throws Exception {
        super.open();
        plans = new ArrayList<>();
    }

    @Override
    public void processElement(StreamRecord<PartitionPlan> record) {
        Objects.requireNonNull(plans).add(record.getValue());
    }

    @Override
    public void endInput() {
        Map<Partition, Long> bytesOf = new TreeMap<>();
        Map<String, Long> ofType = new TreeMap<>();
        long documents = 0;
        long bytes = 0;
        long sampleBytes = 0;
        long sampleFileBytes = 0;
        long oldest = Long.MAX_VALUE;
        long newest = Long.MIN_VALUE;
        for (PartitionPlan plan : Objects.requireNonNull(plans)) {
            bytesOf.merge(
                    new Partition(plan.analysisType(), plan.year(), plan.month()),
                    plan.bytes(),
                    Long::sum);
            ofType.merge(plan.analysisType(), plan.documents(), Long::sum);
            documents += plan.documents();
            bytes += plan.bytes();
            sampleBytes += plan.sampleBytes();
            sampleFileBytes += plan.sampleFileBytes();
            oldest = Math.min(oldest, plan.oldest());
            newest = Math.max(newest, plan.newest());
        }
        emit(Figure.count("plan.documents", documents));
        emit(Figure.count("plan.bytes_before", bytes));
        if (documents == 0) {
            return;
        }
        double ratio = sampleBytes == 0 ? 1 : (double) sampleFileBytes / sampleBytes;
        emit(Figure.count("plan.bytes_after", Math.round(bytes * ratio)));
        emit(
                Figure.count(
                        "plan.files",
                        bytesOf.values().stream()
                                .mapToLong(
                                        b -> Math.max(1, (long) Math.ceil(b * ratio / targetBytes)))
                                .sum()));
        emit(Figure.fact("plan.oldest", Instant.ofEpochMilli(oldest).toString()));
        emit(Figure.fact("plan.newest", Instant.ofEpochMilli(newest).toString()));
        ofType.forEach((type, count) -> emit(Figure.count("plan.type." + type, count)));
    }

    private void emit(Figure figure) {
        output.collect(new StreamRecord<>(figure));
    }
}
