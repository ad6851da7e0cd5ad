package org.aima.dossier.function;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.aima.dossier.core.DossierTouch;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * Lets touches pass and adds, at intervals, some dossiers to be audited: all in turn, by the first
 * subtask.
 */
public final class AddAudits extends AbstractStreamOperator<DossierTouch>
        implements OneInputStreamOperator<DossierTouch, DossierTouch> {
    private static final long serialVersionUID = 1L;

    private final WorkerFactory<DossierRota> rotas;
    private final long intervalMillis;
    private final int sample;
    private transient @Nullable DossierRota rota;
    private transient @Nullable ListState<String> kept;
    private transient @Nullable String end;

    /**
     * @param sample dossiers at each interval; 0 for no audit
     */
    public AddAudits(WorkerFactory<DossierRota> rotas, long intervalMillis, int sample) {
        this.rotas = rotas;
        this.intervalMillis = intervalMillis;
        this.sample = sample;
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        // Given to every subtask, as which of them is the first is only known afterwards.
        kept =
                context.getOperatorStateStore()
                        .getUnionListState(new ListStateDescriptor<>("end", Types.STRING));
        List<String> ends = new ArrayList<>();
        Objects.requireNonNull(kept).get().forEach(ends::add);
        end = ends.isEmpty() ? "" : ends.get(0);
    }

    private boolean first() {
        return getRuntimeContext().getTaskInfo().getIndexOfThisSubtask() == 0;
    }

    @Override
    public void open() throws Exception {
        super.open();
        if (sample > 0 && first()) {
            rota = rotas.open();
            later();
        }
    }

    private void later() {
        getProcessingTimeService()
                .registerTimer(
                        getProcessingTimeService().getCurrentProcessingTime() + intervalMillis,
                        this::audit);
    }

    private void audit(long now) {
        DossierRota.Turn turn =
                Objects.requireNonNull(rota).next(Objects.requireNonNull(end), sample);
        end = turn.end();
        for (String dossierId : turn.dossierIds()) {
            output.collect(
                    new StreamRecord<>(new DossierTouch(dossierId, DossierTouch.Cause.AUDIT, now)));
        }
        later();
    }

    @Override
    public void processElement(StreamRecord<DossierTouch> record) {
        output.collect(record);
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        Objects.requireNonNull(kept)
                .update(first() ? List.of(Objects.requireNonNull(end)) : List.of());
    }

    @Override
    public void close() throws Exception {
        if (rota != null) {
            rota.close();
            rota = null;
        }
        super.close();
    }
}
