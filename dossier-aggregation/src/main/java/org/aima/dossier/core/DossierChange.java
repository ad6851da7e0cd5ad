package org.aima.dossier.core;

import java.util.HashMap;
import java.util.Map;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonValue;

/** How the persons and events of a dossier differ from those that are stored. */
public record DossierChange(
        long personsAdded,
        long personsRemoved,
        long personsChanged,
        long eventsAdded,
        long eventsRemoved,
        long eventsChanged,
        boolean metadataChanged,
        boolean summaryStale) {

    /** Of two contents as {@link MachineContent#stored} gives them. */
    static DossierChange between(BsonDocument before, BsonDocument after, boolean summaryStale) {
        long[] persons = count(before.getArray("persons"), after.getArray("persons"), "person_id");
        long[] events = count(before.getArray("events"), after.getArray("events"), "event_id");
        return new DossierChange(
                persons[0],
                persons[1],
                persons[2],
                events[0],
                events[1],
                events[2],
                !before.getDocument(MachineContent.MACHINE)
                        .equals(after.getDocument(MachineContent.MACHINE)),
                summaryStale);
    }

    private static long[] count(BsonArray before, BsonArray after, String id) {
        Map<BsonValue, BsonValue> known = new HashMap<>();
        before.forEach(
                e -> {
                    if (e instanceof BsonDocument entry && entry.containsKey(id)) {
                        known.put(entry.get(id), entry);
                    }
                });
        long[] counts = new long[3];
        for (BsonValue entry : after) {
            BsonValue was = known.remove(entry.asDocument().get(id));
            if (was == null) {
                counts[0]++;
            } else if (!was.equals(entry)) {
                counts[2]++;
            }
        }
        counts[1] = known.size();
        return counts;
    }

    /** In words. */
    public String told() {
        return "persons +"
                + personsAdded
                + " -"
                + personsRemoved
                + " ~"
                + personsChanged
                + ", events +"
                + eventsAdded
                + " -"
                + eventsRemoved
                + " ~"
                + eventsChanged
                + (metadataChanged ? ", metadata" : "")
                + (summaryStale ? ", summary is older than the facts" : "");
    }
}
