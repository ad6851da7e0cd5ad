package org.aima.dossier.core;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.aima.jobs.model.BsonBytes;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt64;
import org.bson.BsonNull;
import org.bson.BsonString;
import org.bson.BsonValue;

/** Composes a dossier's new content and compares it with the stored one. Memory is one document. */
public final class DossierComposer {
    /** In what is kept of a replaced document: that it had no metadata at all. */
    public static final String WITHOUT_METADATA = "without_metadata";

    private static final List<String> PUBLISHED_FIELDS =
            List.of("persons", "events", "last_updated");
    private static final int LIMIT_BYTES = 16 << 20;
    // For metadata, the list of pages and what the version adds.
    private static final int RESERVE_BYTES = 2 << 20;

    /** Pages that a document names; further ones are found by dossier_id. */
    public static final int LISTED_PAGES = 20_000;

    private DossierComposer() {}

    /** How much room people's part of a document leaves for persons and events. */
    public static long room(BsonDocument stored) {
        long machines = BsonBytes.encode(MachineContent.stored(stored)).length;
        return Math.max(
                0, LIMIT_BYTES - RESERVE_BYTES - (BsonBytes.encode(stored).length - machines));
    }

    /**
     * @param sections every section of the dossier, in any order
     * @param metadata see {@link Ranking#metadata}
     */
    public static DossierWrite compose(
            StoredDossier dossier, BsonDocument metadata, List<Section> sections) {
        BsonDocument stored = BsonBytes.decode(dossier.document());
        List<Section> ordered = new ArrayList<>(sections);
        ordered.sort(Comparator.comparing(Section::event).thenComparing(Section::rank));
        BsonArray persons = new BsonArray();
        BsonArray events = new BsonArray();
        List<String> pages = new ArrayList<>();
        for (Section section : ordered) {
            if (section.entry().length > 0) {
                (section.event() ? events : persons).add(BsonBytes.decode(section.entry()));
            }
            pages.addAll(List.of(section.pageIds()));
        }
        BsonDocument told = metadata.clone();
        told.put("persons_listed", new BsonInt64(persons.size()));
        told.put("events_listed", new BsonInt64(events.size()));
        told.put(
                "pages",
                new BsonArray(
                        pages.stream()
                                .limit(LISTED_PAGES)
                                .map(p -> (BsonValue) new BsonString(p))
                                .toList()));
        told.put("pages_total", new BsonInt64(pages.size()));
        BsonDocument summary = SummaryWatch.state(stored, persons, events, metadata);
        if (summary != null) {
            told.put("summary", summary);
        }
        BsonDocument content = MachineContent.of(persons, events, told);
        BsonDocument known = MachineContent.stored(stored);
        boolean same = content.equals(known) && MachineContent.aggregation(stored) != null;
        return new DossierWrite(
                same ? DossierWrite.Kind.UNCHANGED : DossierWrite.Kind.PUBLISH,
                dossier.dossierId(),
                BsonBytes.encode(new BsonDocument("_id", stored.get("_id", BsonNull.VALUE))),
                dossier.version(),
                ContentHash.of(content),
                mediaItems(stored),
                same ? new byte[0] : BsonBytes.encode(content),
                same ? new byte[0] : before(stored),
                pages.toArray(String[]::new),
                DossierChange.between(
                        known, content, summary != null && summary.getBoolean("stale").getValue()));
    }

    private static byte[] mediaItems(BsonDocument stored) {
        BsonDocument listed = new BsonDocument();
        if (stored.containsKey("media_items")) {
            listed.put("media_items", stored.get("media_items"));
        }
        return BsonBytes.encode(listed);
    }

    private static byte[] before(BsonDocument stored) {
        BsonDocument before = new BsonDocument();
        for (String field : PUBLISHED_FIELDS) {
            if (stored.containsKey(field)) {
                before.put(field, stored.get(field));
            }
        }
        BsonDocument aggregation = MachineContent.aggregation(stored);
        if (aggregation != null) {
            before.put(MachineContent.MACHINE, aggregation);
        }
        if (!stored.containsKey("metadata")) {
            before.put(WITHOUT_METADATA, BsonBoolean.TRUE);
        }
        return BsonBytes.encode(before);
    }
}
