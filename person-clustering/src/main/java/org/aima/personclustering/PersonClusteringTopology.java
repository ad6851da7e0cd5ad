package org.aima.personclustering;

import static org.aima.jobs.pipeline.Operators.named;
import static org.aima.jobs.pipeline.Operators.single;

import java.util.Locale;
import java.util.Map;
import org.aima.jobs.model.Figure;
import org.aima.jobs.model.Reject;
import org.aima.jobs.pipeline.FigureCounter;
import org.aima.jobs.pipeline.RunContext;
import org.aima.jobs.pipeline.WriteGuard;
import org.aima.personclustering.core.AssignedMember;
import org.aima.personclustering.core.Assignment;
import org.aima.personclustering.core.CellCentres;
import org.aima.personclustering.core.ExistingPerson;
import org.aima.personclustering.core.KnownIdentity;
import org.aima.personclustering.core.LinkInput;
import org.aima.personclustering.core.LinkRule;
import org.aima.personclustering.core.Member;
import org.aima.personclustering.core.Membership;
import org.aima.personclustering.core.Modality;
import org.aima.personclustering.core.NeighbourBlock;
import org.aima.personclustering.core.Observation;
import org.aima.personclustering.core.PersonEvidence;
import org.aima.personclustering.core.PersonFate;
import org.aima.personclustering.core.PersonWrite;
import org.aima.personclustering.core.Placement;
import org.aima.personclustering.core.ProbedBlock;
import org.aima.personclustering.core.ResultFacts;
import org.aima.personclustering.core.RowChange;
import org.aima.personclustering.core.SpeechEvidence;
import org.aima.personclustering.core.StoredEmbedding;
import org.aima.personclustering.core.VectorBlock;
import org.aima.personclustering.function.AssembleBlocks;
import org.aima.personclustering.function.AssignCells;
import org.aima.personclustering.function.AssignMembers;
import org.aima.personclustering.function.CollectSummary;
import org.aima.personclustering.function.ComposePersons;
import org.aima.personclustering.function.IdentityOperator;
import org.aima.personclustering.function.LinkOperator;
import org.aima.personclustering.function.MergeNeighbours;
import org.aima.personclustering.function.NeighbourOperator;
import org.aima.personclustering.function.ObservationJoin;
import org.aima.personclustering.function.PersonFigures;
import org.aima.personclustering.function.PlaceMembers;
import org.aima.personclustering.function.ResolveDecisions;
import org.aima.personclustering.function.RowWriteOperator;
import org.aima.personclustering.function.SampleBlocks;
import org.aima.personclustering.function.ScoreSpeech;
import org.aima.personclustering.function.SearchNeighbours;
import org.aima.personclustering.function.TrainCells;
import org.aima.personclustering.function.ValidateEmbeddings;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/**
 * Rows and results become observations, observations blocks, blocks a neighbour graph, the graph
 * clusters, clusters persons, and persons a difference to what is stored.
 */
final class PersonClusteringTopology {
    private final PersonClusteringSettings settings;
    private final RunContext run;
    private final RowWriteOperator.EmbeddingStoreFactory rowStore;
    private final RowWriteOperator.JournalFactory rowJournal;
    private final WriteGuard guard;

    PersonClusteringTopology(
            PersonClusteringSettings settings,
            RunContext run,
            RowWriteOperator.EmbeddingStoreFactory rowStore,
            RowWriteOperator.JournalFactory rowJournal,
            WriteGuard guard) {
        this.settings = settings;
        this.run = run;
        this.rowStore = rowStore;
        this.rowJournal = rowJournal;
        this.guard = guard;
    }

    /** What the pipeline yields: changes of persons, dead letters, and one summary. */
    record Outcome(
            DataStream<PersonWrite> persons,
            DataStream<Reject> rejects,
            DataStream<Figure[]> summary) {}

    /** Rows as they were read: those that are valid, those that are not, and their number. */
    private record Checked(
            DataStream<StoredEmbedding> valid,
            DataStream<Reject> rejects,
            DataStream<Figure> read) {
        Checked union(Checked other) {
            return new Checked(
                    valid.union(other.valid), rejects.union(other.rejects), read.union(other.read));
        }
    }

    Outcome define(
            DataStream<StoredEmbedding> faces,
            DataStream<StoredEmbedding> voices,
            DataStream<ResultFacts> results,
            DataStream<ExistingPerson> existing,
            DataStream<KnownIdentity> decided) {
        Checked rows = checked(faces, Modality.FACE).union(checked(voices, Modality.VOICE));
        SingleOutputStreamOperator<Observation> observations =
                named(
                        rows.valid()
                                .keyBy(StoredEmbedding::resultId)
                                .connect(results.keyBy(ResultFacts::resultId))
                                .process(new ObservationJoin()),
                        "join-results",
                        "join results");
        Map<String, Integer> blocks = settings.blocks();
        SingleOutputStreamOperator<VectorBlock> vectors =
                named(
                        observations
                                .keyBy(
                                        o ->
                                                AssembleBlocks.key(
                                                        o,
                                                        blocks.getOrDefault(
                                                                o.member().collection(), 1)))
                                .process(new AssembleBlocks()),
                        "assemble-blocks",
                        "assemble blocks");
        DataStream<LinkInput> neighbours = neighbours(vectors);
        DataStream<KnownIdentity> identities = PersonFigures.identities(existing).union(decided);
        SingleOutputStreamOperator<LinkRule> rules =
                single(
                        identities
                                .global()
                                .transform(
                                        "resolve-decisions",
                                        TypeInformation.of(LinkRule.class),
                                        new ResolveDecisions()),
                        "resolve-decisions",
                        "resolve decisions");
        SingleOutputStreamOperator<Membership> memberships =
                single(
                        vectors.global()
                                .connect(PersonFigures.linkInput(neighbours, rules).global())
                                .transform(
                                        "link",
                                        TypeInformation.of(Membership.class),
                                        new LinkOperator(
                                                settings.k(),
                                                settings.minimumRecall(),
                                                settings.linking())),
                        "link",
                        "link clusters");
        DataStream<Member> placed = vectors.getSideOutput(AssembleBlocks.MEMBERS);
        SingleOutputStreamOperator<Assignment> assignments =
                single(
                        memberships
                                .connect(
                                        PersonFigures.identityInput(
                                                        identities,
                                                        rules,
                                                        speech(memberships, placed))
                                                .global())
                                .transform(
                                        "identify",
                                        TypeInformation.of(Assignment.class),
                                        new IdentityOperator(settings.identity(!run.planOnly()))),
                        "identify",
                        "match identities");
        SingleOutputStreamOperator<AssignedMember> members =
                named(
                        assignments
                                .keyBy(Assignment::key)
                                .connect(placed.keyBy(Member::key))
                                .process(new AssignMembers()),
                        "assign-members",
                        "assign members");
        SingleOutputStreamOperator<PersonWrite> persons =
                composed(members, existing, assignments.getSideOutput(IdentityOperator.FATES));
        SingleOutputStreamOperator<Figure> written = rowsWritten(members);
        DataStream<Reject> rejects =
                rows.rejects()
                        .union(
                                observations.getSideOutput(ObservationJoin.REJECTS),
                                vectors.getSideOutput(ObservationJoin.REJECTS),
                                written.getSideOutput(ObservationJoin.REJECTS));
        DataStream<Figure> figures =
                rows.read()
                        .union(
                                counted(PersonFigures.rejected(rejects), "count-rejected"),
                                counted(PersonFigures.persons(persons), "count-persons"),
                                rules.getSideOutput(LinkOperator.FIGURES),
                                memberships.getSideOutput(LinkOperator.FIGURES),
                                assignments.getSideOutput(IdentityOperator.FIGURES),
                                written);
        SingleOutputStreamOperator<Figure[]> summary =
                single(
                        figures.global()
                                .transform(
                                        "summary",
                                        TypeInformation.of(Figure[].class),
                                        new CollectSummary()),
                        "summary",
                        "add up figures");
        return new Outcome(persons, rejects, summary);
    }

    /**
     * In one chain with the source, so that rows are not stored once more before they are checked.
     */
    private static Checked checked(DataStream<StoredEmbedding> rows, Modality modality) {
        String kind = modality.name().toLowerCase(Locale.ROOT);
        SingleOutputStreamOperator<StoredEmbedding> valid =
                named(
                        rows.process(new ValidateEmbeddings()),
                        "validate-" + kind,
                        "validate " + kind + " rows");
        return new Checked(
                valid,
                valid.getSideOutput(ObservationJoin.REJECTS),
                counted(PersonFigures.read(rows, kind), "count-read-" + kind));
    }

    private DataStream<LinkInput> neighbours(DataStream<VectorBlock> vectors) {
        DataStream<LinkInput> found = compared(vectors);
        if (settings.searchers() == 0) {
            return found;
        }
        return found.union(
                PersonFigures.searched(
                        named(
                                        vectors.rebalance()
                                                .flatMap(
                                                        new SearchNeighbours(
                                                                rowStore, settings.k())),
                                        "search-neighbours",
                                        "search neighbours in Milvus")
                                .setParallelism(settings.searchers())));
    }

    private DataStream<LinkInput> compared(DataStream<VectorBlock> vectors) {
        Map<String, Long> counts = settings.rows();
        boolean auditOnly = settings.searchers() > 0;
        SingleOutputStreamOperator<VectorBlock> sample =
                named(
                        vectors.flatMap(
                                new SampleBlocks(
                                        counts, auditOnly ? Long.MAX_VALUE : settings.exactUpTo())),
                        "sample-blocks",
                        "sample vectors");
        SingleOutputStreamOperator<CellCentres> centres =
                single(
                        sample.global()
                                .transform(
                                        "train-cells",
                                        TypeInformation.of(CellCentres.class),
                                        new TrainCells(counts)),
                        "train-cells",
                        "place cells");
        SingleOutputStreamOperator<ProbedBlock> probed =
                named(
                        centres.broadcast()
                                .connect(vectors)
                                .transform(
                                        "assign-cells",
                                        TypeInformation.of(ProbedBlock.class),
                                        new AssignCells(settings.probes(), counts, auditOnly)),
                        "assign-cells",
                        "assign cells");
        SingleOutputStreamOperator<NeighbourBlock> found =
                named(
                        probed.getSideOutput(AssignCells.PARTS)
                                .partitionCustom(
                                        (task, tasks) -> task % tasks, NeighbourOperator::slot)
                                .connect(probed.broadcast())
                                .transform(
                                        "neighbours",
                                        TypeInformation.of(NeighbourBlock.class),
                                        new NeighbourOperator(settings.k(), settings.linking())),
                        "neighbours",
                        "find neighbours");
        SingleOutputStreamOperator<NeighbourBlock> merged =
                named(
                        found.keyBy(MergeNeighbours::key).process(new MergeNeighbours()),
                        "merge-neighbours",
                        "merge neighbours");
        return PersonFigures.compared(merged)
                .union(PersonFigures.linkedInCells(found.getSideOutput(NeighbourOperator.LINKED)));
    }

    private static SingleOutputStreamOperator<SpeechEvidence> speech(
            DataStream<Membership> memberships, DataStream<Member> members) {
        return named(
                named(
                                memberships
                                        .keyBy(Membership::key)
                                        .connect(members.keyBy(Member::key))
                                        .process(new PlaceMembers()),
                                "place-members",
                                "place members")
                        .keyBy(Placement::mediaId)
                        .process(new ScoreSpeech()),
                "score-speech",
                "weigh who is seen speaking");
    }

    private SingleOutputStreamOperator<PersonWrite> composed(
            DataStream<AssignedMember> members,
            DataStream<ExistingPerson> existing,
            DataStream<PersonFate> fates) {
        return named(
                PersonFigures.evidence(members, existing, fates)
                        .keyBy(PersonEvidence::personId)
                        .process(
                                new ComposePersons(
                                        settings.mergeGapSeconds(),
                                        settings.minimumSupport(),
                                        run.submittedAtMillis())),
                "compose-persons",
                "compose persons");
    }

    private SingleOutputStreamOperator<Figure> rowsWritten(DataStream<AssignedMember> members) {
        DataStream<RowChange> changes = PersonFigures.rowChanges(members);
        return named(
                changes.keyBy(RowChange::embeddingId)
                        .transform(
                                "write-rows",
                                TypeInformation.of(Figure.class),
                                new RowWriteOperator(rowStore, rowJournal, guard, run.planOnly())),
                "write-rows",
                run.planOnly() ? "count row changes" : "write person ids to rows");
    }

    private static SingleOutputStreamOperator<Figure> counted(
            DataStream<Figure> figures, String uid) {
        return named(
                figures.transform(uid, TypeInformation.of(Figure.class), new FigureCounter()),
                uid,
                uid.replace('-', ' '));
    }
}
