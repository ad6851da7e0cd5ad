package org.aima.personclustering.function;

import static org.aima.jobs.pipeline.Operators.named;

import org.aima.jobs.model.Figure;
import org.aima.jobs.model.Reject;
import org.aima.personclustering.core.AssignedMember;
import org.aima.personclustering.core.CellMerges;
import org.aima.personclustering.core.ExistingPerson;
import org.aima.personclustering.core.IdentityInput;
import org.aima.personclustering.core.KnownIdentity;
import org.aima.personclustering.core.LinkInput;
import org.aima.personclustering.core.LinkRule;
import org.aima.personclustering.core.NamedNeighbours;
import org.aima.personclustering.core.NeighbourBlock;
import org.aima.personclustering.core.PersonEvidence;
import org.aima.personclustering.core.PersonFate;
import org.aima.personclustering.core.PersonWrite;
import org.aima.personclustering.core.PersonWrite.Kind;
import org.aima.personclustering.core.RowChange;
import org.aima.personclustering.core.SpeechEvidence;
import org.aima.personclustering.core.StoredEmbedding;
import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.util.Collector;

/** Small conversions around the pipeline: records into figures, evidence and row changes. */
public final class PersonFigures {

    private PersonFigures() {}

    /**
     * @param kind part of the operator's uid: one for each source
     */
    public static DataStream<Figure> read(DataStream<StoredEmbedding> rows, String kind) {
        return named(rows.flatMap(new ReadFigures()), "figures-read-" + kind, "figures of " + kind);
    }

    public static DataStream<Figure> rejected(DataStream<Reject> rejects) {
        return named(
                rejects.flatMap(new RejectFigures()), "figures-rejected", "figures of rejects");
    }

    public static DataStream<Figure> persons(DataStream<PersonWrite> persons) {
        return named(persons.flatMap(new PersonCounts()), "figures-persons", "figures of persons");
    }

    /** Everything known about persons as one stream. */
    public static DataStream<PersonEvidence> evidence(
            DataStream<AssignedMember> members,
            DataStream<ExistingPerson> existing,
            DataStream<PersonFate> fates) {
        return named(members.map(new MemberEvidence()), "evidence-members", "members as evidence")
                .union(
                        named(
                                existing.map(new ExistingEvidence()),
                                "evidence-existing",
                                "stored persons as evidence"),
                        named(
                                fates.map(new FateEvidence()),
                                "evidence-fates",
                                "fates as evidence"));
    }

    /** Stored persons as what is known about identities. */
    public static DataStream<KnownIdentity> identities(DataStream<ExistingPerson> existing) {
        return named(
                existing.map(new PersonIdentity()),
                "identities-persons",
                "stored persons as identities");
    }

    /** Neighbours and decisions as one stream. */
    public static DataStream<LinkInput> linkInput(
            DataStream<LinkInput> neighbours, DataStream<LinkRule> rules) {
        return neighbours.union(
                named(rules.map(new RuleInput()), "link-rules", "decisions for linking"));
    }

    /** Neighbours found inside the job, for linking. */
    public static DataStream<LinkInput> compared(DataStream<NeighbourBlock> neighbours) {
        return named(
                neighbours.map(new NeighbourInput()), "link-neighbours", "neighbours for linking");
    }

    /** Neighbours found by the store's index, for linking. */
    public static DataStream<LinkInput> searched(DataStream<NamedNeighbours> neighbours) {
        return named(
                neighbours.map(new NamedInput()),
                "link-searched",
                "searched neighbours for linking");
    }

    /** What was linked inside cells, for linking. */
    public static DataStream<LinkInput> linkedInCells(DataStream<CellMerges> linked) {
        return named(linked.map(new LinkedInput()), "link-linked", "links inside cells");
    }

    /** Everything identities are decided by as one stream. */
    public static DataStream<IdentityInput> identityInput(
            DataStream<KnownIdentity> known,
            DataStream<LinkRule> rules,
            DataStream<SpeechEvidence> speech) {
        return named(known.map(new KnownInput()), "identity-known", "identities for matching")
                .union(
                        named(
                                rules.map(new DecisionInput()),
                                "identity-rules",
                                "decisions for matching"),
                        named(
                                speech.map(new SpeechInput()),
                                "identity-speech",
                                "speech for matching"));
    }

    /** What each row must carry. */
    public static DataStream<RowChange> rowChanges(DataStream<AssignedMember> members) {
        return named(members.map(new ToRowChange()), "row-changes", "compare rows");
    }

    private static final class ReadFigures implements FlatMapFunction<StoredEmbedding, Figure> {
        private static final long serialVersionUID = 1L;

        @Override
        public void flatMap(StoredEmbedding row, Collector<Figure> out) {
            out.collect(Figure.count("read", 1));
            out.collect(Figure.count("read." + row.collection(), 1));
        }
    }

    private static final class RejectFigures implements FlatMapFunction<Reject, Figure> {
        private static final long serialVersionUID = 1L;

        @Override
        public void flatMap(Reject reject, Collector<Figure> out) {
            out.collect(Figure.count("rejected", 1));
            out.collect(Figure.count("rejected." + reject.reason(), 1));
        }
    }

    private static final class PersonCounts implements FlatMapFunction<PersonWrite, Figure> {
        private static final long serialVersionUID = 1L;

        @Override
        public void flatMap(PersonWrite write, Collector<Figure> out) {
            switch (write.kind()) {
                case CREATE -> out.collect(Figure.count("persons.created", 1));
                case UPDATE -> out.collect(Figure.count("persons.updated", 1));
                case UNCHANGED -> out.collect(Figure.count("persons.unchanged", 1));
                case MERGE -> out.collect(Figure.count("persons.merged", 1));
            }
            if (write.kind() == Kind.MERGE) {
                return;
            }
            out.collect(Figure.count("persons", 1));
            out.collect(Figure.count("persons.faces", write.faces()));
            out.collect(Figure.count("persons.voices", write.voices()));
            int size = write.faces() + write.voices();
            int bucket = Integer.highestOneBit(Math.max(1, size));
            out.collect(Figure.count("persons.size.%06d".formatted(bucket), 1));
        }
    }

    private static final class MemberEvidence
            implements MapFunction<AssignedMember, PersonEvidence> {
        private static final long serialVersionUID = 1L;

        @Override
        public PersonEvidence map(AssignedMember member) {
            return PersonEvidence.of(member);
        }
    }

    private static final class ExistingEvidence
            implements MapFunction<ExistingPerson, PersonEvidence> {
        private static final long serialVersionUID = 1L;

        @Override
        public PersonEvidence map(ExistingPerson existing) {
            return PersonEvidence.of(existing);
        }
    }

    private static final class FateEvidence implements MapFunction<PersonFate, PersonEvidence> {
        private static final long serialVersionUID = 1L;

        @Override
        public PersonEvidence map(PersonFate fate) {
            return PersonEvidence.of(fate);
        }
    }

    private static final class PersonIdentity
            implements MapFunction<ExistingPerson, KnownIdentity> {
        private static final long serialVersionUID = 1L;

        @Override
        public KnownIdentity map(ExistingPerson person) {
            // Matching needs the members only; documents are large.
            return KnownIdentity.of(
                    new ExistingPerson(
                            person.personId(),
                            person.confirmed(),
                            person.memberKeys(),
                            new byte[0]));
        }
    }

    private static final class NeighbourInput implements MapFunction<NeighbourBlock, LinkInput> {
        private static final long serialVersionUID = 1L;

        @Override
        public LinkInput map(NeighbourBlock neighbours) {
            return LinkInput.of(neighbours);
        }
    }

    private static final class NamedInput implements MapFunction<NamedNeighbours, LinkInput> {
        private static final long serialVersionUID = 1L;

        @Override
        public LinkInput map(NamedNeighbours neighbours) {
            return LinkInput.of(neighbours);
        }
    }

    private static final class LinkedInput implements MapFunction<CellMerges, LinkInput> {
        private static final long serialVersionUID = 1L;

        @Override
        public LinkInput map(CellMerges linked) {
            return LinkInput.of(linked);
        }
    }

    private static final class RuleInput implements MapFunction<LinkRule, LinkInput> {
        private static final long serialVersionUID = 1L;

        @Override
        public LinkInput map(LinkRule rule) {
            return LinkInput.of(rule);
        }
    }

    private static final class KnownInput implements MapFunction<KnownIdentity, IdentityInput> {
        private static final long serialVersionUID = 1L;

        @Override
        public IdentityInput map(KnownIdentity known) {
            return IdentityInput.of(known);
        }
    }

    private static final class DecisionInput implements MapFunction<LinkRule, IdentityInput> {
        private static final long serialVersionUID = 1L;

        @Override
        public IdentityInput map(LinkRule rule) {
            return IdentityInput.of(rule);
        }
    }

    private static final class SpeechInput implements MapFunction<SpeechEvidence, IdentityInput> {
        private static final long serialVersionUID = 1L;

        @Override
        public IdentityInput map(SpeechEvidence speech) {
            return IdentityInput.of(speech);
        }
    }

    private static final class ToRowChange implements MapFunction<AssignedMember, RowChange> {
        private static final long serialVersionUID = 1L;

        @Override
        public RowChange map(AssignedMember assigned) {
            String before = assigned.member().personId();
            boolean changed = !assigned.personId().equals(before);
            return new RowChange(
                    assigned.member().collection(),
                    assigned.member().partition(),
                    assigned.member().embeddingId(),
                    assigned.personId(),
                    changed,
                    changed && !before.isEmpty());
        }
    }
}
