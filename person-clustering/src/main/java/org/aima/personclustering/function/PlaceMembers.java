package org.aima.personclustering.function;

import java.util.Objects;
import org.aima.personclustering.core.Member;
import org.aima.personclustering.core.Membership;
import org.aima.personclustering.core.Modality;
import org.aima.personclustering.core.Placement;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/** Says where each cluster is seen or heard; members without a time range say nothing. */
public final class PlaceMembers
        extends KeyedCoProcessFunction<String, Membership, Member, Placement> {
    private static final long serialVersionUID = 1L;

    private transient @Nullable ValueState<Membership> membership;
    private transient @Nullable ValueState<Member> member;

    @Override
    public void open(OpenContext context) {
        membership =
                getRuntimeContext()
                        .getState(new ValueStateDescriptor<>("membership", Membership.class));
        member = getRuntimeContext().getState(new ValueStateDescriptor<>("member", Member.class));
    }

    @Override
    public void processElement1(Membership value, Context context, Collector<Placement> out)
            throws Exception {
        Objects.requireNonNull(membership).update(value);
        join(out);
    }

    @Override
    public void processElement2(Member value, Context context, Collector<Placement> out)
            throws Exception {
        Objects.requireNonNull(member).update(value);
        join(out);
    }

    private void join(Collector<Placement> out) throws Exception {
        Membership clustered = Objects.requireNonNull(membership).value();
        Member known = Objects.requireNonNull(member).value();
        if (clustered == null || known == null) {
            return;
        }
        if (known.hasTimeRange()) {
            out.collect(
                    new Placement(
                            clustered.cluster(),
                            known.mediaId(),
                            Modality.ofCollection(known.collection()) == Modality.FACE,
                            known.startSeconds(),
                            known.endSeconds()));
        }
        Objects.requireNonNull(membership).clear();
        Objects.requireNonNull(member).clear();
    }
}
