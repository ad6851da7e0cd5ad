package org.aima.personclustering.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.aima.jobs.model.BsonBytes;
import org.aima.personclustering.core.PersonWrite.Kind;
import org.aima.personclustering.core.TimeRanges.Range;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonObjectId;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Composes a person's document from its members and compares it with the one that is stored.
 *
 * <p>The machine owns {@code appearances}, {@code face_embeddings}, {@code voice_embeddings},
 * {@code attributes} and {@code confidence}; every other field of an existing document is left as
 * it is. On a confirmed person an attribute that is set stays.
 */
public final class PersonComposer {
    /** Members a document lists; at about 300 bytes each this keeps it under MongoDB's 16 MiB. */
    public static final int MAX_LISTED_MEMBERS = 45_000;

    private static final double ROUNDING = 1e6;
    private static final List<String> MACHINE_FIELDS =
            List.of(
                    "appearances",
                    "face_embeddings",
                    "voice_embeddings",
                    "attributes",
                    "confidence",
                    "members_total");

    private final double mergeGapSeconds;
    private final double minimumSupport;

    /**
     * @param mergeGapSeconds time ranges at most this far apart become one
     * @param minimumSupport share of a person's results that must show a piece of clothing or a
     *     feature, 0 to 1
     */
    public PersonComposer(double mergeGapSeconds, double minimumSupport) {
        this.mergeGapSeconds = mergeGapSeconds;
        this.minimumSupport = minimumSupport;
    }

    /**
     * The write that brings the stored document to the composed one.
     *
     * @param existing null for a new person
     * @param splitFrom for a new person the one it was split from, empty otherwise
     * @param unseenMembers keys the existing document lists and keeps though they were not read
     * @param nowMillis goes to created_at and last_updated only
     */
    public PersonWrite compose(
            String personId,
            @Nullable BsonDocument existing,
            List<AssignedMember> members,
            String splitFrom,
            Set<String> unseenMembers,
            long nowMillis) {
        List<AssignedMember> listed = listed(members);
        BsonDocument fields = new BsonDocument();
        List<Entry> faces = new ArrayList<>();
        List<Entry> voices = new ArrayList<>();
        Map<String, Appearance> appearances = new TreeMap<>();
        keepUnseen(existing, unseenMembers, faces, voices, appearances);
        double similarities = 0;
        for (AssignedMember assigned : listed) {
            list(assigned, faces, voices, appearances);
            similarities += Math.max(0, Math.min(1, assigned.similarity()));
        }
        fields.put(
                "confidence",
                new BsonDouble(listed.isEmpty() ? 0 : round(similarities / listed.size())));
        fields.put("appearances", appearances(appearances));
        fields.put("face_embeddings", entries(faces));
        fields.put("voice_embeddings", entries(voices));
        fields.put("attributes", attributes(listed, existing));
        if (listed.isEmpty() && existing != null) {
            // Only unread members are left: nothing new is known about them.
            for (String known : List.of("confidence", "attributes")) {
                BsonValue held = existing.get(known);
                if (held != null) {
                    fields.put(known, held);
                }
            }
        }
        if (listed.size() < members.size()) {
            fields.put("members_total", new BsonInt32(members.size()));
        }
        return write(personId, existing, fields, splitFrom, faces.size(), voices.size(), nowMillis);
    }

    /**
     * The write that adds members to the stored document, whose other members are not read: its
     * attributes stay until the next batch.
     *
     * @param existing null for a new person
     * @param joined members; those that are listed already change nothing
     */
    public PersonWrite extend(
            String personId,
            @Nullable BsonDocument existing,
            List<AssignedMember> joined,
            long nowMillis) {
        if (existing == null) {
            return compose(personId, null, joined, "", Set.of(), nowMillis);
        }
        Set<String> listed = new HashSet<>();
        for (Modality modality : Modality.values()) {
            for (BsonValue value : array(existing, modality.collection())) {
                if (value instanceof BsonDocument entry) {
                    listed.add(modality.collection() + "/" + text(entry, "embedding_id"));
                }
            }
        }
        List<AssignedMember> added =
                listed(joined.stream().filter(m -> !listed.contains(m.member().key())).toList());
        BsonDocument fields = new BsonDocument();
        List<Entry> faces = new ArrayList<>();
        List<Entry> voices = new ArrayList<>();
        if (!added.isEmpty() && listed.size() + added.size() <= MAX_LISTED_MEMBERS) {
            Map<String, Appearance> appearances = new TreeMap<>();
            keepUnseen(existing, listed, faces, voices, appearances);
            for (AssignedMember assigned : added) {
                list(assigned, faces, voices, appearances);
            }
            double similarities = 0;
            for (List<Entry> entries : List.of(faces, voices)) {
                for (Entry entry : entries) {
                    similarities += Math.max(0, Math.min(1, entry.confidence()));
                }
            }
            fields.put(
                    "confidence",
                    new BsonDouble(round(similarities / (faces.size() + voices.size()))));
            fields.put("appearances", appearances(appearances));
            fields.put("face_embeddings", entries(faces));
            fields.put("voice_embeddings", entries(voices));
        }
        return write(personId, existing, fields, "", faces.size(), voices.size(), nowMillis);
    }

    private static void list(
            AssignedMember assigned,
            List<Entry> faces,
            List<Entry> voices,
            Map<String, Appearance> appearances) {
        Member member = assigned.member();
        (isFace(member) ? faces : voices)
                .add(
                        new Entry(
                                member.embeddingId(),
                                round(assigned.similarity()),
                                member.resultId()));
        appearances.computeIfAbsent(member.mediaId(), m -> new Appearance()).add(member);
    }

    /** The deletion of a person whose members all went to another. */
    public static PersonWrite merge(String personId, BsonDocument existing, String mergedInto) {
        return new PersonWrite(
                Kind.MERGE,
                personId,
                BsonBytes.encode(new BsonDocument("_id", id(existing, personId))),
                new byte[0],
                new byte[0],
                BsonBytes.encode(existing),
                mergedInto,
                "",
                0,
                0);
    }

    private PersonWrite write(
            String personId,
            @Nullable BsonDocument existing,
            BsonDocument fields,
            String splitFrom,
            int faces,
            int voices,
            long nowMillis) {
        Kind kind =
                existing == null
                        ? Kind.CREATE
                        : same(existing, fields) ? Kind.UNCHANGED : Kind.UPDATE;
        BsonDocument onInsert = new BsonDocument("person_id", new BsonString(personId));
        onInsert.put("temporary", BsonBoolean.TRUE);
        onInsert.put("created_at", new BsonDateTime(nowMillis));
        fields.put("last_updated", new BsonDateTime(nowMillis));
        return new PersonWrite(
                kind,
                personId,
                BsonBytes.encode(new BsonDocument("_id", id(existing, personId))),
                BsonBytes.encode(fields),
                BsonBytes.encode(onInsert),
                kind == Kind.UPDATE && existing != null ? BsonBytes.encode(existing) : new byte[0],
                "",
                kind == Kind.CREATE ? splitFrom : "",
                faces,
                voices);
    }

    private static BsonValue id(@Nullable BsonDocument existing, String personId) {
        BsonValue id = existing == null ? null : existing.get("_id");
        return id == null ? new BsonObjectId(PersonIds.documentId(personId)) : id;
    }

    private static boolean same(BsonDocument existing, BsonDocument fields) {
        for (String field : MACHINE_FIELDS) {
            BsonValue now = fields.get(field);
            // An absent members_total leaves a stale one alone: nothing reads it without
            // truncation.
            if (now != null && !now.equals(existing.get(field))) {
                return false;
            }
        }
        return true;
    }

    private static List<AssignedMember> listed(List<AssignedMember> members) {
        List<AssignedMember> sorted = new ArrayList<>(members);
        if (sorted.size() > MAX_LISTED_MEMBERS) {
            sorted.sort(
                    Comparator.comparingDouble(AssignedMember::similarity)
                            .reversed()
                            .thenComparing(m -> m.member().key()));
            sorted = new ArrayList<>(sorted.subList(0, MAX_LISTED_MEMBERS));
        }
        // Sums of floating-point numbers depend on order, so the order is fixed first.
        sorted.sort(Comparator.comparing(m -> m.member().key()));
        return sorted;
    }

    private static void keepUnseen(
            @Nullable BsonDocument existing,
            Set<String> unseen,
            List<Entry> faces,
            List<Entry> voices,
            Map<String, Appearance> appearances) {
        if (existing == null || unseen.isEmpty()) {
            return;
        }
        Set<String> results = new HashSet<>();
        for (Modality modality : Modality.values()) {
            for (BsonValue value : array(existing, modality.collection())) {
                BsonDocument entry = value.asDocument();
                String id = text(entry, "embedding_id");
                if (unseen.contains(modality.collection() + "/" + id)) {
                    String result = text(entry, "source_result_id");
                    results.add(result);
                    (modality == Modality.FACE ? faces : voices)
                            .add(new Entry(id, number(entry, "confidence"), result));
                }
            }
        }
        for (BsonValue value : array(existing, "appearances")) {
            BsonDocument appearance = value.asDocument();
            for (BsonValue result : array(appearance, "result_ids")) {
                if (result.isString() && results.contains(result.asString().getValue())) {
                    appearances
                            .computeIfAbsent(text(appearance, "media_id"), m -> new Appearance())
                            .keep(result.asString().getValue(), appearance);
                }
            }
        }
    }

    private static boolean isFace(Member member) {
        return Modality.ofCollection(member.collection()) == Modality.FACE;
    }

    private static BsonArray entries(List<Entry> entries) {
        entries.sort(Comparator.comparing(Entry::embeddingId));
        BsonArray array = new BsonArray(entries.size());
        for (Entry entry : entries) {
            BsonDocument document =
                    new BsonDocument("embedding_id", new BsonString(entry.embeddingId()));
            document.put("confidence", new BsonDouble(entry.confidence()));
            document.put("source_result_id", new BsonString(entry.resultId()));
            array.add(document);
        }
        return array;
    }

    private BsonArray appearances(Map<String, Appearance> appearances) {
        BsonArray array = new BsonArray(appearances.size());
        appearances.forEach(
                (media, appearance) -> {
                    BsonDocument document = new BsonDocument("media_id", new BsonString(media));
                    document.put(
                            "result_ids",
                            new BsonArray(
                                    appearance.results.stream().map(BsonString::new).toList()));
                    BsonArray ranges = new BsonArray();
                    for (Range range : TimeRanges.merge(appearance.ranges, mergeGapSeconds)) {
                        BsonDocument timeRange =
                                new BsonDocument("start_seconds", new BsonDouble(range.start()));
                        timeRange.put("end_seconds", new BsonDouble(range.end()));
                        ranges.add(timeRange);
                    }
                    document.put("time_ranges", ranges);
                    document.put("confidence", new BsonDouble(round(appearance.confidence)));
                    array.add(document);
                });
        return array;
    }

    private BsonDocument attributes(List<AssignedMember> members, @Nullable BsonDocument existing) {
        BsonDocument attributes = new BsonDocument();
        double[] ages =
                members.stream()
                        .mapToDouble(m -> m.member().estimatedAge())
                        .filter(a -> !Double.isNaN(a))
                        .sorted()
                        .toArray();
        if (ages.length > 0) {
            attributes.put("estimated_age", new BsonDouble(round(median(ages))));
        }
        Map<String, Double> genders = new TreeMap<>();
        for (AssignedMember assigned : members) {
            Member member = assigned.member();
            if (!member.gender().isEmpty()) {
                genders.merge(member.gender(), member.genderConfidence(), Double::sum);
            }
        }
        genders.entrySet().stream()
                .max(
                        Comparator.comparingDouble(Map.Entry<String, Double>::getValue)
                                .thenComparing(Map.Entry::getKey, Comparator.reverseOrder()))
                .ifPresent(e -> attributes.put("gender", new BsonString(e.getKey())));
        attributes.put(
                "clothing", supported(members.stream().map(m -> m.member().clothing()).toList()));
        attributes.put(
                "distinguishing_features",
                supported(members.stream().map(m -> m.member().features()).toList()));
        if (existing != null
                && existing.containsKey("attributes")
                && existing.get("attributes") instanceof BsonDocument held
                && existing.get("temporary") instanceof BsonBoolean temporary
                && !temporary.getValue()) {
            attributes.putAll(held);
        }
        return attributes;
    }

    /** Values that at least the minimum share of the results that name any have, sorted. */
    private BsonArray supported(List<String[]> values) {
        Map<String, Integer> counts = new TreeMap<>();
        int naming = 0;
        for (String[] row : values) {
            if (row.length > 0) {
                naming++;
                new TreeSet<>(Arrays.asList(row)).forEach(v -> counts.merge(v, 1, Integer::sum));
            }
        }
        BsonArray array = new BsonArray();
        for (Map.Entry<String, Integer> count : counts.entrySet()) {
            if (count.getValue() >= minimumSupport * naming) {
                array.add(new BsonString(count.getKey()));
            }
        }
        return array;
    }

    private static double median(double[] sorted) {
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static double round(double value) {
        // Rounded so that a document does not change with the last bit of a sum.
        return Math.round(value * ROUNDING) / ROUNDING;
    }

    private static BsonArray array(BsonDocument document, String field) {
        return document.get(field) instanceof BsonArray array ? array : new BsonArray();
    }

    private static String text(BsonDocument document, String field) {
        return document.get(field) instanceof BsonString text ? text.getValue() : "";
    }

    private static double number(BsonDocument document, String field) {
        BsonValue value = document.get(field);
        return value != null && value.isNumber() ? value.asNumber().doubleValue() : 0;
    }

    private record Entry(String embeddingId, double confidence, String resultId) {}

    private static final class Appearance {
        private final Set<String> results = new TreeSet<>();
        private final List<Range> ranges = new ArrayList<>();
        private double confidence;

        void add(Member member) {
            results.add(member.resultId());
            if (member.hasTimeRange()) {
                ranges.add(new Range(member.startSeconds(), member.endSeconds()));
            }
            confidence = Math.max(confidence, member.confidence());
        }

        void keep(String result, BsonDocument appearance) {
            if (results.isEmpty()) {
                confidence = Math.max(confidence, number(appearance, "confidence"));
                for (BsonValue value : array(appearance, "time_ranges")) {
                    BsonDocument range = value.asDocument();
                    ranges.add(
                            new Range(
                                    number(range, "start_seconds"), number(range, "end_seconds")));
                }
            }
            results.add(result);
        }
    }
}
