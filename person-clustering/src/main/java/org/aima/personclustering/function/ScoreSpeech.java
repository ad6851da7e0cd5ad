package org.aima.personclustering.function;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.aima.personclustering.core.Placement;
import org.aima.personclustering.core.SpeechEvidence;
import org.aima.personclustering.core.SpeechScorer;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/** Weighs who is seen while who is heard, medium by medium; memory: one medium. */
public final class ScoreSpeech extends KeyedProcessFunction<String, Placement, SpeechEvidence> {
    private static final long serialVersionUID = 1L;
    private static final long END_OF_KEY = Long.MAX_VALUE - 1;

    private transient @Nullable ListState<Placement> placements;

    @Override
    public void open(OpenContext context) {
        placements =
                getRuntimeContext()
                        .getListState(new ListStateDescriptor<>("placements", Placement.class));
    }

    @Override
    public void processElement(Placement value, Context context, Collector<SpeechEvidence> out)
            throws Exception {
        Objects.requireNonNull(placements).add(value);
        context.timerService().registerEventTimeTimer(END_OF_KEY);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<SpeechEvidence> out)
            throws Exception {
        List<Placement> medium = new ArrayList<>();
        Objects.requireNonNull(placements).get().forEach(medium::add);
        Objects.requireNonNull(placements).clear();
        SpeechScorer.score(medium).forEach(out::collect);
    }
}
