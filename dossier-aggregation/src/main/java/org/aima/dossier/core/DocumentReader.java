package org.aima.dossier.core;

import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.aima.jobs.model.BsonBytes;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/** Reads what aggregation needs out of documents; what does not fit becomes a named problem. */
public final class DocumentReader {
    /** Fields of analysis_results that are read. */
    public static final List<String> RESULT_FIELDS =
            List.of(
                    "result_id",
                    "media_id",
                    "analysis_type",
                    "time_range",
                    "spatial_location",
                    "confidence",
                    "metadata.object_class",
                    "metadata.scene_description",
                    "metadata.tags");

    /** Fields of analysis_summaries that are read. */
    public static final List<String> SUMMARY_FIELDS =
            List.of(
                    "media_id",
                    "analysis_type",
                    "confidence",
                    "classes",
                    "file",
                    "row_group",
                    "result_ids",
                    "restored");

    /** Fields of persons that are read. */
    public static final List<String> PERSON_FIELDS =
            List.of(
                    "person_id",
                    "appearances",
                    "face_embeddings.source_result_id",
                    "voice_embeddings.source_result_id");

    public static final List<String> MEDIUM_FIELDS =
            List.of("media_id", "type", "upload_timestamp", "duration_seconds", "resolution");

    private static final int LONGEST_LABEL = 1_000;
    private static final double LONGEST_SECONDS = 1e9;
    private static final double MILLIS = 1_000;

    private DocumentReader() {}

    /** A result; what is wrong with it is in {@code problem}. */
    public static Detection result(BsonDocument document) {
        Problems problems = new Problems();
        String resultId = problems.text(document, "result_id", true);
        String mediaId = problems.text(document, "media_id", true);
        String type = problems.text(document, "analysis_type", true);
        BsonDocument range = problems.document(document, "time_range");
        double start = problems.number(range, "start_seconds", LONGEST_SECONDS);
        double end = problems.number(range, "end_seconds", LONGEST_SECONDS);
        double confidence = problems.number(document, "confidence", 1);
        if (confidence < 0) {
            problems.note("out_of_range", "confidence is " + confidence);
        }
        BsonDocument metadata = problems.document(document, "metadata");
        return new Detection(
                resultId,
                mediaId,
                type,
                problems.reason,
                problems.detail,
                "",
                start <= end,
                FixedPoint.millis(start),
                FixedPoint.millis(end),
                !Double.isNaN(confidence),
                FixedPoint.millionths(confidence),
                type.equals(Detection.FACE) ? size(document) : 0,
                label(type, metadata),
                tags(metadata),
                "");
    }

    private static long size(BsonDocument document) {
        BsonDocument box =
                document.get("spatial_location") instanceof BsonDocument found
                        ? found
                        : new BsonDocument();
        double area = number(box, "width") * number(box, "height");
        return area > 0 && area < LONGEST_SECONDS ? Math.round(Math.sqrt(area) * MILLIS) : 0;
    }

    private static String label(String type, BsonDocument metadata) {
        return switch (type) {
            case Detection.OBJECT -> cut(text(metadata, "object_class"));
            case Detection.SCENE -> cut(text(metadata, "scene_description"));
            default -> "";
        };
    }

    private static String[] tags(BsonDocument metadata) {
        Set<String> tags = new TreeSet<>();
        for (BsonValue tag : array(metadata, "tags")) {
            if (tag instanceof BsonString text && !text.getValue().isBlank()) {
                tags.add(cut(text.getValue()));
            }
        }
        return tags.toArray(String[]::new);
    }

    private static String cut(String label) {
        return label.length() <= LONGEST_LABEL
                ? label
                : label.substring(0, label.offsetByCodePoints(0, cutPoints(label)));
    }

    private static int cutPoints(String label) {
        return label.codePointCount(0, LONGEST_LABEL - 1);
    }

    /** A summary of archived results; one that names no medium or type yields null. */
    public static @Nullable ArchivedResults summary(BsonDocument document) {
        String mediaId = text(document, "media_id");
        String type = text(document, "analysis_type");
        if (mediaId.isEmpty() || type.isEmpty()) {
            return null;
        }
        String pointer =
                text(document, "file") + "#" + (long) Math.max(0, number(document, "row_group"));
        BsonDocument confidence =
                document.get("confidence") instanceof BsonDocument found
                        ? found
                        : new BsonDocument();
        double mean = number(confidence, "mean");
        Set<String> ids = new LinkedHashSet<>(texts(document, "result_ids"));
        texts(document, "restored").forEach(ids::remove);
        Detection[] results =
                ids.stream()
                        .map(
                                id ->
                                        new Detection(
                                                id,
                                                mediaId,
                                                type,
                                                "",
                                                "",
                                                "",
                                                false,
                                                0,
                                                0,
                                                !Double.isNaN(mean),
                                                FixedPoint.millionths(mean),
                                                0,
                                                "",
                                                new String[0],
                                                pointer))
                        .toArray(Detection[]::new);
        List<Facet> facets = new ArrayList<>();
        if (!Double.isNaN(mean) && results.length > 0) {
            facets.add(
                    Facet.extremes(
                            mediaId,
                            type,
                            FixedPoint.millionths(number(confidence, "min")),
                            FixedPoint.millionths(number(confidence, "max"))));
        }
        for (BsonValue value : array(document, "classes")) {
            if (value instanceof BsonDocument counted && results.length > 0) {
                facets.add(
                        Facet.archivedClass(
                                mediaId,
                                cut(text(counted, "name")),
                                (long) number(counted, "count"),
                                FixedPoint.millionths(Double.isNaN(mean) ? 1 : mean),
                                pointer));
            }
        }
        return new ArchivedResults(results, facets.toArray(Facet[]::new));
    }

    /** A person; one without a usable id yields null. */
    public static @Nullable PersonMembers person(BsonDocument document) {
        String personId = text(document, "person_id");
        if (personId.isEmpty()) {
            return null;
        }
        Set<String> results = new LinkedHashSet<>();
        for (String members : List.of("face_embeddings", "voice_embeddings")) {
            for (BsonValue member : array(document, members)) {
                if (member instanceof BsonDocument entry) {
                    results.add(text(entry, "source_result_id"));
                }
            }
        }
        List<Facet> remembered = new ArrayList<>();
        for (BsonValue value : array(document, "appearances")) {
            if (value instanceof BsonDocument appearance) {
                results.addAll(texts(appearance, "result_ids"));
                long[] spans = spans(array(appearance, "time_ranges"));
                String mediaId = text(appearance, "media_id");
                if (spans.length > 0 && !mediaId.isEmpty()) {
                    remembered.add(Facet.remembered(mediaId, personId, spans));
                }
            }
        }
        results.remove("");
        return new PersonMembers(
                personId, results.toArray(String[]::new), remembered.toArray(Facet[]::new));
    }

    private static long[] spans(BsonArray ranges) {
        long[] spans = new long[2 * ranges.size()];
        int size = 0;
        for (BsonValue value : ranges) {
            if (value instanceof BsonDocument range) {
                double start = number(range, "start_seconds");
                double end = number(range, "end_seconds");
                if (start <= end && end < LONGEST_SECONDS && start > -LONGEST_SECONDS) {
                    spans[size++] = FixedPoint.millis(start);
                    spans[size++] = FixedPoint.millis(end);
                }
            }
        }
        return Spans.of(Arrays.copyOf(spans, size), 0);
    }

    /** An alias of a merged person; any other yields null. */
    public static @Nullable PersonAlias alias(BsonDocument document) {
        String oldId = text(document, "old_id");
        String newId = text(document, "new_id");
        // A person that others split from lives on under its own id.
        return oldId.isEmpty() || newId.isEmpty() || text(document, "reason").equals("split")
                ? null
                : new PersonAlias(oldId, newId);
    }

    /** A media item; one without a usable id yields null. */
    public static @Nullable MediumInfo medium(BsonDocument document) {
        String mediaId = text(document, "media_id");
        if (mediaId.isEmpty()) {
            return null;
        }
        String type = text(document, "type");
        double duration = number(document, "duration_seconds");
        BsonValue uploaded = document.get("upload_timestamp");
        return new MediumInfo(
                mediaId,
                type.isEmpty() ? MediumInfo.UNKNOWN : cut(type),
                duration > 0 && duration < LONGEST_SECONDS ? FixedPoint.millis(duration) : 0,
                frameSize(text(document, "resolution")),
                uploaded != null && uploaded.isDateTime()
                        ? YearMonth.from(
                                        Instant.ofEpochMilli(uploaded.asDateTime().getValue())
                                                .atOffset(ZoneOffset.UTC))
                                .toString()
                        : "");
    }

    private static double frameSize(String resolution) {
        if (!resolution.matches("\\d{1,6}[xX]\\d{1,6}")) {
            return 0;
        }
        String[] sides = resolution.split("[xX]", 2);
        return Math.sqrt((double) Integer.parseInt(sides[0]) * Integer.parseInt(sides[1]));
    }

    /** A dossier; what is wrong with it is in {@code problem}. */
    public static StoredDossier dossier(BsonDocument document) {
        Problems problems = new Problems();
        String dossierId = problems.text(document, "dossier_id", true);
        Set<String> media = new TreeSet<>();
        BsonValue listed = document.get("media_items");
        if (listed instanceof BsonArray items) {
            for (BsonValue item : items) {
                if (item instanceof BsonString text && !text.getValue().isEmpty()) {
                    media.add(text.getValue());
                } else {
                    problems.wrong("media_items", "texts", item);
                }
            }
        } else if (listed != null && !listed.isNull()) {
            problems.wrong("media_items", "an array", listed);
        }
        BsonValue metadata = document.get("metadata");
        if (metadata != null && !metadata.isDocument() && !metadata.isNull()) {
            problems.wrong("metadata", "a document", metadata);
        }
        for (String owned : List.of("persons", "events")) {
            BsonValue value = document.get(owned);
            if (value != null && !value.isArray() && !value.isNull()) {
                problems.wrong(owned, "an array", value);
            }
        }
        return new StoredDossier(
                dossierId,
                problems.reason,
                problems.detail,
                media.toArray(String[]::new),
                MachineContent.version(document),
                BsonBytes.encode(document));
    }

    static double number(BsonDocument document, String field) {
        BsonValue value = document.get(field);
        return value == null ? Double.NaN : number(value);
    }

    /** NaN when it is no number; the driver does not count a Decimal128 among them. */
    private static double number(BsonValue value) {
        if (value.isDecimal128()) {
            return value.asDecimal128().getValue().doubleValue();
        }
        return value.isNumber() ? value.asNumber().doubleValue() : Double.NaN;
    }

    static String text(BsonDocument document, String field) {
        return document.get(field) instanceof BsonString text ? text.getValue() : "";
    }

    static BsonArray array(BsonDocument document, String field) {
        return document.get(field) instanceof BsonArray array ? array : new BsonArray();
    }

    private static List<String> texts(BsonDocument document, String field) {
        return array(document, field).stream()
                .filter(BsonValue::isString)
                .map(v -> v.asString().getValue())
                .toList();
    }

    private static final class Problems {
        private String reason = "";
        private String detail = "";

        String text(BsonDocument document, String field, boolean required) {
            BsonValue value = document.get(field);
            if (value instanceof BsonString text && !(required && text.getValue().isEmpty())) {
                return text.getValue();
            }
            if (value == null || value.isNull() || value.isString()) {
                note("missing_field", "field " + field + " is missing");
            } else {
                wrong(field, "a text", value);
            }
            return "";
        }

        /** NaN when there is none. */
        double number(BsonDocument document, String field, double largest) {
            BsonValue value = document.get(field);
            if (value == null || value.isNull()) {
                return Double.NaN;
            }
            if (!value.isNumber() && !value.isDecimal128()) {
                wrong(field, "a number", value);
                return Double.NaN;
            }
            double number = DocumentReader.number(value);
            if (!(Math.abs(number) <= largest)) {
                note("out_of_range", field + " is " + number);
            }
            return number;
        }

        BsonDocument document(BsonDocument parent, String field) {
            BsonValue value = parent.get(field);
            if (value instanceof BsonDocument document) {
                return document;
            }
            if (value != null && !value.isNull()) {
                wrong(field, "a document", value);
            }
            return new BsonDocument();
        }

        void wrong(String field, String wanted, BsonValue value) {
            note(
                    "wrong_bson_type",
                    "field " + field + " should be " + wanted + ", but is " + value.getBsonType());
        }

        void note(String word, String what) {
            if (reason.isEmpty()) {
                reason = word;
                detail = what;
            }
        }
    }
}
