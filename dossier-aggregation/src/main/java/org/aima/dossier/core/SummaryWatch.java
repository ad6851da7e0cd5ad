package org.aima.dossier.core;

import java.util.ArrayList;
import java.util.List;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Says whether the facts have changed since a dossier's summary was written, and how.
 *
 * <p>A summary carries no date of its facts. It is taken to describe what the dossier showed when
 * this text was first seen; that is kept beside its hash until the text changes.
 */
public final class SummaryWatch {
    private static final int NAMED = 200;
    private static final int TOLD = 20;

    private SummaryWatch() {}

    /**
     * The state of the summary for {@code metadata.aggregation.summary}; null when there is none.
     *
     * @param dossier as it is stored
     * @param persons that are about to be published
     * @param events likewise, the machine's
     */
    public static @Nullable BsonDocument state(
            BsonDocument dossier, BsonArray persons, BsonArray events, BsonDocument metadata) {
        String text = DocumentReader.text(dossier, "summary");
        if (text.isBlank()) {
            return null;
        }
        String sha = ContentHash.of(text);
        BsonDocument shown = MachineContent.aggregation(dossier);
        BsonDocument known =
                shown != null
                                && shown.get("summary") instanceof BsonDocument before
                                && DocumentReader.text(before, "sha256").equals(sha)
                        ? before.getDocument("facts")
                        : facts(
                                DocumentReader.array(dossier, "persons"),
                                MachineContent.events(dossier, true),
                                shown);
        BsonDocument now = facts(persons, events, metadata);
        BsonDocument state = new BsonDocument("sha256", new BsonString(sha));
        boolean stale = !known.equals(now);
        state.put("stale", BsonBoolean.valueOf(stale));
        if (stale) {
            state.put("changed_since", changes(known, now));
        }
        state.put("facts", known);
        return state;
    }

    private static BsonDocument facts(
            BsonArray persons, BsonArray events, @Nullable BsonDocument metadata) {
        BsonArray ids = new BsonArray();
        StringBuilder all = new StringBuilder();
        for (BsonValue value : persons) {
            if (value instanceof BsonDocument person) {
                String id = DocumentReader.text(person, "person_id");
                all.append(id).append('\n');
                if (ids.size() < NAMED) {
                    ids.add(new BsonString(id));
                }
            }
        }
        for (BsonValue value : events) {
            if (value instanceof BsonDocument event) {
                all.append(DocumentReader.text(event, "event_id")).append('\n');
            }
        }
        BsonDocument facts = new BsonDocument("persons", new BsonInt64(persons.size()));
        facts.put("events", new BsonInt64(events.size()));
        facts.put("results", total(metadata, "results"));
        facts.put("sha256", new BsonString(ContentHash.of(all.toString())));
        facts.put("person_ids", ids);
        return facts;
    }

    private static BsonInt64 total(@Nullable BsonDocument metadata, String of) {
        return metadata != null
                        && metadata.get(of) instanceof BsonDocument counts
                        && counts.get("total") instanceof BsonInt64 total
                ? total
                : new BsonInt64(0);
    }

    private static BsonDocument changes(BsonDocument known, BsonDocument now) {
        BsonDocument changes = new BsonDocument();
        for (String count : List.of("persons", "events", "results")) {
            if (!known.get(count, new BsonInt64(0)).equals(now.get(count))) {
                changes.put(
                        count,
                        new BsonDocument("before", known.get(count, new BsonInt64(0)))
                                .append("now", now.get(count)));
            }
        }
        List<BsonValue> before = DocumentReader.array(known, "person_ids");
        List<BsonValue> after = DocumentReader.array(now, "person_ids");
        changes.put("persons_added", without(after, before));
        changes.put("persons_removed", without(before, after));
        return changes;
    }

    private static BsonArray without(List<BsonValue> these, List<BsonValue> those) {
        List<BsonValue> left = new ArrayList<>(these);
        left.removeAll(those);
        return new BsonArray(left.subList(0, Math.min(TOLD, left.size())));
    }
}
