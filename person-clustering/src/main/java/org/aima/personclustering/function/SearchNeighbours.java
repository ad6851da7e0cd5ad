package org.aima.personclustering.function;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.aima.personclustering.core.NamedNeighbours;
import org.aima.personclustering.core.VectorBlock;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.Neighbour;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichFlatMapFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/**
 * Asks the store's own index for neighbours, one request at a time a task: the load on a serving
 * store is bounded by the number of tasks.
 *
 * <p>What an index finds depends on how it was built, so unlike the search inside Flink two runs
 * over the same rows may differ slightly. A vector of another model is among the answers only to be
 * left out by linking.
 */
public final class SearchNeighbours extends RichFlatMapFunction<VectorBlock, NamedNeighbours> {
    private static final long serialVersionUID = 1L;
    private static final int VECTORS_PER_REQUEST = 64;
    // Of an HNSW index: how many candidates are held; below k it refuses, at k it finds little.
    private static final int EFFORT = 4;

    private final RowWriteOperator.EmbeddingStoreFactory stores;
    private final int k;
    private transient @Nullable EmbeddingStore store;

    public SearchNeighbours(RowWriteOperator.EmbeddingStoreFactory stores, int k) {
        this.stores = stores;
        this.k = k;
    }

    @Override
    public void open(OpenContext context) {
        store = stores.open();
    }

    @Override
    public void flatMap(VectorBlock block, Collector<NamedNeighbours> out) {
        EmbeddingStore opened = java.util.Objects.requireNonNull(store);
        String collection = SampleBlocks.collectionOf(block.space());
        int dimension = block.dimension();
        for (int start = 0; start < block.rows(); start += VECTORS_PER_REQUEST) {
            int end = Math.min(block.rows(), start + VECTORS_PER_REQUEST);
            float[][] vectors = new float[end - start][];
            for (int row = start; row < end; row++) {
                vectors[row - start] =
                        Arrays.copyOfRange(block.vectors(), row * dimension, (row + 1) * dimension);
            }
            // One more, because each finds itself.
            List<List<Neighbour>> found =
                    opened.search(
                            collection,
                            List.of(vectors),
                            k + 1,
                            null,
                            Map.of("ef", Integer.toString(EFFORT * (k + 1))));
            out.collect(named(block, start, end, found));
        }
    }

    private NamedNeighbours named(
            VectorBlock block, int start, int end, List<List<Neighbour>> found) {
        String[] ids = Arrays.copyOfRange(block.ids(), start, end);
        String[] neighbours = new String[ids.length * k];
        Arrays.fill(neighbours, "");
        for (int i = 0; i < ids.length; i++) {
            int at = 0;
            for (Neighbour neighbour : found.get(i)) {
                if (!neighbour.id().equals(ids[i]) && at < k) {
                    neighbours[i * k + at++] = neighbour.id();
                }
            }
        }
        return new NamedNeighbours(block.space(), ids, k, neighbours);
    }

    @Override
    public void close() {
        if (store != null) {
            store.close();
            store = null;
        }
    }
}
