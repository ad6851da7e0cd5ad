package org.aima.operate.world;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.aima.stores.mongo.MongoKeys;
import org.bson.BsonBinaryWriter;
import org.bson.BsonDocument;
import org.bson.BsonInvalidOperationException;
import org.bson.BsonSerializationException;
import org.bson.BsonString;
import org.bson.BsonType;
import org.bson.BsonValue;
import org.bson.codecs.BsonDocumentCodec;
import org.bson.codecs.EncoderContext;
import org.bson.io.BasicOutputBuffer;
import org.bson.json.JsonParseException;

/** Turns lines into documents that MongoDB will take, or says why a line is none. */
final class DocumentLines {
    private static final int MAX_DOCUMENT_BYTES = 16 << 20;
    private static final int MAX_DEPTH = 100;
    // Extended JSON wraps values in objects, so text may be deeper than the document it means.
    private static final int MAX_TEXT_DEPTH = 2 * MAX_DEPTH + 10;
    private static final BsonDocumentCodec CODEC = new BsonDocumentCodec();
    private static final Set<BsonType> NO_IDS =
            Set.of(BsonType.ARRAY, BsonType.REGULAR_EXPRESSION, BsonType.UNDEFINED, BsonType.NULL);
    private static final Map<String, List<String>> TEXT_FIELDS =
            Map.of(
                    "media_items", List.of("type"),
                    "analysis_results", List.of("media_id", "job_id", "analysis_type"),
                    "persons", List.of(),
                    "dossiers", List.of());

    private final String collection;
    private final String naturalId;
    private final SeenIds naturalIds = new SeenIds();
    private final SeenIds documentIds = new SeenIds();

    DocumentLines(String collection) {
        this.collection = collection;
        this.naturalId = WorldDirectory.NATURAL_IDS.getOrDefault(collection, "_id");
    }

    /** The field that names a document of this collection. */
    String naturalId() {
        return naturalId;
    }

    /** Reads a line; the document may still lack its {@code _id}. */
    BsonDocument parse(LineReader.Line line) throws BadLineException {
        if (line.cut()) {
            throw new BadLineException(
                    "oversized_document",
                    "",
                    "the line is longer than " + LineReader.MAX_LINE_BYTES + " bytes");
        }
        String text = LineText.decode(line.bytes());
        checkOutline(text);
        BsonDocument document;
        try {
            document = BsonDocument.parse(text);
        } catch (JsonParseException
                | BsonInvalidOperationException
                | BsonSerializationException
                | IllegalArgumentException e) {
            throw new BadLineException("invalid_json", "", String.valueOf(e.getMessage()));
        }
        String key = checkNaturalId(document);
        checkFields(document, key);
        checkBson(document, key);
        return document;
    }

    /** Remembers the document as loaded, unless an earlier line had its id. */
    void checkNew(BsonDocument document) throws BadLineException {
        String key = document.getString(naturalId).getValue();
        if (!naturalIds.add(key)) {
            throw new BadLineException(
                    "duplicate_id", key, "an earlier line has this " + naturalId);
        }
        if (!documentIds.add(MongoKeys.keyOf(document))) {
            throw new BadLineException("duplicate_id", key, "an earlier line has this _id");
        }
    }

    /** One object and nothing after it, not deeper than the parser's stack can take. */
    private static void checkOutline(String text) throws BadLineException {
        int depth = 0;
        boolean quoted = false;
        boolean closed = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quoted) {
                if (c == '\\') {
                    i++;
                } else if (c == '"') {
                    quoted = false;
                }
            } else if (c == '{' || c == '[') {
                if (closed || depth == 0 && c == '[') {
                    throw new BadLineException(
                            "invalid_json", "", "the line is not one JSON object");
                }
                if (++depth > MAX_TEXT_DEPTH) {
                    throw new BadLineException(
                            "nested_too_deep", "", "nested deeper than " + MAX_DEPTH);
                }
            } else if (c == '}' || c == ']') {
                closed = --depth == 0;
            } else if (depth == 0 && c > ' ') {
                throw new BadLineException("invalid_json", "", "the line is not one JSON object");
            } else {
                quoted = c == '"';
            }
        }
        if (!closed) {
            throw new BadLineException("invalid_json", "", "the object is not complete");
        }
    }

    private String checkNaturalId(BsonDocument document) throws BadLineException {
        BsonValue value = document.get(naturalId);
        if (value == null || value.isNull()) {
            throw new BadLineException("missing_id", "", naturalId + " is missing");
        }
        if (!value.isString()) {
            throw new BadLineException(
                    "wrong_type",
                    value.toString(),
                    naturalId + " is of BSON type " + value.getBsonType() + " instead of STRING");
        }
        String key = value.asString().getValue();
        if (key.isEmpty()) {
            throw new BadLineException("empty_id", "", naturalId + " is empty");
        }
        if (!LineText.isStorable(key)) {
            throw new BadLineException(
                    "unusable_id", key, naturalId + " holds NUL or half a surrogate pair");
        }
        return key;
    }

    private void checkFields(BsonDocument document, String key) throws BadLineException {
        for (String field : TEXT_FIELDS.getOrDefault(collection, List.of())) {
            BsonValue value = document.get(field);
            if (value != null && !value.isString()) {
                throw new BadLineException(
                        "wrong_type",
                        key,
                        field + " is of BSON type " + value.getBsonType() + " instead of STRING");
            }
        }
        for (String field : document.keySet()) {
            if (field.startsWith("$")) {
                throw new BadLineException(
                        "invalid_field_name", key, "MongoDB refuses the field " + field);
            }
        }
        BsonValue id = document.get("_id", new BsonString(""));
        boolean operator =
                id.isDocument()
                        && id.asDocument().keySet().stream().anyMatch(k -> k.startsWith("$"));
        if (NO_IDS.contains(id.getBsonType()) || operator) {
            throw new BadLineException(
                    "wrong_type", key, "MongoDB takes no _id of BSON type " + id.getBsonType());
        }
    }

    private static void checkBson(BsonDocument document, String key) throws BadLineException {
        if (depth(document) > MAX_DEPTH) {
            throw new BadLineException("nested_too_deep", key, "nested deeper than " + MAX_DEPTH);
        }
        try (BasicOutputBuffer buffer = new BasicOutputBuffer();
                BsonBinaryWriter writer = new BsonBinaryWriter(buffer)) {
            CODEC.encode(writer, document, EncoderContext.builder().build());
            if (buffer.getSize() > MAX_DOCUMENT_BYTES) {
                throw new BadLineException(
                        "oversized_document",
                        key,
                        buffer.getSize() + " bytes of BSON, MongoDB takes " + MAX_DOCUMENT_BYTES);
            }
        } catch (BsonSerializationException | IllegalArgumentException e) {
            throw new BadLineException("invalid_field_name", key, String.valueOf(e.getMessage()));
        }
    }

    private static int depth(BsonValue value) {
        int deepest = 0;
        if (value.isDocument()) {
            for (BsonValue child : value.asDocument().values()) {
                deepest = Math.max(deepest, depth(child));
            }
            return deepest + 1;
        }
        if (value.isArray()) {
            for (BsonValue child : value.asArray()) {
                deepest = Math.max(deepest, depth(child));
            }
            return deepest + 1;
        }
        return 0;
    }
}
