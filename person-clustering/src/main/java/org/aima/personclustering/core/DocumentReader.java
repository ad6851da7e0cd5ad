package org.aima.personclustering.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.aima.jobs.model.BsonBytes;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/** Reads results and persons out of documents; what does not fit becomes a named problem. */
public final class DocumentReader {
    /** Fields of analysis_results that clustering reads. */
    public static final List<String> RESULT_FIELDS =
            List.of(
                    "result_id",
                    "media_id",
                    "analysis_type",
                    "model_info",
                    "time_range",
                    "spatial_location",
                    "confidence",
                    "metadata",
                    "vector_embeddings");

    private DocumentReader() {}

    /** The facts of a result document; a wrong BSON type is reported in {@code problem}. */
    public static ResultFacts result(BsonDocument document) {
        Problems problems = new Problems();
        String resultId = problems.text(document, "result_id", true);
        String mediaId = problems.text(document, "media_id", true);
        BsonDocument embedding = problems.document(document, "vector_embeddings");
        String model = problems.text(embedding, "model", false);
        if (model.isEmpty()) {
            model = problems.text(problems.document(document, "model_info"), "name", false);
        }
        BsonDocument range = problems.document(document, "time_range");
        boolean hasRange = range.containsKey("start_seconds") && range.containsKey("end_seconds");
        double start = problems.number(range, "start_seconds", 0);
        double end = problems.number(range, "end_seconds", 0);
        BsonDocument metadata = problems.document(document, "metadata");
        BsonDocument attributes =
                metadata.get("attributes") instanceof BsonDocument nested ? nested : metadata;
        double confidence = problems.number(document, "confidence", 1);
        return new ResultFacts(
                resultId,
                problems.reason,
                problems.detail,
                model,
                mediaId,
                hasRange && start <= end,
                start,
                end,
                confidence,
                sighting(document, mediaId, metadata, hasRange ? range : null),
                lenientNumber(attributes, "estimated_age", Double.NaN),
                lenientText(attributes, "gender"),
                lenientNumber(attributes, "gender_confidence", confidence),
                texts(attributes, "clothing"),
                texts(attributes, "distinguishing_features"));
    }

    // Without an instant two faces of one medium may be of two moments: then nothing is certain.
    private static Sighting sighting(
            BsonDocument document,
            String mediaId,
            BsonDocument metadata,
            @Nullable BsonDocument range) {
        BsonValue frame = metadata.get("frame");
        long track = track(mediaId, metadata.get("track_id"));
        Sighting nowhere = new Sighting(0, track, 0, 0, 0, 0);
        if (!(document.get("spatial_location") instanceof BsonDocument box)
                || (range == null && (frame == null || !frame.isNumber()))) {
            return nowhere;
        }
        double width = lenientNumber(box, "width", 0);
        double height = lenientNumber(box, "height", 0);
        double x = lenientNumber(box, "x", Double.NaN);
        double y = lenientNumber(box, "y", Double.NaN);
        if (!(width > 0 && height > 0) || Double.isNaN(x) || Double.isNaN(y)) {
            return nowhere;
        }
        String instant =
                frame != null && frame.isNumber()
                        ? "frame " + frame.asNumber().longValue()
                        : lenientNumber(Objects.requireNonNull(range), "start_seconds", 0)
                                + " to "
                                + lenientNumber(range, "end_seconds", 0);
        return new Sighting(
                PersonIds.hash(mediaId + "\0" + instant) | 1,
                track,
                (float) x,
                (float) y,
                (float) width,
                (float) height);
    }

    private static long track(String mediaId, @Nullable BsonValue id) {
        if (id == null || !(id.isString() || id.isNumber())) {
            return 0;
        }
        String name = id.isString() ? id.asString().getValue() : id.asNumber().longValue() + "";
        return name.isEmpty() ? 0 : PersonIds.hash(mediaId + "\0track " + name) | 1;
    }

    /** A person document; one without a usable person_id yields null. */
    public static @Nullable ExistingPerson person(BsonDocument document) {
        String personId = lenientText(document, "person_id");
        if (personId.isEmpty()) {
            return null;
        }
        List<String> members = new ArrayList<>();
        for (Modality modality : Modality.values()) {
            if (document.get(modality.collection()) instanceof BsonArray entries) {
                for (BsonValue entry : entries) {
                    if (entry instanceof BsonDocument member) {
                        members.add(
                                modality.collection() + "/" + lenientText(member, "embedding_id"));
                    }
                }
            }
        }
        boolean confirmed =
                document.get("temporary") instanceof BsonBoolean temporary && !temporary.getValue();
        return new ExistingPerson(
                personId, confirmed, members.toArray(String[]::new), BsonBytes.encode(document));
    }

    /** An alias document; one without both ids yields null. */
    public static @Nullable KnownIdentity alias(BsonDocument document) {
        String oldId = lenientText(document, "old_id");
        String newId = lenientText(document, "new_id");
        if (oldId.isEmpty() || newId.isEmpty()) {
            return null;
        }
        String reason = lenientText(document, "reason");
        return KnownIdentity.of(
                new PersonAlias(oldId, newId, reason.isEmpty() ? PersonAlias.MERGED : reason));
    }

    /** A constraint document, usable or not; see {@link PersonConstraint#usable}. */
    public static KnownIdentity constraint(BsonDocument document) {
        String kind = lenientText(document, "kind").replace('_', '-');
        String a = lenientText(document, "a");
        String b = lenientText(document, "b");
        BsonValue id = document.get("_id");
        return KnownIdentity.of(
                new PersonConstraint(
                        id == null
                                ? kind + " " + a + " " + b
                                : id.isString()
                                        ? id.asString().getValue()
                                        : id.isObjectId()
                                                ? id.asObjectId().getValue().toHexString()
                                                : id.toString(),
                        kind,
                        a,
                        b));
    }

    private static double lenientNumber(BsonDocument document, String field, double fallback) {
        BsonValue value = document.get(field);
        return value != null && value.isNumber() ? value.asNumber().doubleValue() : fallback;
    }

    private static String lenientText(BsonDocument document, String field) {
        return document.get(field) instanceof BsonString text ? text.getValue() : "";
    }

    private static String[] texts(BsonDocument document, String field) {
        return document.get(field) instanceof BsonArray array
                ? array.stream()
                        .filter(BsonValue::isString)
                        .map(v -> v.asString().getValue())
                        .toArray(String[]::new)
                : new String[0];
    }

    private static final class Problems {
        private String reason = "";
        private String detail = "";

        String text(BsonDocument document, String field, boolean required) {
            BsonValue value = document.get(field);
            if (value instanceof BsonString text) {
                return text.getValue();
            }
            if (required || (value != null && !value.isNull())) {
                note(field, "a text", value);
            }
            return "";
        }

        double number(BsonDocument document, String field, double fallback) {
            BsonValue value = document.get(field);
            if (value != null && value.isNumber()) {
                return value.asNumber().doubleValue();
            }
            if (value != null && !value.isNull()) {
                note(field, "a number", value);
            }
            return fallback;
        }

        BsonDocument document(BsonDocument parent, String field) {
            BsonValue value = parent.get(field);
            if (value instanceof BsonDocument document) {
                return document;
            }
            if (value != null && !value.isNull()) {
                note(field, "a document", value);
            }
            return new BsonDocument();
        }

        private void note(String field, String wanted, @Nullable BsonValue value) {
            if (reason.isEmpty()) {
                reason = value == null ? "missing_field" : "wrong_bson_type";
                detail =
                        "field "
                                + field
                                + " should be "
                                + wanted
                                + (value == null
                                        ? ", but is missing"
                                        : ", but is " + value.getBsonType());
            }
        }
    }
}
