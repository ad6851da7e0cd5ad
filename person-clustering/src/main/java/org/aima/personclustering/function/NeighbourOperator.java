package org.aima.personclustering.function;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.aima.personclustering.core.Cell;
import org.aima.personclustering.core.CellLinking;
import org.aima.personclustering.core.CellMerges;
import org.aima.personclustering.core.CellPart;
import org.aima.personclustering.core.ImpostorCalibration;
import org.aima.personclustering.core.LinkingParameters;
import org.aima.personclustering.core.NeighbourBlock;
import org.aima.personclustering.core.NeighbourSearch;
import org.aima.personclustering.core.ProbedBlock;
import org.aima.personclustering.core.SimilarityKernel;
import org.aima.personclustering.core.SpillFile;
import org.aima.personclustering.core.VectorBlock;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedMultiInput;
import org.apache.flink.streaming.api.operators.InputSelectable;
import org.apache.flink.streaming.api.operators.InputSelection;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * k-NN: first takes in the cells it owns, then lets every block of the data pass by and finds the
 * neighbours of its rows among those cells. When all have passed, it links what is beyond doubt
 * inside each cell.
 *
 * <p>The subtask's share of the vectors lies in a mapped file; the heap holds addresses, one block
 * and its lists. Bounded input only: the second input is not read before the first ends.
 */
public final class NeighbourOperator extends AbstractStreamOperator<NeighbourBlock>
        implements TwoInputStreamOperator<CellPart, ProbedBlock, NeighbourBlock>,
                BoundedMultiInput,
                InputSelectable {
    /** What was linked inside the cells, once all blocks have passed. */
    public static final OutputTag<CellMerges> LINKED =
            new OutputTag<>("linked", TypeInformation.of(CellMerges.class));

    private static final long serialVersionUID = 1L;
    private static final int CELLS_INPUT = 1;

    private final int k;
    private final Map<String, LinkingParameters> parametersByCollection;
    private transient @Nullable Map<String, Map<Integer, List<Cell.Part>>> parts;
    private transient @Nullable Map<String, Integer> dimensions;
    private transient @Nullable SpillFile spill;
    private transient @Nullable Map<String, List<Cell>> cells;
    private transient @Nullable Map<String, Passed> passed;
    private transient @Nullable SimilarityKernel kernel;

    /**
     * @param k neighbours of each vector, itself not counted
     * @param parametersByCollection by embedding collection
     */
    public NeighbourOperator(int k, Map<String, LinkingParameters> parametersByCollection) {
        this.k = k;
        this.parametersByCollection = Map.copyOf(parametersByCollection);
    }

    /** What passed of a space: every task sees all of it. */
    private static final class Passed {
        private int vectors;
        private int weak;
        private @Nullable ImpostorCalibration strangers;
    }

    /** A number that spreads cells evenly over tasks, never negative. */
    public static int slot(CellPart part) {
        return part.cell() + (part.space().hashCode() & 0xFFFF);
    }

    @Override
    public void open() throws Exception {
        super.open();
        parts = new TreeMap<>();
        dimensions = new TreeMap<>();
        passed = new TreeMap<>();
        spill = LinkOperator.spill(getContainingTask());
        kernel = new SimilarityKernel();
    }

    @Override
    public InputSelection nextSelection() {
        return cells == null ? InputSelection.FIRST : InputSelection.SECOND;
    }

    @Override
    public void processElement1(StreamRecord<CellPart> record) {
        CellPart part = record.getValue();
        Objects.requireNonNull(parts)
                .computeIfAbsent(part.space(), s -> new TreeMap<>())
                .computeIfAbsent(part.cell(), c -> new ArrayList<>())
                .add(Cell.Part.of(part, Objects.requireNonNull(spill).keep(part.vectors())));
        Objects.requireNonNull(dimensions).put(part.space(), part.dimension());
    }

    @Override
    public void processElement2(StreamRecord<ProbedBlock> record) {
        count(record.getValue());
        List<Cell> own =
                Objects.requireNonNull(cells)
                        .getOrDefault(record.getValue().block().space(), List.of());
        if (!own.isEmpty()) {
            output.collect(
                    new StreamRecord<>(
                            new NeighbourSearch(record.getValue(), k)
                                    .search(own, Objects.requireNonNull(kernel))));
        }
    }

    private void count(ProbedBlock probed) {
        VectorBlock block = probed.block();
        Passed space =
                Objects.requireNonNull(passed).computeIfAbsent(block.space(), s -> new Passed());
        double minimum = parameters(block.space()).minimumQuality();
        space.vectors += block.rows();
        for (float quality : block.quality()) {
            space.weak += quality < minimum ? 1 : 0;
        }
        space.strangers = probed.strangers();
    }

    private void link(String name, Passed space) {
        if (space.strangers == null) {
            return;
        }
        CellLinking linking =
                new CellLinking(
                        name, space.strangers, parameters(name), space.vectors, space.weak, k);
        for (Cell cell : Objects.requireNonNull(cells).getOrDefault(name, List.of())) {
            CellMerges linked = linking.link(cell, Objects.requireNonNull(kernel));
            if (linked.from().length > 0) {
                output.collect(LINKED, new StreamRecord<>(linked));
            }
        }
    }

    private LinkingParameters parameters(String space) {
        return parametersByCollection.getOrDefault(
                SampleBlocks.collectionOf(space), LinkingParameters.DEFAULT);
    }

    @Override
    public void endInput(int input) {
        if (input != CELLS_INPUT) {
            Objects.requireNonNull(passed).forEach(this::link);
            Objects.requireNonNull(cells).clear();
            return;
        }
        Map<String, List<Cell>> built = new TreeMap<>();
        SpillFile whole = LinkOperator.spill(getContainingTask());
        Objects.requireNonNull(parts)
                .forEach(
                        (space, byCell) -> {
                            int dimension =
                                    Objects.requireNonNull(dimensions).getOrDefault(space, 0);
                            List<Cell> list = new ArrayList<>();
                            byCell.forEach(
                                    (cell, own) -> list.add(new Cell(cell, dimension, own, whole)));
                            built.put(space, list);
                        });
        Objects.requireNonNull(parts).clear();
        Objects.requireNonNull(spill).close();
        spill = whole;
        cells = built;
    }

    @Override
    public void close() throws Exception {
        if (kernel != null) {
            kernel.close();
            kernel = null;
        }
        if (spill != null) {
            spill.close();
            spill = null;
        }
        super.close();
    }
}
