package org.aima.personclustering.function;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.aima.personclustering.core.CellCentres;
import org.aima.personclustering.core.CellTrainer;
import org.aima.personclustering.core.SimilarityKernel;
import org.aima.personclustering.core.VectorBlock;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/** Places the cells of each space once its whole sample is in; one task, memory: the sample. */
public final class TrainCells extends AbstractStreamOperator<CellCentres>
        implements OneInputStreamOperator<VectorBlock, CellCentres>, BoundedOneInput {
    private static final long serialVersionUID = 1L;

    private final Map<String, Long> vectorsByCollection;
    private transient @Nullable Map<String, List<VectorBlock>> samples;

    public TrainCells(Map<String, Long> vectorsByCollection) {
        this.vectorsByCollection = Map.copyOf(vectorsByCollection);
    }

    @Override
    public void open() throws Exception {
        super.open();
        samples = new TreeMap<>();
    }

    @Override
    public void processElement(StreamRecord<VectorBlock> record) {
        Objects.requireNonNull(samples)
                .computeIfAbsent(record.getValue().space(), s -> new ArrayList<>())
                .add(record.getValue());
    }

    @Override
    public void endInput() {
        Map<String, List<VectorBlock>> all = Objects.requireNonNull(samples);
        if (all.isEmpty()) {
            return;
        }
        try (SimilarityKernel kernel = new SimilarityKernel()) {
            all.forEach(
                    (space, sample) ->
                            output.collect(
                                    new StreamRecord<>(
                                            new CellTrainer(kernel)
                                                    .train(sample, vectors(space, all)))));
        }
        all.clear();
    }

    // A collection may hold several models: its vectors are shared out as its sample is.
    private long vectors(String space, Map<String, List<VectorBlock>> all) {
        String collection = SampleBlocks.collectionOf(space);
        long own = rows(all.getOrDefault(space, List.of()));
        long whole =
                all.entrySet().stream()
                        .filter(e -> SampleBlocks.collectionOf(e.getKey()).equals(collection))
                        .mapToLong(e -> rows(e.getValue()))
                        .sum();
        return Math.round((double) vectorsByCollection.getOrDefault(collection, 0L) * own / whole);
    }

    private static long rows(List<VectorBlock> blocks) {
        return blocks.stream().mapToLong(VectorBlock::rows).sum();
    }
}
