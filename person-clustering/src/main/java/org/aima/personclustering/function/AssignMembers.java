package org.aima.personclustering.function;

import java.util.Objects;
import org.aima.personclustering.core.AssignedMember;
import org.aima.personclustering.core.Assignment;
import org.aima.personclustering.core.Member;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/** Joins each decision with the embedding it is about; both have exactly one record a key. */
public final class AssignMembers
        extends KeyedCoProcessFunction<String, Assignment, Member, AssignedMember> {
    private static final long serialVersionUID = 1L;

    private transient @Nullable ValueState<Assignment> assignment;
    private transient @Nullable ValueState<Member> member;

    @Override
    public void open(OpenContext context) {
        assignment =
                getRuntimeContext()
                        .getState(new ValueStateDescriptor<>("assignment", Assignment.class));
        member = getRuntimeContext().getState(new ValueStateDescriptor<>("member", Member.class));
    }

    @Override
    public void processElement1(Assignment value, Context context, Collector<AssignedMember> out)
            throws Exception {
        Objects.requireNonNull(assignment).update(value);
        join(out);
    }

    @Override
    public void processElement2(Member value, Context context, Collector<AssignedMember> out)
            throws Exception {
        Objects.requireNonNull(member).update(value);
        join(out);
    }

    private void join(Collector<AssignedMember> out) throws Exception {
        Assignment decided = Objects.requireNonNull(assignment).value();
        Member known = Objects.requireNonNull(member).value();
        if (decided != null && known != null) {
            out.collect(new AssignedMember(decided.personId(), decided.similarity(), known));
            Objects.requireNonNull(assignment).clear();
            Objects.requireNonNull(member).clear();
        }
    }
}
