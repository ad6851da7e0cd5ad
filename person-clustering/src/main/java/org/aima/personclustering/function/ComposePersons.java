package org.aima.personclustering.function;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.aima.jobs.model.BsonBytes;
import org.aima.personclustering.core.AssignedMember;
import org.aima.personclustering.core.ExistingPerson;
import org.aima.personclustering.core.PersonComposer;
import org.aima.personclustering.core.PersonEvidence;
import org.aima.personclustering.core.PersonFate;
import org.aima.personclustering.core.PersonWrite;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/** Composes the document of each person and compares it with the stored one; memory: one person. */
public final class ComposePersons
        extends KeyedProcessFunction<String, PersonEvidence, PersonWrite> {
    private static final long serialVersionUID = 1L;
    private static final long END_OF_KEY = Long.MAX_VALUE - 1;

    private final double mergeGapSeconds;
    private final double minimumSupport;
    private final long nowMillis;
    private transient @Nullable ListState<PersonEvidence> evidence;

    public ComposePersons(double mergeGapSeconds, double minimumSupport, long nowMillis) {
        this.mergeGapSeconds = mergeGapSeconds;
        this.minimumSupport = minimumSupport;
        this.nowMillis = nowMillis;
    }

    @Override
    public void open(OpenContext context) {
        evidence =
                getRuntimeContext()
                        .getListState(new ListStateDescriptor<>("evidence", PersonEvidence.class));
    }

    @Override
    public void processElement(PersonEvidence value, Context context, Collector<PersonWrite> out)
            throws Exception {
        Objects.requireNonNull(evidence).add(value);
        context.timerService().registerEventTimeTimer(END_OF_KEY);
    }

    // A person without embeddings was made by people, and one whose embeddings were all unread in
    // this
    // run is not judged by their absence: both are left alone.
    private static boolean lostMembers(
            @Nullable ExistingPerson existing, @Nullable PersonFate fate) {
        return existing != null
                && fate != null
                && existing.memberKeys().length > fate.unseenMembers().length;
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<PersonWrite> out)
            throws Exception {
        List<AssignedMember> members = new ArrayList<>();
        ExistingPerson existing = null;
        PersonFate fate = null;
        for (PersonEvidence item : Objects.requireNonNull(evidence).get()) {
            AssignedMember member = item.member();
            if (member != null) {
                members.add(member);
            }
            existing = item.existing() == null ? existing : item.existing();
            fate = item.fate() == null ? fate : item.fate();
        }
        Objects.requireNonNull(evidence).clear();
        if (existing != null && fate != null && !fate.mergedInto().isEmpty()) {
            out.collect(
                    PersonComposer.merge(
                            existing.personId(),
                            BsonBytes.decode(existing.document()),
                            fate.mergedInto()));
        } else if (!members.isEmpty() || lostMembers(existing, fate)) {
            out.collect(
                    new PersonComposer(mergeGapSeconds, minimumSupport)
                            .compose(
                                    context.getCurrentKey(),
                                    existing == null ? null : BsonBytes.decode(existing.document()),
                                    members,
                                    fate == null ? "" : fate.splitFrom(),
                                    fate == null ? Set.of() : Set.of(fate.unseenMembers()),
                                    nowMillis));
        }
    }
}
