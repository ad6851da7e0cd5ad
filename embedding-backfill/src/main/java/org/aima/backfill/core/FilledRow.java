package org.aima.backfill.core;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.EmbeddingSchema.Field;

/**
 * A row with fields filled, and what they were.
 *
 * @param changed whether anything differs
 * @param before the replaced values, one {@code field=value} a line, in order of field
 * @param after the new values likewise
 * @param reason why a value cannot be stored, a fixed word; empty when it can
 */
public record FilledRow(
        EmbeddingRow row,
        boolean changed,
        String before,
        String after,
        String reason,
        String detail) {

    /**
     * Fills a row.
     *
     * @param values texts by field
     * @param overwrite whether values that are there may be replaced
     */
    public static FilledRow of(
            EmbeddingSchema schema,
            EmbeddingRow row,
            Map<String, String> values,
            boolean overwrite) {
        Map<String, Object> fields = new HashMap<>(row.fields());
        StringBuilder before = new StringBuilder();
        StringBuilder after = new StringBuilder();
        for (Map.Entry<String, String> entry : new TreeMap<>(values).entrySet()) {
            Field field = schema.field(entry.getKey()).orElse(null);
            if (field == null || !isLacking(row, field.name()) && !overwrite) {
                continue;
            }
            Object value;
            try {
                value = SchemaMapping.value(field, entry.getValue());
            } catch (IllegalArgumentException e) {
                return new FilledRow(
                        row, false, "", "", "wrong_type", String.valueOf(e.getMessage()));
            }
            int bytes = entry.getValue().getBytes(StandardCharsets.UTF_8).length;
            if (value instanceof String && bytes > field.maxLength()) {
                return new FilledRow(
                        row,
                        false,
                        "",
                        "",
                        "too_long",
                        "field "
                                + field.name()
                                + " takes "
                                + field.maxLength()
                                + " bytes, not "
                                + bytes);
            }
            if (!value.equals(row.fields().get(field.name()))) {
                fields.put(field.name(), value);
                before.append(line(field.name(), row.text(field.name())));
                after.append(line(field.name(), value.toString()));
            }
        }
        return new FilledRow(
                new EmbeddingRow(row.id(), row.vector(), fields),
                after.length() > 0,
                before.toString(),
                after.toString(),
                "",
                "");
    }

    private static String line(String field, String value) {
        return field + "=" + value.replace("\\", "\\\\").replace("\n", "\\n") + "\n";
    }

    /** The values that {@link #before} or {@link #after} hold, by field. */
    public static Map<String, String> values(String lines) {
        Map<String, String> values = new TreeMap<>();
        for (String line : lines.split("\n")) {
            int equals = line.indexOf('=');
            if (equals > 0) {
                values.put(line.substring(0, equals), unescaped(line.substring(equals + 1)));
            }
        }
        return values;
    }

    private static String unescaped(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && i + 1 < text.length()) {
                char next = text.charAt(++i);
                out.append(next == 'n' ? '\n' : next);
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    /** Whether a row lacks a field: absent, empty, or the 0 that stands for it. */
    public static boolean isLacking(EmbeddingRow row, String field) {
        Object value = row.fields().get(field);
        return value == null
                || value.equals("")
                || value instanceof Number number && number.doubleValue() == 0;
    }
}
