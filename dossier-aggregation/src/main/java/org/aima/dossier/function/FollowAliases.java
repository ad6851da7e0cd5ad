package org.aima.dossier.function;

import java.util.Objects;
import org.aima.dossier.core.PersonAlias;
import org.aima.dossier.core.PersonMembers;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/** Gives the members of a person that was merged to the one that took its place. */
public final class FollowAliases
        extends KeyedCoProcessFunction<String, PersonMembers, PersonAlias, PersonMembers> {
    private static final long serialVersionUID = 1L;

    private transient @Nullable ListState<PersonMembers> members;
    private transient @Nullable ValueState<String> current;

    @Override
    public void open(OpenContext context) {
        members =
                getRuntimeContext()
                        .getListState(new ListStateDescriptor<>("members", PersonMembers.class));
        current = getRuntimeContext().getState(new ValueStateDescriptor<>("current", String.class));
    }

    @Override
    public void processElement1(PersonMembers person, Context context, Collector<PersonMembers> out)
            throws Exception {
        Objects.requireNonNull(members).add(person);
        context.timerService().registerEventTimeTimer(AttributeResults.END_OF_KEY);
    }

    @Override
    public void processElement2(PersonAlias alias, Context context, Collector<PersonMembers> out)
            throws Exception {
        Objects.requireNonNull(current).update(alias.newId());
        context.timerService().registerEventTimeTimer(AttributeResults.END_OF_KEY);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<PersonMembers> out)
            throws Exception {
        String id = Objects.requireNonNull(current).value();
        for (PersonMembers person : Objects.requireNonNull(members).get()) {
            out.collect(id == null ? person : person.as(id));
        }
        members.clear();
        current.clear();
    }
}
