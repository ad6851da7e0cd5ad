package org.aima.dossier.function;

import java.util.Objects;
import org.aima.dossier.core.Detection;
import org.aima.dossier.core.ResultAttribution;
import org.aima.dossier.core.ResultInput;
import org.aima.jobs.model.Reject;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/** Gives every result its person and counts each id once. Bounded input; memory: one result. */
public final class AttributeResults extends KeyedProcessFunction<String, ResultInput, Detection> {
    public static final OutputTag<Reject> REJECTS =
            new OutputTag<>("rejects", TypeInformation.of(Reject.class));

    // Fires once all input of a key has been seen in batch execution.
    static final long END_OF_KEY = Long.MAX_VALUE - 1;

    private static final long serialVersionUID = 1L;

    private transient @Nullable ValueState<Detection> live;
    private transient @Nullable ValueState<Detection> archived;
    private transient @Nullable ValueState<String> person;

    @Override
    public void open(OpenContext context) {
        live = getRuntimeContext().getState(new ValueStateDescriptor<>("live", Detection.class));
        archived =
                getRuntimeContext()
                        .getState(new ValueStateDescriptor<>("archived", Detection.class));
        person = getRuntimeContext().getState(new ValueStateDescriptor<>("person", String.class));
    }

    @Override
    public void processElement(ResultInput input, Context context, Collector<Detection> out)
            throws Exception {
        context.timerService().registerEventTimeTimer(END_OF_KEY);
        Detection result = input.result();
        String owner = input.personId();
        if (owner != null) {
            ValueState<String> held = Objects.requireNonNull(person);
            held.update(ResultAttribution.person(held.value(), owner));
        }
        if (result == null) {
            return;
        }
        ValueState<Detection> held = Objects.requireNonNull(result.archived() ? archived : live);
        Detection before = held.value();
        if (before == null) {
            held.update(result);
            return;
        }
        held.update(ResultAttribution.first(before, result));
        if (!result.archived()) {
            context.output(
                    REJECTS,
                    new Reject(
                            "mongo:analysis_results",
                            result.resultId(),
                            "duplicate_id",
                            "two results have this id; one of them is counted",
                            "media_id=" + result.mediaId()));
        }
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Detection> out)
            throws Exception {
        Detection result =
                ResultAttribution.resolve(
                        Objects.requireNonNull(live).value(),
                        Objects.requireNonNull(archived).value(),
                        Objects.requireNonNull(person).value());
        if (result != null) {
            out.collect(result);
        }
        live.clear();
        archived.clear();
        person.clear();
    }
}
