package org.aima.personclustering.function;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.aima.jobs.error.RunRefusedException;
import org.aima.jobs.model.Figure;
import org.aima.personclustering.core.Assignment;
import org.aima.personclustering.core.ExistingPerson;
import org.aima.personclustering.core.IdentityInput;
import org.aima.personclustering.core.IdentityMatcher;
import org.aima.personclustering.core.KnownIdentity;
import org.aima.personclustering.core.LinkRule;
import org.aima.personclustering.core.Membership;
import org.aima.personclustering.core.PersonAlias;
import org.aima.personclustering.core.PersonFate;
import org.aima.personclustering.core.SpeechEvidence;
import org.aima.personclustering.core.SpeechJudge;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedMultiInput;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * Gives every clustered embedding its person, decides what becomes of existing persons, and refuses
 * a run that moves more members than allowed. Nothing is written before this decision.
 *
 * <p>One task; memory is the ids of all embeddings and persons. Bounded input only.
 */
public final class IdentityOperator extends AbstractStreamOperator<Assignment>
        implements TwoInputStreamOperator<Membership, IdentityInput, Assignment>,
                BoundedMultiInput {
    /** One for each existing person, and one for each new person that was split from another. */
    public static final OutputTag<PersonFate> FATES =
            new OutputTag<>("fates", TypeInformation.of(PersonFate.class));

    public static final OutputTag<Figure> FIGURES = LinkOperator.FIGURES;

    private static final long serialVersionUID = 1L;
    private static final int INPUTS = 2;
    private static final int LISTED_MOVES = 20;
    private static final int NAMED_MOVES = 3;

    private final Rules rules;
    private transient @Nullable List<Membership> memberships;
    private transient @Nullable List<IdentityMatcher.KnownPerson> persons;
    private transient @Nullable List<PersonAlias> aliases;
    private transient @Nullable List<LinkRule> decisions;
    private transient @Nullable SpeechJudge speech;
    private transient int ended;

    /**
     * What the operator may do.
     *
     * @param maxMoved share of the members with a person that may get another one
     * @param enforce false to tell only, as a plan does
     * @param minimumSpeech probability from which a voice is joined with a face
     */
    public record Rules(double maxMoved, boolean enforce, double minimumSpeech)
            implements java.io.Serializable {}

    public IdentityOperator(Rules rules) {
        this.rules = rules;
    }

    @Override
    public void open() throws Exception {
        super.open();
        memberships = new ArrayList<>();
        persons = new ArrayList<>();
        aliases = new ArrayList<>();
        decisions = new ArrayList<>();
        speech = new SpeechJudge(rules.minimumSpeech());
        ended = 0;
    }

    @Override
    public void processElement1(StreamRecord<Membership> record) {
        Objects.requireNonNull(memberships).add(record.getValue());
    }

    @Override
    public void processElement2(StreamRecord<IdentityInput> record) {
        IdentityInput input = record.getValue();
        LinkRule rule = input.rule();
        if (rule != null) {
            Objects.requireNonNull(decisions).add(rule);
        }
        SpeechEvidence heard = input.speech();
        if (heard != null) {
            Objects.requireNonNull(speech).add(heard);
        }
        KnownIdentity known = input.known();
        ExistingPerson person = known == null ? null : known.person();
        if (person != null) {
            Objects.requireNonNull(persons)
                    .add(
                            new IdentityMatcher.KnownPerson(
                                    person.personId(),
                                    person.confirmed(),
                                    List.of(person.memberKeys())));
        }
        PersonAlias alias = known == null ? null : known.alias();
        if (alias != null) {
            Objects.requireNonNull(aliases).add(alias);
        }
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
        Objects.requireNonNull(aliases).forEach(matcher::add);
        Objects.requireNonNull(decisions).forEach(matcher::add);
        Map<String, SpeechJudge.Verdict> verdicts = Objects.requireNonNull(speech).verdicts();
        verdicts.values().forEach(v -> matcher.speaks(v.voiceCluster(), v.faceCluster()));
        IdentityMatcher.Match match = matcher.match();
        double moved = share(match.moved(), match.moved() + match.kept());
        if (rules.enforce() && moved > rules.maxMoved()) {
            throw new SuppressRestartsException(new RunRefusedException(refusal(match, moved)));
        }
        Map<String, String> personByMember = match.personByMember();
        for (Membership membership : clustered) {
            output.collect(
                    new StreamRecord<>(
                            new Assignment(
                                    membership.collection(),
                                    membership.embeddingId(),
                                    Objects.requireNonNull(personByMember.get(membership.key())),
                                    membership.similarity())));
        }
        fates(existing, match);
        figures(match, moved, verdicts.size());
    }

    private void fates(List<IdentityMatcher.KnownPerson> existing, IdentityMatcher.Match match) {
        Map<String, String> listedBy = new HashMap<>();
        for (IdentityMatcher.KnownPerson person : existing) {
            person.members().forEach(m -> listedBy.putIfAbsent(m, person.personId()));
        }
        for (IdentityMatcher.KnownPerson person : existing) {
            String[] unseen =
                    person.members().stream()
                            .filter(m -> !match.personByMember().containsKey(m))
                            .filter(m -> person.personId().equals(listedBy.get(m)))
                            .toArray(String[]::new);
            fate(
                    new PersonFate(
                            person.personId(),
                            match.merged().getOrDefault(person.personId(), ""),
                            "",
                            unseen));
        }
        match.split().forEach((to, from) -> fate(new PersonFate(to, "", from, new String[0])));
    }

    private void fate(PersonFate fate) {
        output.collect(FATES, new StreamRecord<>(fate));
    }

    private void figures(IdentityMatcher.Match match, double moved, int joinedVoices) {
        count("persons.contradictions", match.contradictions());
        count("members.kept", match.kept());
        count("members.moved", match.moved());
        count("persons.split", new HashSet<>(match.split().values()).size());
        count("members.confirmed", match.confirmedMembers());
        count("members.confirmed_kept", match.confirmedKept());
        count("speech.voices", Objects.requireNonNull(speech).voices());
        count("speech.joined", joinedVoices);
        fact(
                "identity.moved_share",
                percent(moved)
                        + " of the members that had a person (at most "
                        + percent(rules.maxMoved())
                        + ")");
        fact(
                "identity.confirmed_kept_share",
                match.confirmedMembers() == 0
                        ? "no confirmed persons"
                        : percent(share(match.confirmedKept(), match.confirmedMembers())));
        for (int i = 0; i < Math.min(LISTED_MOVES, match.moves().size()); i++) {
            fact("move.%02d".formatted(i + 1), told(match, match.moves().get(i)));
        }
    }

    private static String told(IdentityMatcher.Match match, IdentityMatcher.Move move) {
        Set<String> merged = match.merged().keySet();
        String reason =
                merged.contains(move.from())
                        ? "merged: all its members now cluster with the other"
                        : match.created().contains(move.to())
                                ? "split: they no longer cluster with the rest"
                                : "they now cluster with the other";
        return move.members()
                + " of "
                + move.ofMembers()
                + " members from "
                + move.from()
                + " to "
                + move.to()
                + " ("
                + reason
                + ")";
    }

    private String refusal(IdentityMatcher.Match match, double moved) {
        List<String> largest =
                match.moves().stream().limit(NAMED_MOVES).map(m -> told(match, m)).toList();
        return percent(moved)
                + " of the "
                + (match.moved() + match.kept())
                + " members that have a person would get another; apply.max-moved allows "
                + percent(rules.maxMoved())
                + ". Nothing was written. Largest: "
                + String.join("; ", largest)
                + ". Look at: aima plan person-clustering; to go on, give apply.max-moved="
                + String.format(Locale.ROOT, "%.3f", Math.min(1, Math.ceil(moved * 1000) / 1000));
    }

    private static double share(long part, long whole) {
        return whole == 0 ? 0 : (double) part / whole;
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.2f %%", share * 100);
    }

    private void count(String name, long amount) {
        output.collect(FIGURES, new StreamRecord<>(Figure.count(name, amount)));
    }

    private void fact(String name, String text) {
        output.collect(FIGURES, new StreamRecord<>(Figure.fact(name, text)));
    }
}
