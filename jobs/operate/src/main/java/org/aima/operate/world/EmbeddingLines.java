package org.aima.operate.world;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamReadException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.EmbeddingSchema.Field;
import org.jspecify.annotations.Nullable;

/** Turns lines into rows that the collection will take, or says why a line is none. */
final class EmbeddingLines {
    /** The key of a line that names the row's partition. */
    static final String PARTITION = "_partition";

    static final String DEFAULT_PARTITION = "_default";

    private static final Pattern PARTITION_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,254}");
    private static final JsonFactory JSON =
            new JsonFactoryBuilder()
                    .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                    .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
                    .build();

    private final EmbeddingSchema schema;
    private final Field primaryKey;
    private final Field vectorField;
    private final Map<String, Field> scalars = new HashMap<>();
    private final SeenIds ids = new SeenIds();
    private final Map<String, Long> ignored = new TreeMap<>();

    EmbeddingLines(EmbeddingSchema schema) {
        this.schema = schema;
        this.primaryKey = schema.primaryKey();
        this.vectorField = schema.vector();
        schema.fields().stream()
                .filter(f -> f != primaryKey && f != vectorField)
                .forEach(f -> scalars.put(f.name(), f));
    }

    /** Lines that held a field the collection lacks, by field. */
    Map<String, Long> ignoredFields() {
        return ignored;
    }

    /**
     * A row and where it wants to be.
     *
     * @param partition null when the line names none
     */
    record Parsed(EmbeddingRow row, @Nullable String partition) {}

    /** Reads a line; a row counts as seen only once it is found good. */
    Parsed parse(LineReader.Line line) throws BadLineException {
        if (line.cut()) {
            throw new BadLineException(
                    "oversized_document",
                    "",
                    "the line is longer than " + LineReader.MAX_LINE_BYTES + " bytes");
        }
        Reading reading = new Reading();
        try (JsonParser parser = JSON.createParser(line.bytes())) {
            read(parser, reading);
        } catch (StreamReadException e) {
            throw new BadLineException("invalid_json", "", e.getOriginalMessage());
        } catch (IOException e) {
            throw new BadLineException("invalid_encoding", "", "the line is not UTF-8");
        }
        String id = checkId(reading);
        if (reading.problem != null) {
            throw new BadLineException("wrong_type", id, reading.problem);
        }
        float[] vector = checkVector(reading, id);
        Map<String, Object> fields = new HashMap<>();
        for (Field field : scalars.values()) {
            fields.put(field.name(), checkScalar(field, reading.values.get(field.name()), id));
        }
        String partition = reading.partition;
        if (partition != null && !PARTITION_NAME.matcher(partition).matches()) {
            throw new BadLineException(
                    "invalid_partition", id, "Milvus takes no partition named " + partition);
        }
        if (!ids.add(id)) {
            throw new BadLineException(
                    "duplicate_id", id, "an earlier line has this " + primaryKey.name());
        }
        return new Parsed(new EmbeddingRow(id, vector, fields), partition);
    }

    private void read(JsonParser parser, Reading reading) throws IOException, BadLineException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw new BadLineException("invalid_json", "", "the line is not one JSON object");
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken token = parser.nextToken();
            if (name.equals(primaryKey.name())) {
                readId(parser, token, reading);
            } else if (name.equals(vectorField.name())) {
                readVector(parser, token, reading);
            } else if (name.equals(PARTITION)) {
                if (token == JsonToken.VALUE_STRING) {
                    reading.partition = parser.getText();
                } else {
                    reading.problem = PARTITION + " is not a text";
                    parser.skipChildren();
                }
            } else if (scalars.containsKey(name)) {
                reading.values.put(name, scalar(parser, token));
            } else {
                ignored.merge(name, 1L, Long::sum);
                parser.skipChildren();
            }
        }
        if (parser.currentToken() != JsonToken.END_OBJECT || parser.nextToken() != null) {
            throw new BadLineException("invalid_json", "", "the line is not one JSON object");
        }
    }

    private static void readId(JsonParser parser, JsonToken token, Reading reading)
            throws IOException {
        if (token == JsonToken.VALUE_STRING) {
            reading.id = parser.getText();
        } else if (token != JsonToken.VALUE_NULL) {
            reading.id = parser.getText();
            reading.idIsNoText = true;
            parser.skipChildren();
        }
    }

    private void readVector(JsonParser parser, JsonToken token, Reading reading)
            throws IOException {
        if (token == JsonToken.VALUE_NULL) {
            reading.vectorKind = VectorKind.NULL;
            return;
        }
        if (token != JsonToken.START_ARRAY) {
            reading.vectorKind = VectorKind.NO_ARRAY;
            parser.skipChildren();
            return;
        }
        reading.vectorKind = VectorKind.ARRAY;
        float[] vector = new float[vectorField.dimension()];
        int count = 0;
        for (JsonToken t = parser.nextToken();
                t != JsonToken.END_ARRAY && t != null;
                t = parser.nextToken()) {
            float value = 0;
            if (t.isNumeric()) {
                value = parser.getFloatValue();
            } else {
                String text = t == JsonToken.VALUE_STRING ? parser.getText() : "";
                switch (text) {
                    case "NaN" -> value = Float.NaN;
                    case "Infinity", "+Infinity" -> value = Float.POSITIVE_INFINITY;
                    case "-Infinity" -> value = Float.NEGATIVE_INFINITY;
                    default -> {
                        if (reading.badComponent < 0) {
                            reading.badComponent = count;
                        }
                        parser.skipChildren();
                    }
                }
            }
            if (count < vector.length) {
                vector[count] = value;
            }
            count++;
        }
        reading.vector = vector;
        reading.components = count;
    }

    private static @Nullable Object scalar(JsonParser parser, JsonToken token) throws IOException {
        return switch (token) {
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getNumberValue();
            case VALUE_TRUE -> Boolean.TRUE;
            case VALUE_FALSE -> Boolean.FALSE;
            case VALUE_NULL -> null;
            default -> {
                parser.skipChildren();
                // No field takes a list or an object: the check of types will refuse this one.
                yield new Object[0];
            }
        };
    }

    private String checkId(Reading reading) throws BadLineException {
        String id = reading.id;
        if (id == null) {
            throw new BadLineException("missing_id", "", primaryKey.name() + " is missing");
        }
        if (reading.idIsNoText) {
            throw new BadLineException("wrong_type", id, primaryKey.name() + " is not a text");
        }
        if (id.isEmpty()) {
            throw new BadLineException("empty_id", "", primaryKey.name() + " is empty");
        }
        if (!LineText.isStorable(id)) {
            throw new BadLineException(
                    "unusable_id", id, primaryKey.name() + " holds NUL or half a surrogate pair");
        }
        int bytes = id.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > primaryKey.maxLength()) {
            throw new BadLineException(
                    "id_too_long",
                    id,
                    bytes + " bytes, the collection takes " + primaryKey.maxLength());
        }
        return id;
    }

    private float[] checkVector(Reading reading, String id) throws BadLineException {
        String name = vectorField.name();
        switch (reading.vectorKind) {
            case MISSING -> throw new BadLineException("missing_vector", id, name + " is missing");
            case NULL -> throw new BadLineException("null_vector", id, name + " is null");
            case NO_ARRAY ->
                    throw new BadLineException("wrong_type", id, name + " is not an array");
            case ARRAY -> {
                // Looked at below.
            }
        }
        if (reading.components == 0) {
            throw new BadLineException("empty_vector", id, name + " has no components");
        }
        if (reading.components != vectorField.dimension()) {
            throw new BadLineException(
                    "wrong_dimension",
                    id,
                    reading.components
                            + " components, "
                            + schema.name()
                            + " takes "
                            + vectorField.dimension());
        }
        if (reading.badComponent >= 0) {
            throw new BadLineException(
                    "invalid_vector", id, "component " + reading.badComponent + " is no number");
        }
        for (int i = 0; i < reading.vector.length; i++) {
            if (Float.isNaN(reading.vector[i])) {
                throw new BadLineException("nan", id, "component " + i + " is NaN");
            }
            if (Float.isInfinite(reading.vector[i])) {
                throw new BadLineException(
                        "infinite", id, "component " + i + " is " + reading.vector[i]);
            }
        }
        return reading.vector;
    }

    /** The value as the collection will give it back: what is absent becomes empty or 0. */
    private static Object checkScalar(Field field, @Nullable Object value, String id)
            throws BadLineException {
        switch (field.type()) {
            case VARCHAR -> {
                if (value == null) {
                    return "";
                }
                if (value instanceof String text) {
                    return checkText(field, text, id);
                }
            }
            case BOOL -> {
                if (value == null || value instanceof Boolean) {
                    return Boolean.TRUE.equals(value);
                }
            }
            case FLOAT, DOUBLE -> {
                if (value == null || value instanceof Number) {
                    double number = value == null ? 0 : ((Number) value).doubleValue();
                    boolean single = field.type() == EmbeddingSchema.Type.FLOAT;
                    if (!Double.isFinite(single ? (float) number : number)) {
                        throw new BadLineException(
                                Double.isNaN(number) ? "nan" : "infinite",
                                id,
                                field.name() + " is " + value);
                    }
                    if (single) {
                        return (float) number;
                    }
                    return number;
                }
            }
            case INT32, INT64 -> {
                if (value == null || value instanceof Integer || value instanceof Long) {
                    long number = value == null ? 0 : ((Number) value).longValue();
                    if (field.type() == EmbeddingSchema.Type.INT64) {
                        return number;
                    }
                    if (number == (int) number) {
                        return (int) number;
                    }
                }
            }
            case FLOAT_VECTOR -> throw new IllegalArgumentException(field.name());
        }
        throw new BadLineException(
                "wrong_type",
                id,
                field.name()
                        + " does not fit type "
                        + field.type()
                        + (value instanceof Object[] ? "" : ": " + value));
    }

    private static String checkText(Field field, String text, String id) throws BadLineException {
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > field.maxLength()) {
            throw new BadLineException(
                    "field_too_long",
                    id,
                    field.name() + " has " + bytes + " bytes of at most " + field.maxLength());
        }
        if (!LineText.isStorable(text)) {
            throw new BadLineException(
                    "unusable_text", id, field.name() + " holds NUL or half a surrogate pair");
        }
        return text;
    }

    private enum VectorKind {
        MISSING,
        NULL,
        NO_ARRAY,
        ARRAY
    }

    private static final class Reading {
        private @Nullable String id;
        private boolean idIsNoText;
        private VectorKind vectorKind = VectorKind.MISSING;
        private float[] vector = new float[0];
        private int components;
        private int badComponent = -1;
        private @Nullable String partition;
        private @Nullable String problem;
        private final Map<String, @Nullable Object> values = new HashMap<>();
    }
}
