package org.aima.personclustering.function;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.aima.personclustering.core.CellAssigner;
import org.aima.personclustering.core.CellCentres;
import org.aima.personclustering.core.CellPart;
import org.aima.personclustering.core.ProbedBlock;
import org.aima.personclustering.core.SimilarityKernel;
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
 * Says in which cells the neighbours of each vector are looked for; centres come first, blocks then
 * pass one by one. Memory: the centres and one block. Bounded input only.
 */
public final class AssignCells extends AbstractStreamOperator<ProbedBlock>
        implements TwoInputStreamOperator<CellCentres, VectorBlock, ProbedBlock>,
                BoundedMultiInput,
                InputSelectable {
    /** The same vectors by the cell they live in. */
    public static final OutputTag<CellPart> PARTS =
            new OutputTag<>("parts", TypeInformation.of(CellPart.class));

    private static final long serialVersionUID = 1L;
    private static final int CENTRES_INPUT = 1;
    private static final double AUDITED = 500;

    private final int probes;
    private final Map<String, Long> vectorsByCollection;
    private final boolean auditOnly;
    private transient @Nullable Map<String, CellCentres> centres;
    private transient @Nullable SimilarityKernel kernel;
    private transient boolean centresComplete;

    /**
     * @param probes cells in which the neighbours of a vector are looked for
     * @param auditOnly neighbours come from elsewhere: only the audited rows are to be searched
     */
    public AssignCells(int probes, Map<String, Long> vectorsByCollection, boolean auditOnly) {
        this.auditOnly = auditOnly;
        this.probes = probes;
        this.vectorsByCollection = Map.copyOf(vectorsByCollection);
    }

    @Override
    public void open() throws Exception {
        super.open();
        centres = new HashMap<>();
        kernel = new SimilarityKernel();
        centresComplete = false;
    }

    @Override
    public InputSelection nextSelection() {
        return centresComplete ? InputSelection.SECOND : InputSelection.FIRST;
    }

    @Override
    public void processElement1(StreamRecord<CellCentres> record) {
        Objects.requireNonNull(centres).put(record.getValue().space(), record.getValue());
    }

    @Override
    public void processElement2(StreamRecord<VectorBlock> record) {
        VectorBlock block = record.getValue();
        long vectors =
                vectorsByCollection.getOrDefault(SampleBlocks.collectionOf(block.space()), 0L);
        CellAssigner assigner = new CellAssigner(probes, AUDITED / Math.max(AUDITED, vectors));
        ProbedBlock probed =
                assigner.assign(
                        block,
                        Objects.requireNonNull(centres).get(block.space()),
                        Objects.requireNonNull(kernel));
        output.collect(new StreamRecord<>(auditOnly ? assigner.audit(block) : probed));
        for (CellPart part : CellAssigner.parts(probed)) {
            output.collect(PARTS, new StreamRecord<>(part));
        }
    }

    @Override
    public void endInput(int input) {
        centresComplete |= input == CENTRES_INPUT;
    }

    @Override
    public void close() throws Exception {
        if (kernel != null) {
            kernel.close();
            kernel = null;
        }
        super.close();
    }
}
