package org.aima.dossier;

import static org.aima.jobs.pipeline.Operators.named;
import static org.aima.jobs.pipeline.Operators.single;

import org.aima.dossier.core.ArchivedResults;
import org.aima.dossier.core.ComposeInput;
import org.aima.dossier.core.Detection;
import org.aima.dossier.core.DossierItem;
import org.aima.dossier.core.DossierPart;
import org.aima.dossier.core.DossierWrite;
import org.aima.dossier.core.Facet;
import org.aima.dossier.core.ItemInput;
import org.aima.dossier.core.MediumInfo;
import org.aima.dossier.core.MediumInput;
import org.aima.dossier.core.PersonAlias;
import org.aima.dossier.core.PersonMembers;
import org.aima.dossier.core.RankInput;
import org.aima.dossier.core.ResultInput;
import org.aima.dossier.core.Section;
import org.aima.dossier.core.StoredDossier;
import org.aima.dossier.core.Verdict;
import org.aima.dossier.function.AnalyseMedia;
import org.aima.dossier.function.AttributeResults;
import org.aima.dossier.function.CollectSummary;
import org.aima.dossier.function.CombineFacets;
import org.aima.dossier.function.ComposeDossiers;
import org.aima.dossier.function.DossierFigures;
import org.aima.dossier.function.DossierInputs;
import org.aima.dossier.function.DossierShelfFactory;
import org.aima.dossier.function.FollowAliases;
import org.aima.dossier.function.GatherItems;
import org.aima.dossier.function.PublishDossiers;
import org.aima.dossier.function.RankItems;
import org.aima.dossier.function.ResolveAliases;
import org.aima.dossier.function.StorePages;
import org.aima.dossier.function.WriteItems;
import org.aima.jobs.model.Figure;
import org.aima.jobs.model.Reject;
import org.aima.jobs.pipeline.FigureCounter;
import org.aima.jobs.pipeline.RunContext;
import org.aima.jobs.pipeline.WriteGuard;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/** attribute → analyse media → gather → rank → write out → compose → publish. */
final class DossierTopology {
    private final DossierAggregationSettings settings;
    private final RunContext run;
    private final DossierShelfFactory shelves;
    private final WriteGuard guard;

    /** What the stores hold. */
    record Inputs(
            DataStream<StoredDossier> dossiers,
            DataStream<MediumInfo> media,
            DataStream<Detection> results,
            DataStream<ArchivedResults> archived,
            DataStream<PersonMembers> persons,
            DataStream<PersonAlias> aliases) {}

    /** What a run yields besides what it published. */
    record Outcome(DataStream<Reject> rejects, DataStream<Figure[]> summary) {}

    DossierTopology(
            DossierAggregationSettings settings,
            RunContext run,
            DossierShelfFactory shelves,
            WriteGuard guard) {
        this.settings = settings;
        this.run = run;
        this.shelves = shelves;
        this.guard = guard;
    }

    Outcome define(Inputs in) {
        DataStream<StoredDossier> dossiers = DossierInputs.usableDossiers(in.dossiers());
        DataStream<PersonMembers> persons = current(in);
        SingleOutputStreamOperator<Detection> attributed =
                named(
                        DossierInputs.resultInputs(in.results(), in.archived(), persons)
                                .keyBy(ResultInput::resultId)
                                .process(new AttributeResults()),
                        "attribute-results",
                        "attribute results");
        DataStream<DossierPart> parts = analysed(in, attributed, persons, dossiers);
        DataStream<DossierItem> items =
                named(
                        DossierInputs.items(parts)
                                .keyBy(DossierPart::itemKey)
                                .process(new GatherItems()),
                        "gather-items",
                        "gather items");
        SingleOutputStreamOperator<Verdict> verdicts =
                named(
                        DossierInputs.rankInputs(items, parts, dossiers)
                                .keyBy(RankInput::dossierId)
                                .process(new RankItems(settings.rules())),
                        "rank-items",
                        "rank items");
        DataStream<DossierWrite> writes = composed(sections(items, verdicts), verdicts, dossiers);
        SingleOutputStreamOperator<Figure> published =
                named(
                        writes.transform(
                                "publish-dossiers",
                                TypeInformation.of(Figure.class),
                                new PublishDossiers(shelves, guard, run.planOnly())),
                        "publish-dossiers",
                        run.planOnly() ? "count changed dossiers" : "publish dossiers");
        DataStream<Reject> dossierRejects =
                DossierInputs.rejectedDossiers(in.dossiers())
                        .union(published.getSideOutput(PublishDossiers.REJECTS));
        DataStream<Reject> resultRejects =
                DossierInputs.rejectedResults(in.results())
                        .union(attributed.getSideOutput(AttributeResults.REJECTS));
        return new Outcome(
                dossierRejects.union(resultRejects),
                summary(
                        counted(DossierFigures.read(in.dossiers()), "count-dossiers")
                                .union(
                                        counted(
                                                DossierFigures.results(in.results()),
                                                "count-results"),
                                        counted(
                                                DossierFigures.rejected(dossierRejects),
                                                "count-rejected"),
                                        counted(
                                                DossierFigures.rejectedResults(resultRejects),
                                                "count-rejected-results"),
                                        counted(published, "count-published"))));
    }

    private static DataStream<PersonMembers> current(Inputs in) {
        SingleOutputStreamOperator<PersonAlias> aliases =
                single(
                        in.aliases()
                                .global()
                                .transform(
                                        "resolve-aliases",
                                        TypeInformation.of(PersonAlias.class),
                                        new ResolveAliases()),
                        "resolve-aliases",
                        "resolve aliases");
        return named(
                in.persons()
                        .keyBy(PersonMembers::personId)
                        .connect(aliases.keyBy(PersonAlias::oldId))
                        .process(new FollowAliases()),
                "follow-aliases",
                "follow aliases");
    }

    private DataStream<DossierPart> analysed(
            Inputs in,
            DataStream<Detection> attributed,
            DataStream<PersonMembers> persons,
            DataStream<StoredDossier> dossiers) {
        DataStream<Facet> facets =
                named(
                        DossierInputs.facets(attributed)
                                .transform(
                                        "combine-facets",
                                        TypeInformation.of(Facet.class),
                                        new CombineFacets(settings.rules().gapMillis())),
                        "combine-facets",
                        "combine facets");
        return named(
                DossierInputs.mediumInputs(facets, in.archived(), persons, in.media(), dossiers)
                        .keyBy(MediumInput::mediaId)
                        .process(new AnalyseMedia(settings.rules())),
                "analyse-media",
                "analyse media");
    }

    private DataStream<Section> sections(
            DataStream<DossierItem> items, DataStream<Verdict> verdicts) {
        return named(
                named(
                                DossierInputs.itemInputs(items, verdicts)
                                        .keyBy(ItemInput::key)
                                        .process(new WriteItems(settings.rules())),
                                "write-items",
                                "write items")
                        .transform(
                                "store-pages",
                                TypeInformation.of(Section.class),
                                new StorePages(shelves, guard, run.planOnly())),
                "store-pages",
                "store pages");
    }

    private static DataStream<DossierWrite> composed(
            DataStream<Section> sections,
            SingleOutputStreamOperator<Verdict> verdicts,
            DataStream<StoredDossier> dossiers) {
        return named(
                DossierInputs.composeInputs(
                                sections, verdicts.getSideOutput(RankItems.METADATA), dossiers)
                        .keyBy(ComposeInput::dossierId)
                        .process(new ComposeDossiers()),
                "compose-dossiers",
                "compose dossiers");
    }

    private static SingleOutputStreamOperator<Figure[]> summary(DataStream<Figure> figures) {
        return single(
                figures.global()
                        .transform(
                                "summary",
                                TypeInformation.of(Figure[].class),
                                new CollectSummary()),
                "summary",
                "add up figures");
    }

    private static SingleOutputStreamOperator<Figure> counted(
            DataStream<Figure> figures, String uid) {
        return named(
                figures.transform(uid, TypeInformation.of(Figure.class), new FigureCounter()),
                uid,
                uid.replace('-', ' '));
    }
}
