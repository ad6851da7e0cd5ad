package org.aima.personclustering.function;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.aima.jobs.model.Figure;
import org.aima.personclustering.core.Assignment;
import org.aima.personclustering.core.ExistingPerson;
import org.aima.personclustering.core.IdentityMatcher;
import org.aima.personclustering.core.Membership;
import org.aima.personclustering.core.PersonFate;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedMultiInput;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * Gives every clustered embedding its person and decides what becomes of existing persons.
 *
 * <p>One task; memory is the ids of all embeddings and persons. Bounded input only.
 */
public final class IdentityOperator extends AbstractStreamOperator<Assignment>
        implements TwoInputStreamOperator<Membership, ExistingPerson, Assignment>,
                BoundedMultiInput {
    /** One for each existing person. */
    public static final OutputTag<PersonFate> FATES =
            new OutputTag<>("fates", TypeInformation.of(PersonFate.class));

    public static final OutputTag<Figure> FIGURES = LinkOperator.FIGURES;

    private static final long serialVersionUID = 1L;
    private static final int INPUTS = 2;

    private transient @Nullable List<Membership> memberships;
    private transient @Nullable List<IdentityMatcher.KnownPerson> persons;
    private transient int ended;

    @Override
    public void open() throws Exception {
        super.open();
        memberships = new ArrayList<>();
        persons = new ArrayList<>();
        ended = 0;
    }

    @Override
    public void processElement1(StreamRecord<Membership> record) {
        Objects.requireNonNull(memberships).add(record.getValue());
    }

    @Override
    public void processElement2(StreamRecord<ExistingPerson> record) {
        ExistingPerson person = record.getValue();
        Objects.requireNonNull(persons)
                .add(
                        new IdentityMatcher.KnownPerson(
                                person.personId(),
                                person.confirmed(),
                                List.of(person.memberKeys())));
    }

    @Override
    public void endInput(int input) {
        if (++ended == INPUTS) {
            match(Objects.requireNonNull(memberships), Objects.requireNonNull(persons));
        }
    }

    private void match(List<Membership> clustered, List<IdentityMatcher.KnownPerson> existing) {
        IdentityMatcher matcher = new IdentityMatcher();
        clustered.forEach(matcher::add);
        existing.forEach(matcher::add);
        IdentityMatcher.Match match = matcher.match();
        Map<String, String> personByMember = match.personByMember();
        for (Membership membership : clustered) {
            String key = membership.collection() + "/" + membership.embeddingId();
            output.collect(
                    new StreamRecord<>(
                            new Assignment(
                                    membership.collection(),
                                    membership.embeddingId(),
                                    Objects.requireNonNull(personByMember.get(key)),
                                    membership.similarity())));
        }
        Map<String, String> listedBy = new HashMap<>();
        for (IdentityMatcher.KnownPerson person : existing) {
            person.members().forEach(m -> listedBy.putIfAbsent(m, person.personId()));
        }
        for (IdentityMatcher.KnownPerson person : existing) {
            String[] unseen =
                    person.members().stream()
                            .filter(m -> !personByMember.containsKey(m))
                            .filter(m -> person.personId().equals(listedBy.get(m)))
                            .toArray(String[]::new);
            output.collect(
                    FATES,
                    new StreamRecord<>(
                            new PersonFate(
                                    person.personId(),
                                    match.merged().getOrDefault(person.personId(), ""),
                                    unseen)));
        }
        output.collect(
                FIGURES,
                new StreamRecord<>(Figure.count("persons.contradictions", match.contradictions())));
    }
}
