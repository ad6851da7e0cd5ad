package org.aima.dossier.core;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;

/**
 * Orders a dossier's items, says how much of each fits into its document, and composes its
 * metadata. Memory is the sums of the dossier's items, not their time ranges.
 */
public final class Ranking {
    private static final int TOP = 20;
    private static final int ENTRY_BYTES = 800;
    private static final int MEDIUM_BYTES = 560;
    private static final int REFERENCE_BYTES = 110;
    private static final int BYTES_PER_CHAR = 3;

    private final AggregationRules rules;
    private final String dossierId;
    private final DossierSums sums;
    private final List<ItemSums> persons = new ArrayList<>();
    private final List<ItemSums> events = new ArrayList<>();
    private final List<ItemSums> objects = new ArrayList<>();
    private final List<ItemSums> scenes = new ArrayList<>();
    private final List<ItemSums> tags = new ArrayList<>();
    private final long screenOfAll;
    private final long speechOfAll;
    private long room;

    /**
     * @param items every item of the dossier, in any order
     * @param room bytes that persons and events may take
     */
    public Ranking(
            String dossierId,
            DossierSums sums,
            List<ItemSums> items,
            long room,
            AggregationRules rules) {
        this.rules = rules;
        this.dossierId = dossierId;
        this.sums = sums;
        this.room = Math.min(room, rules.maxBytes());
        long screen = 0;
        long speech = 0;
        for (ItemSums item : items) {
            screen += item.screenMillis();
            speech += item.speechMillis();
            switch (item.kind()) {
                case PERSON -> persons.add(item);
                case OBJECT -> objects.add(item);
                case SCENE -> scenes.add(item);
                case TAG -> tags.add(item);
                case CO_APPEARANCE, SPEECH -> {
                    // Listed as events only.
                }
            }
            if (item.kind().isEvent() && DossierFormulas.isEvent(item, rules)) {
                events.add(item);
            }
        }
        screenOfAll = screen;
        speechOfAll = speech;
        persons.sort(
                Comparator.comparingDouble((ItemSums p) -> relevance(p).score())
                        .reversed()
                        .thenComparing(ItemSums::subject));
        events.sort(
                Comparator.comparingDouble(DossierFormulas::weight)
                        .reversed()
                        .thenComparing(ItemSums::kind)
                        .thenComparing(ItemSums::subject));
    }

    private DossierFormulas.Relevance relevance(ItemSums person) {
        return DossierFormulas.relevance(
                person, screenOfAll, speechOfAll, sums.listed(), rules.weights());
    }

    /** One for each item that is listed, persons first. */
    public List<Verdict> verdicts() {
        List<Verdict> verdicts = new ArrayList<>();
        for (int i = 0; i < persons.size(); i++) {
            verdicts.add(verdict(persons.get(i), i, true));
        }
        for (int i = 0; i < events.size(); i++) {
            verdicts.add(verdict(events.get(i), i, i < rules.maxEvents()));
        }
        return verdicts;
    }

    private Verdict verdict(ItemSums item, int rank, boolean listed) {
        return new Verdict(
                dossierId,
                item.kind(),
                item.subject(),
                rank,
                listed ? fitting(item) : -1,
                screenOfAll,
                speechOfAll,
                sums.listed());
    }

    private long fitting(ItemSums item) {
        long entry = ENTRY_BYTES + (long) BYTES_PER_CHAR * item.subject().length();
        if (entry > room) {
            return -1;
        }
        room -= entry;
        long whole = item.media() * MEDIUM_BYTES + item.references() * REFERENCE_BYTES;
        long fitting =
                whole <= room
                        ? item.references()
                        : Math.min(item.references(), room / (MEDIUM_BYTES + REFERENCE_BYTES));
        room -= whole <= room ? whole : fitting * (MEDIUM_BYTES + REFERENCE_BYTES);
        return fitting;
    }

    /** The dossier's metadata, without what the pages and the summary add to it. */
    public BsonDocument metadata() {
        BsonDocument media = new BsonDocument("listed", int64(sums.listed()));
        media.put("found", int64(sums.found()));
        media.put("analysed", int64(sums.analysed()));
        media.put("coverage", share(sums.analysed(), sums.listed()));
        media.put("duration_seconds", seconds(sums.durationMillis()));
        media.put("by_type", counts(sums.mediaTypes(), "type"));
        if (sums.missing().length > 0) {
            BsonArray missing = new BsonArray();
            for (String id : sums.missing()) {
                missing.add(new BsonString(id));
            }
            media.put("missing", missing);
        }
        BsonDocument metadata = new BsonDocument("format", new BsonInt32(1));
        metadata.put("media", media);
        metadata.put("results", results());
        BsonDocument people = new BsonDocument("total", int64(persons.size()));
        people.put("screen_seconds", seconds(screenOfAll));
        people.put("speech_seconds", seconds(speechOfAll));
        people.put("transcribed_seconds", seconds(sums.transcribedMillis()));
        metadata.put("persons", people);
        BsonDocument happened = new BsonDocument("total", int64(events.size()));
        for (ItemKind kind : ItemKind.values()) {
            if (kind.isEvent()) {
                happened.put(
                        kind.word(), int64(events.stream().filter(e -> e.kind() == kind).count()));
            }
        }
        metadata.put("events", happened);
        metadata.put("timeline", counts(sums.months(), "month"));
        metadata.put("top_objects", top(objects, "object_class"));
        metadata.put("top_scenes", top(scenes, "scene"));
        metadata.put("top_tags", top(tags, "tag"));
        return metadata;
    }

    private BsonDocument results() {
        BsonArray types = new BsonArray();
        long archived = 0;
        for (TypeCount type : sums.types()) {
            archived += type.archived();
            BsonDocument entry = new BsonDocument("analysis_type", new BsonString(type.type()));
            entry.put("count", int64(type.results()));
            entry.put("archived", int64(type.archived()));
            if (type.confidences() > 0) {
                BsonDocument confidence =
                        new BsonDocument(
                                "mean",
                                new BsonDouble(
                                        FixedPoint.round(
                                                DossierFormulas.confidence(
                                                        type.confidenceSum(),
                                                        type.confidences()))));
                confidence.put("min", new BsonDouble(FixedPoint.share(type.confidenceMin())));
                confidence.put("max", new BsonDouble(FixedPoint.share(type.confidenceMax())));
                entry.put("confidence", confidence);
            }
            types.add(entry);
        }
        BsonDocument results = new BsonDocument("total", int64(sums.results()));
        results.put("archived", int64(archived));
        results.put("by_type", types);
        return results;
    }

    private static BsonArray counts(NamedCount[] counts, String name) {
        BsonArray list = new BsonArray();
        for (NamedCount count : counts) {
            BsonDocument entry = new BsonDocument(name, new BsonString(count.name()));
            entry.put("media", int64(count.media()));
            entry.put("results", int64(count.results()));
            list.add(entry);
        }
        return list;
    }

    private static BsonArray top(List<ItemSums> items, String name) {
        List<ItemSums> sorted = new ArrayList<>(items);
        sorted.sort(
                Comparator.comparingLong(ItemSums::results)
                        .reversed()
                        .thenComparing(ItemSums::subject));
        BsonArray list = new BsonArray();
        for (ItemSums item : sorted.subList(0, Math.min(TOP, sorted.size()))) {
            BsonDocument entry = new BsonDocument(name, new BsonString(item.subject()));
            entry.put("media", int64(item.media()));
            entry.put("results", int64(item.results()));
            entry.put(
                    "confidence",
                    new BsonDouble(
                            FixedPoint.round(
                                    DossierFormulas.confidence(
                                            item.confidenceSum(), item.confidences()))));
            list.add(entry);
        }
        return list;
    }

    private static BsonInt64 int64(long value) {
        return new BsonInt64(value);
    }

    private static BsonDouble seconds(long millis) {
        return new BsonDouble(FixedPoint.seconds(millis));
    }

    private static BsonDouble share(long part, long whole) {
        return new BsonDouble(whole == 0 ? 0 : FixedPoint.round((double) part / whole));
    }
}
