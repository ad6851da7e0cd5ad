package org.aima.dossier.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.aima.jobs.model.BsonBytes;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;

/** Writes an item as an entry of its dossier and, for what has no room there, as pages. */
public final class ItemWriter {
    private final AggregationRules rules;

    public ItemWriter(AggregationRules rules) {
        this.rules = rules;
    }

    public Section write(DossierItem item, Verdict verdict) {
        BsonDocument entry =
                item.sums().kind() == ItemKind.PERSON
                        ? person(item, verdict)
                        : event(item, verdict);
        List<AppearancePage> pages = pages(item, verdict, entry);
        return new Section(
                verdict.dossierId(),
                item.sums().kind() != ItemKind.PERSON,
                verdict.rank(),
                verdict.embedded() < 0 ? new byte[0] : BsonBytes.encode(entry),
                pages.stream().map(AppearancePage::pageId).toArray(String[]::new),
                pages.toArray(AppearancePage[]::new));
    }

    private BsonDocument person(DossierItem item, Verdict verdict) {
        ItemSums sums = item.sums();
        DossierFormulas.Relevance relevance =
                DossierFormulas.relevance(
                        sums,
                        verdict.screenOfAll(),
                        verdict.speechOfAll(),
                        verdict.listedMedia(),
                        rules.weights());
        BsonDocument entry = new BsonDocument("person_id", new BsonString(sums.subject()));
        entry.put("relevance_score", new BsonDouble(relevance.score()));
        entry.put("appearances", appearances(item, 0, Math.max(0, verdict.embedded())));
        entry.put("screen_seconds", seconds(sums.screenMillis()));
        entry.put("speech_seconds", seconds(sums.speechMillis()));
        BsonDocument parts = new BsonDocument();
        put(parts, "screen", relevance.screen());
        put(parts, "speech", relevance.speech());
        put(parts, "spread", relevance.spread());
        put(parts, "prominence", relevance.prominence());
        put(parts, "confidence", relevance.confidence());
        entry.put("relevance", parts);
        totals(entry, sums);
        return entry;
    }

    private static void put(BsonDocument parts, String name, double value) {
        if (!Double.isNaN(value)) {
            parts.put(name, new BsonDouble(FixedPoint.round(value)));
        }
    }

    private BsonDocument event(DossierItem item, Verdict verdict) {
        ItemSums sums = item.sums();
        BsonDocument entry =
                new BsonDocument(
                        "event_id",
                        new BsonString(eventId(verdict.dossierId(), sums.kind(), sums.subject())));
        entry.put("description", new BsonString(description(sums)));
        entry.put(
                "confidence",
                new BsonDouble(
                        FixedPoint.round(
                                DossierFormulas.confidence(
                                        sums.confidenceSum(), sums.confidences()))));
        entry.put("media_references", references(item, 0, Math.max(0, verdict.embedded())));
        entry.put(MachineContent.ORIGIN, new BsonString(MachineContent.MACHINE));
        entry.put("kind", new BsonString(sums.kind().word()));
        entry.put("about", about(sums));
        entry.put("seconds", seconds(sums.extentMillis()));
        totals(entry, sums);
        entry.put("result_ids", samples(item));
        return entry;
    }

    /** The same event of the same dossier always has the same id. */
    static String eventId(String dossierId, ItemKind kind, String subject) {
        return ContentHash.uuid(dossierId + '\0' + kind + '\0' + subject);
    }

    private static void totals(BsonDocument entry, ItemSums sums) {
        entry.put("media", new BsonInt64(sums.media()));
        entry.put("time_ranges", new BsonInt64(sums.references()));
        entry.put("results", new BsonInt64(sums.results()));
        entry.put("archived", new BsonInt64(sums.archived()));
    }

    private static BsonArray about(ItemSums sums) {
        BsonArray about = new BsonArray();
        for (String subject : sums.subject().split(String.valueOf(ItemPart.AND), -1)) {
            about.add(new BsonString(subject));
        }
        return about;
    }

    private static String description(ItemSums sums) {
        String[] who = sums.subject().split(String.valueOf(ItemPart.AND), -1);
        String media = sums.media() == 1 ? "1 medium" : sums.media() + " media";
        String seconds =
                String.format(Locale.ROOT, "%.1f s", FixedPoint.seconds(sums.extentMillis()));
        return switch (sums.kind()) {
            case CO_APPEARANCE ->
                    who[0]
                            + " and "
                            + who[1]
                            + " are seen together for "
                            + seconds
                            + " in "
                            + media;
            case SPEECH -> who[0] + " speaks for " + seconds + " in " + media;
            case OBJECT -> who[0] + " is seen " + sums.results() + " times in " + media;
            case SCENE -> who[0] + " for " + seconds + " in " + media;
            case PERSON, TAG -> throw new IllegalArgumentException(sums.kind().toString());
        };
    }

    private static BsonArray samples(DossierItem item) {
        String[] first = new String[0];
        for (ItemPart part : item.parts()) {
            first = Facet.first(first, part.samples());
        }
        return texts(first);
    }

    private List<AppearancePage> pages(DossierItem item, Verdict verdict, BsonDocument entry) {
        List<AppearancePage> pages = new ArrayList<>();
        long from = Math.max(0, verdict.embedded());
        boolean whole = verdict.embedded() < 0;
        long references = item.sums().references();
        for (int number = 0; from < references || (whole && number == 0); number++) {
            long to = Math.min(references, from + rules.pageReferences());
            BsonDocument page = new BsonDocument("dossier_id", new BsonString(verdict.dossierId()));
            page.put("kind", new BsonString(item.sums().kind().word()));
            page.put("about", about(item.sums()));
            page.put("page", new BsonInt32(number));
            if (whole && number == 0) {
                page.put("entry", entry);
            }
            page.put(
                    item.sums().kind() == ItemKind.PERSON ? "appearances" : "media_references",
                    item.sums().kind() == ItemKind.PERSON
                            ? appearances(item, from, to)
                            : references(item, from, to));
            String id = ContentHash.page(page);
            BsonDocument named = new BsonDocument("_id", new BsonString(id));
            named.putAll(page);
            pages.add(new AppearancePage(id, BsonBytes.encode(named)));
            from = to;
        }
        return pages;
    }

    /** Time ranges {@code from} to {@code to} of all the item has, by medium. */
    private static BsonArray appearances(DossierItem item, long from, long to) {
        BsonArray list = new BsonArray();
        long at = 0;
        for (ItemPart part : item.parts()) {
            long first = Math.max(from, at);
            long last = Math.min(to, at + part.references());
            if (first < last) {
                list.add(appearance(part, (int) (first - at), (int) (last - at)));
            }
            at += part.references();
        }
        return list;
    }

    private static BsonDocument appearance(ItemPart part, int from, int to) {
        BsonDocument appearance = new BsonDocument("media_id", new BsonString(part.mediaId()));
        BsonArray ranges = new BsonArray();
        for (int i = from; i < to && i < Spans.count(part.spans()); i++) {
            ranges.add(range(part, i));
        }
        appearance.put("time_ranges", ranges);
        if (from == 0) {
            appearance.put("screen_seconds", seconds(part.screenMillis()));
            appearance.put("speech_seconds", seconds(part.speechMillis()));
            appearance.put("confidence", new BsonDouble(part.meanConfidence()));
            appearance.put("results", new BsonInt64(part.results()));
            appearance.put("result_ids", texts(part.samples()));
            if (part.archived() > 0) {
                appearance.put("archived", new BsonInt64(part.archived()));
                appearance.put("archive", texts(part.archives()));
            }
        }
        return appearance;
    }

    private static BsonArray references(DossierItem item, long from, long to) {
        BsonArray list = new BsonArray();
        long at = 0;
        for (ItemPart part : item.parts()) {
            long last = Math.min(to, at + part.references());
            for (long i = Math.max(from, at); i < last; i++) {
                BsonDocument reference =
                        new BsonDocument("media_id", new BsonString(part.mediaId()));
                if (part.spans().length > 0) {
                    reference.put("time_range", range(part, (int) (i - at)));
                }
                list.add(reference);
            }
            at += part.references();
        }
        return list;
    }

    private static BsonDocument range(ItemPart part, int index) {
        BsonDocument range = new BsonDocument("start_seconds", seconds(part.spans()[2 * index]));
        range.put("end_seconds", seconds(part.spans()[2 * index + 1]));
        return range;
    }

    private static BsonDouble seconds(long millis) {
        return new BsonDouble(FixedPoint.seconds(millis));
    }

    private static BsonArray texts(String... values) {
        return new BsonArray(Arrays.stream(values).map(BsonString::new).toList());
    }
}
