package org.aima.dossier.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * One time range of a person or an event, as a line of a table.
 *
 * @param item person or event
 * @param kind of an event, empty for a person or one made by people
 * @param itemId {@code person_id} or {@code event_id}
 * @param weight relevance of a person, confidence of an event
 * @param startSeconds null without time
 */
public record AppearanceRow(
        String dossierId,
        String item,
        String kind,
        String itemId,
        double weight,
        String mediaId,
        @Nullable Double startSeconds,
        @Nullable Double endSeconds) {

    /** The rows of everything in a dossier's document. */
    public static List<AppearanceRow> of(BsonDocument dossier) {
        String dossierId = DocumentReader.text(dossier, "dossier_id");
        List<AppearanceRow> rows = new ArrayList<>();
        for (BsonValue value : DocumentReader.array(dossier, "persons")) {
            if (value instanceof BsonDocument person) {
                person(dossierId, person, rows);
            }
        }
        for (BsonValue value : DocumentReader.array(dossier, "events")) {
            if (value instanceof BsonDocument event) {
                event(dossierId, event, rows);
            }
        }
        return rows;
    }

    private static void person(String dossierId, BsonDocument person, List<AppearanceRow> rows) {
        AppearanceRow bare =
                bare(
                        dossierId,
                        "person",
                        "",
                        DocumentReader.text(person, "person_id"),
                        DocumentReader.number(person, "relevance_score"));
        DocumentReader.array(person, "appearances").forEach(a -> bare.appearance(a, rows));
    }

    private static void event(String dossierId, BsonDocument event, List<AppearanceRow> rows) {
        AppearanceRow bare =
                bare(
                        dossierId,
                        "event",
                        DocumentReader.text(event, "kind"),
                        DocumentReader.text(event, "event_id"),
                        DocumentReader.number(event, "confidence"));
        for (BsonValue value : DocumentReader.array(event, "media_references")) {
            if (value instanceof BsonDocument reference) {
                String mediaId = DocumentReader.text(reference, "media_id");
                rows.add(
                        reference.get("time_range") instanceof BsonDocument range
                                ? bare.at(mediaId, range)
                                : bare.in(mediaId));
            }
        }
    }

    private void appearance(BsonValue value, List<AppearanceRow> rows) {
        if (value instanceof BsonDocument appearance) {
            String id = DocumentReader.text(appearance, "media_id");
            List<BsonValue> ranges = DocumentReader.array(appearance, "time_ranges");
            if (ranges.isEmpty()) {
                rows.add(in(id));
            }
            for (BsonValue range : ranges) {
                if (range instanceof BsonDocument document) {
                    rows.add(at(id, document));
                }
            }
        }
    }

    /** The rows of a page, whose item is listed in the dossier or, as a whole, on its pages. */
    public static List<AppearanceRow> ofPage(BsonDocument page) {
        String kind = DocumentReader.text(page, "kind");
        boolean person = kind.equals(ItemKind.PERSON.word());
        List<BsonValue> about = DocumentReader.array(page, "about");
        StringBuilder subject = new StringBuilder();
        for (BsonValue part : about) {
            if (part instanceof BsonString text) {
                subject.append(subject.length() == 0 ? "" : ItemPart.AND).append(text.getValue());
            }
        }
        String dossierId = DocumentReader.text(page, "dossier_id");
        BsonDocument whole =
                new BsonDocument(
                        person ? "person_id" : "event_id",
                        new BsonString(
                                person
                                        ? subject.toString()
                                        : ItemWriter.eventId(
                                                dossierId,
                                                ItemKind.valueOf(kind.toUpperCase(Locale.ROOT)),
                                                subject.toString())));
        whole.put("kind", new BsonString(kind));
        String list = person ? "appearances" : "media_references";
        whole.put(list, DocumentReader.array(page, list));
        List<AppearanceRow> rows = new ArrayList<>();
        if (person) {
            person(dossierId, whole, rows);
        } else {
            event(dossierId, whole, rows);
        }
        return rows;
    }

    private static AppearanceRow bare(
            String dossierId, String item, String kind, String itemId, double weight) {
        return new AppearanceRow(dossierId, item, kind, itemId, weight, "", null, null);
    }

    private AppearanceRow in(String id) {
        return new AppearanceRow(dossierId, item, kind, itemId, weight, id, null, null);
    }

    private AppearanceRow at(String id, BsonDocument range) {
        return new AppearanceRow(
                dossierId,
                item,
                kind,
                itemId,
                weight,
                id,
                DocumentReader.number(range, "start_seconds"),
                DocumentReader.number(range, "end_seconds"));
    }
}
