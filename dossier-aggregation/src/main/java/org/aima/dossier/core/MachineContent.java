package org.aima.dossier.core;

import java.util.List;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * The part of a dossier's document that is the machine's: {@code persons}, those {@code events}
 * that say so, and {@code metadata.aggregation}. Everything else is people's.
 */
public final class MachineContent {
    /** In an event: who made it. */
    public static final String ORIGIN = "origin";

    public static final String MACHINE = "aggregation";

    /** Fields of {@code metadata.aggregation} that tell about the publication, not the content. */
    static final List<String> PUBLICATION = List.of("version", "run_id", "at", "fingerprint");

    private MachineContent() {}

    /** {@code metadata.aggregation}, or null when nothing was ever published. */
    public static @Nullable BsonDocument aggregation(BsonDocument dossier) {
        return dossier.get("metadata") instanceof BsonDocument metadata
                        && metadata.get(MACHINE) instanceof BsonDocument aggregation
                ? aggregation
                : null;
    }

    /** What was last published, 0 when nothing was. */
    public static long version(BsonDocument dossier) {
        BsonDocument aggregation = aggregation(dossier);
        BsonValue version = aggregation == null ? null : aggregation.get("version");
        return version != null && version.isNumber() ? version.asNumber().longValue() : 0;
    }

    /** Whether what is published now is what a run made of the given former version. */
    public static boolean isOf(BsonDocument dossier, String runId, long former) {
        BsonDocument aggregation = aggregation(dossier);
        return aggregation != null
                && new BsonString(runId).equals(aggregation.get("run_id"))
                && version(dossier) == former + 1;
    }

    public static boolean isMachines(BsonValue event) {
        return event instanceof BsonDocument document
                && new BsonString(MACHINE).equals(document.get(ORIGIN));
    }

    /** Events of one owner in their order. */
    public static BsonArray events(BsonDocument dossier, boolean machines) {
        BsonArray events = new BsonArray();
        for (BsonValue event : DocumentReader.array(dossier, "events")) {
            if (isMachines(event) == machines) {
                events.add(event);
            }
        }
        return events;
    }

    /** The stored content without what tells about its publication. */
    public static BsonDocument stored(BsonDocument dossier) {
        BsonDocument aggregation = aggregation(dossier);
        BsonDocument told = new BsonDocument();
        if (aggregation != null) {
            aggregation.forEach(
                    (name, value) -> {
                        if (!PUBLICATION.contains(name)) {
                            told.put(name, value);
                        }
                    });
        }
        return of(DocumentReader.array(dossier, "persons"), events(dossier, true), told);
    }

    static BsonDocument of(BsonArray persons, BsonArray events, BsonDocument told) {
        return new BsonDocument("persons", persons).append("events", events).append(MACHINE, told);
    }

    /** Ids of the pages that a content refers to. */
    public static List<String> pages(@Nullable BsonDocument aggregation) {
        return aggregation == null
                ? List.of()
                : DocumentReader.array(aggregation, "pages").stream()
                        .filter(BsonValue::isString)
                        .map(v -> v.asString().getValue())
                        .toList();
    }
}
