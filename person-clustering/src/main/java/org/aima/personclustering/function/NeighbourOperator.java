package org.aima.personclustering.function;

import java.util.ArrayList;
import java.util.List;
import org.aima.personclustering.core.NeighbourBlock;
import org.aima.personclustering.core.NeighbourSearch;
import org.aima.personclustering.core.SimilarityKernel;
import org.aima.personclustering.core.VectorBlock;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedMultiInput;
import org.apache.flink.streaming.api.operators.InputSelectable;
import org.apache.flink.streaming.api.operators.InputSelection;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * Exact k-NN: first takes in the blocks it owns, then lets every block of the data pass by.
 *
 * <p>Memory: the subtask's share of the vectors and their neighbour lists; each further block is
 * held only while it is compared. Bounded input only: the second input is not read before the first
 * ends.
 */
public final class NeighbourOperator extends AbstractStreamOperator<NeighbourBlock>
        implements TwoInputStreamOperator<VectorBlock, VectorBlock, NeighbourBlock>,
                BoundedMultiInput,
                InputSelectable {
    private static final long serialVersionUID = 1L;
    private static final int OWNED_INPUT = 1;

    private final int k;
    private transient @Nullable List<Owned> owned;
    private transient @Nullable SimilarityKernel kernel;
    private transient boolean ownedComplete;

    /**
     * @param k neighbours of each vector, itself not counted
     */
    public NeighbourOperator(int k) {
        this.k = k;
    }

    private record Owned(String space, NeighbourSearch search) {}

    @Override
    public void open() throws Exception {
        super.open();
        owned = new ArrayList<>();
        kernel = new SimilarityKernel();
        ownedComplete = false;
    }

    @Override
    public InputSelection nextSelection() {
        return ownedComplete ? InputSelection.SECOND : InputSelection.FIRST;
    }

    @Override
    public void processElement1(StreamRecord<VectorBlock> record) {
        VectorBlock block = record.getValue();
        owned().add(new Owned(block.space(), new NeighbourSearch(block, k)));
    }

    @Override
    public void processElement2(StreamRecord<VectorBlock> record) {
        VectorBlock other = record.getValue();
        for (Owned own : owned()) {
            if (own.space().equals(other.space())) {
                own.search().compareWith(other, java.util.Objects.requireNonNull(kernel));
            }
        }
    }

    @Override
    public void endInput(int input) {
        if (input == OWNED_INPUT) {
            ownedComplete = true;
            return;
        }
        for (Owned own : owned()) {
            output.collect(new StreamRecord<>(own.search().result()));
        }
        owned().clear();
    }

    @Override
    public void close() throws Exception {
        if (kernel != null) {
            kernel.close();
            kernel = null;
        }
        super.close();
    }

    private List<Owned> owned() {
        return java.util.Objects.requireNonNull(owned, "open() was not called");
    }
}
