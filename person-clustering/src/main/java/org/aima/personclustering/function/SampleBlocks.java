package org.aima.personclustering.function;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import org.aima.personclustering.core.CellAssigner;
import org.aima.personclustering.core.CellTrainer;
import org.aima.personclustering.core.VectorBlock;
import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.util.Collector;

/**
 * Takes the sample of each block from which cells are placed; none where all pairs are compared.
 */
public final class SampleBlocks implements FlatMapFunction<VectorBlock, VectorBlock> {
    private static final long serialVersionUID = 1L;
    private static final int SALT = 0x2545F491;

    private final Map<String, Long> vectorsByCollection;
    private final long exactUpTo;

    /**
     * @param vectorsByCollection how many there are, about
     * @param exactUpTo collections of at most so many vectors are compared pair by pair
     */
    public SampleBlocks(Map<String, Long> vectorsByCollection, long exactUpTo) {
        this.vectorsByCollection = Map.copyOf(vectorsByCollection);
        this.exactUpTo = exactUpTo;
    }

    static String collectionOf(String space) {
        return space.substring(0, space.indexOf('/'));
    }

    @Override
    public void flatMap(VectorBlock block, Collector<VectorBlock> out) {
        long vectors = vectorsByCollection.getOrDefault(collectionOf(block.space()), 0L);
        if (vectors <= exactUpTo) {
            return;
        }
        double share = CellTrainer.share(vectors);
        int[] rows =
                IntStream.range(0, block.rows())
                        .filter(r -> CellAssigner.sampled(block.ids()[r], SALT, share))
                        .toArray();
        if (rows.length == 0) {
            return;
        }
        int dimension = block.dimension();
        float[] sample = new float[rows.length * dimension];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(
                    block.vectors(), rows[i] * dimension, sample, i * dimension, dimension);
        }
        String[] ids = Arrays.stream(rows).mapToObj(r -> block.ids()[r]).toArray(String[]::new);
        out.collect(new VectorBlock(block.space(), block.block(), dimension, ids, sample));
    }
}
