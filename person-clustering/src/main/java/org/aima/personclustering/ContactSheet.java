package org.aima.personclustering;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.PriorityQueue;
import java.util.Set;
import org.aima.jobs.pipeline.Verification;
import org.aima.personclustering.core.Modality;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;

/**
 * The persons that people should look at first: the largest, and the least certain of some size.
 * Keeps only those; memory does not grow with the number of persons.
 */
final class ContactSheet {
    private static final int LISTED = 30;
    private static final int FEWEST_MEMBERS = 3;
    private static final int SHOWN_MEMBERS = 4;
    private static final List<String> COLUMNS =
            List.of("person", "members", "media", "certainty", "most alike", "least alike");

    private final Board largest =
            new Board(Comparator.comparingInt(Entry::members).thenComparing(ContactSheet::byId));
    private final Board leastCertain =
            new Board(
                    Comparator.comparingDouble(Entry::confidence)
                            .reversed()
                            .thenComparing(ContactSheet::byId));

    private record Seen(String id, double similarity) {}

    private record Entry(
            String personId,
            boolean confirmed,
            int members,
            int media,
            double confidence,
            List<Seen> seen) {}

    private record Board(Comparator<Entry> order, PriorityQueue<Entry> kept) {
        Board(Comparator<Entry> order) {
            this(order, new PriorityQueue<>(order));
        }

        void offer(Entry entry) {
            kept.add(entry);
            if (kept.size() > LISTED) {
                kept.remove();
            }
        }

        List<List<String>> rows() {
            return kept.stream().sorted(order.reversed()).map(ContactSheet::row).toList();
        }
    }

    // Ascending boards keep their largest: the smaller id is to stay.
    private static int byId(Entry a, Entry b) {
        return b.personId().compareTo(a.personId());
    }

    /** Looks at a person document. */
    void add(BsonDocument person) {
        List<Seen> seen = new ArrayList<>();
        for (Modality modality : Modality.values()) {
            if (person.get(modality.collection()) instanceof BsonArray members) {
                for (BsonValue value : members) {
                    if (value instanceof BsonDocument member) {
                        seen.add(
                                new Seen(
                                        text(member, "embedding_id"),
                                        number(member, "confidence")));
                    }
                }
            }
        }
        Set<String> media = new HashSet<>();
        if (person.get("appearances") instanceof BsonArray appearances) {
            appearances.forEach(
                    a -> {
                        if (a instanceof BsonDocument appearance) {
                            media.add(text(appearance, "media_id"));
                        }
                    });
        }
        seen.sort(Comparator.comparingDouble(Seen::similarity).reversed().thenComparing(Seen::id));
        List<Seen> few = new ArrayList<>(seen);
        if (few.size() > 2 * SHOWN_MEMBERS) {
            few.subList(SHOWN_MEMBERS, few.size() - SHOWN_MEMBERS).clear();
        }
        Entry entry =
                new Entry(
                        text(person, "person_id"),
                        person.get("temporary") instanceof org.bson.BsonBoolean temporary
                                && !temporary.getValue(),
                        seen.size(),
                        media.size(),
                        number(person, "confidence"),
                        List.copyOf(few));
        largest.offer(entry);
        if (entry.members() >= FEWEST_MEMBERS) {
            leastCertain.offer(entry);
        }
    }

    List<Verification.Sheet> sheets() {
        return List.of(
                new Verification.Sheet(
                        "Largest persons",
                        "Members by cosine with the person's mean; a large person with members that are"
                                + " hardly alike may be two.",
                        COLUMNS,
                        largest.rows()),
                new Verification.Sheet(
                        "Least certain persons",
                        "Persons of "
                                + FEWEST_MEMBERS
                                + " members or more whose members are least alike.",
                        COLUMNS,
                        leastCertain.rows()));
    }

    private static List<String> row(Entry entry) {
        int half = (entry.seen().size() + 1) / 2;
        List<Seen> least = new ArrayList<>(entry.seen().subList(half, entry.seen().size()));
        least.sort(Comparator.comparingDouble(Seen::similarity).thenComparing(Seen::id));
        return List.of(
                entry.personId() + (entry.confirmed() ? "\nconfirmed" : ""),
                Integer.toString(entry.members()),
                Integer.toString(entry.media()),
                similarity(entry.confidence()),
                lines(entry.seen().subList(0, half)),
                lines(least));
    }

    private static String lines(List<Seen> seen) {
        return String.join(
                "\n", seen.stream().map(s -> similarity(s.similarity()) + "  " + s.id()).toList());
    }

    private static String similarity(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }

    private static String text(BsonDocument document, String field) {
        return document.get(field) instanceof BsonString text ? text.getValue() : "";
    }

    private static double number(BsonDocument document, String field) {
        BsonValue value = document.get(field);
        return value != null && value.isNumber() ? value.asNumber().doubleValue() : 0;
    }
}
