package org.aima.dossier.function;

import static org.aima.jobs.pipeline.Operators.named;

import java.util.Objects;
import org.aima.dossier.core.ArchivedResults;
import org.aima.dossier.core.ComposeInput;
import org.aima.dossier.core.Detection;
import org.aima.dossier.core.DossierItem;
import org.aima.dossier.core.DossierPart;
import org.aima.dossier.core.Facet;
import org.aima.dossier.core.ItemInput;
import org.aima.dossier.core.MediumInfo;
import org.aima.dossier.core.MediumInput;
import org.aima.dossier.core.PersonMembers;
import org.aima.dossier.core.RankInput;
import org.aima.dossier.core.ResultInput;
import org.aima.dossier.core.Section;
import org.aima.dossier.core.StoredDossier;
import org.aima.dossier.core.Verdict;
import org.aima.jobs.model.Reject;
import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.DataStream;

/** Brings what several streams know of one key into one stream, and sorts out what is unusable. */
public final class DossierInputs {
    private DossierInputs() {}

    public static DataStream<StoredDossier> usableDossiers(DataStream<StoredDossier> dossiers) {
        return named(
                dossiers.filter(d -> d.problem().isEmpty()), "usable-dossiers", "usable dossiers");
    }

    public static DataStream<Reject> rejectedDossiers(DataStream<StoredDossier> dossiers) {
        return flat(
                dossiers,
                (dossier, out) -> {
                    if (!dossier.problem().isEmpty()) {
                        out.collect(
                                new Reject(
                                        "mongo:dossiers",
                                        dossier.dossierId(),
                                        dossier.problem(),
                                        dossier.problemDetail(),
                                        ""));
                    }
                },
                Reject.class,
                "reject-dossiers");
    }

    public static DataStream<Reject> rejectedResults(DataStream<Detection> results) {
        return flat(
                results,
                (result, out) -> {
                    if (!result.problem().isEmpty()) {
                        out.collect(
                                new Reject(
                                        "mongo:analysis_results",
                                        result.resultId(),
                                        result.problem(),
                                        result.problemDetail(),
                                        "media_id=" + result.mediaId()));
                    }
                },
                Reject.class,
                "reject-results");
    }

    /** All that is known of each result id. */
    public static DataStream<ResultInput> resultInputs(
            DataStream<Detection> results,
            DataStream<ArchivedResults> archived,
            DataStream<PersonMembers> persons) {
        return flat(
                        results,
                        (result, out) -> {
                            if (result.problem().isEmpty()) {
                                out.collect(ResultInput.of(result));
                            }
                        },
                        ResultInput.class,
                        "usable-results")
                .union(
                        flat(
                                archived,
                                (summary, out) -> {
                                    for (Detection result : summary.results()) {
                                        out.collect(ResultInput.of(result));
                                    }
                                },
                                ResultInput.class,
                                "archived-results"),
                        flat(
                                persons,
                                (person, out) -> {
                                    for (String result : person.results()) {
                                        out.collect(
                                                new ResultInput(result, null, person.personId()));
                                    }
                                },
                                ResultInput.class,
                                "persons-results"));
    }

    public static DataStream<Facet> facets(DataStream<Detection> attributed) {
        return flat(
                attributed,
                (result, out) -> Facet.of(result).forEach(out::collect),
                Facet.class,
                "facets");
    }

    /** All that is known of each medium. */
    public static DataStream<MediumInput> mediumInputs(
            DataStream<Facet> facets,
            DataStream<ArchivedResults> archived,
            DataStream<PersonMembers> persons,
            DataStream<MediumInfo> media,
            DataStream<StoredDossier> dossiers) {
        return mapped(facets, MediumInput::of, MediumInput.class, "media-of-facets")
                .union(
                        flat(
                                archived,
                                (summary, out) -> {
                                    for (Facet facet : summary.facets()) {
                                        out.collect(MediumInput.of(facet));
                                    }
                                },
                                MediumInput.class,
                                "archived-facets"),
                        flat(
                                persons,
                                (person, out) -> {
                                    for (Facet spans : person.remembered()) {
                                        out.collect(MediumInput.of(spans));
                                    }
                                },
                                MediumInput.class,
                                "remembered-spans"),
                        mapped(media, MediumInput::of, MediumInput.class, "media-documents"),
                        flat(
                                dossiers,
                                (dossier, out) -> {
                                    for (String mediaId : dossier.mediaIds()) {
                                        out.collect(
                                                new MediumInput(
                                                        mediaId, null, null, dossier.dossierId()));
                                    }
                                },
                                MediumInput.class,
                                "listed-media"));
    }

    public static DataStream<DossierPart> items(DataStream<DossierPart> parts) {
        return named(parts.filter(p -> p.item() != null), "item-parts", "item parts");
    }

    /** All that the ranking of a dossier needs. */
    public static DataStream<RankInput> rankInputs(
            DataStream<DossierItem> items,
            DataStream<DossierPart> parts,
            DataStream<StoredDossier> dossiers) {
        return mapped(items, i -> RankInput.of(i.sums()), RankInput.class, "item-sums")
                .union(
                        flat(
                                parts,
                                (part, out) -> {
                                    if (part.medium() != null) {
                                        out.collect(
                                                RankInput.of(
                                                        part.dossierId(),
                                                        Objects.requireNonNull(part.medium())));
                                    }
                                },
                                RankInput.class,
                                "medium-parts"),
                        mapped(
                                dossiers,
                                d -> RankInput.of(d),
                                RankInput.class,
                                "rooms-of-dossiers"));
    }

    /** Each item and its verdict. */
    public static DataStream<ItemInput> itemInputs(
            DataStream<DossierItem> items, DataStream<Verdict> verdicts) {
        return mapped(items, i -> ItemInput.of(i), ItemInput.class, "items")
                .union(mapped(verdicts, v -> ItemInput.of(v), ItemInput.class, "verdicts"));
    }

    /** All that a dossier's document is composed of. */
    public static DataStream<ComposeInput> composeInputs(
            DataStream<Section> sections,
            DataStream<ComposeInput> metadata,
            DataStream<StoredDossier> dossiers) {
        return mapped(sections, s -> ComposeInput.of(s), ComposeInput.class, "sections")
                .union(
                        metadata,
                        mapped(
                                dossiers,
                                d -> ComposeInput.of(d),
                                ComposeInput.class,
                                "stored-dossiers"));
    }

    private static <A, B> DataStream<B> flat(
            DataStream<A> from, FlatMapFunction<A, B> function, Class<B> type, String uid) {
        return named(from.flatMap(function, TypeInformation.of(type)), uid, uid.replace('-', ' '));
    }

    private static <A, B> DataStream<B> mapped(
            DataStream<A> from, MapFunction<A, B> function, Class<B> type, String uid) {
        return named(from.map(function, TypeInformation.of(type)), uid, uid.replace('-', ' '));
    }
}
