package org.aima.backfill.core;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.EmbeddingSchema.Field;
import org.aima.stores.EmbeddingSchema.Type;

/**
 * Turns a row of the source into the row the target must hold, or into a rejection.
 *
 * <p>Deterministic: the copy, every comparison and every catch-up ask the same mapper.
 */
public final class RowMapper {
    private final EmbeddingSchema source;
    private final EmbeddingSchema target;
    private final SchemaMapping mapping;
    private final PartitionScheme scheme;
    private final String withoutMedia;
    private final Map<String, String> oldNames = new HashMap<>();
    private final Map<String, SchemaMapping.Addition> additions = new HashMap<>();

    /**
     * @param withoutMedia the partition of rows whose media type or time is unknown; empty rejects
     *     them
     */
    public RowMapper(
            EmbeddingSchema source,
            EmbeddingSchema target,
            SchemaMapping mapping,
            PartitionScheme scheme,
            String withoutMedia) {
        this.source = source;
        this.target = target;
        this.mapping = mapping;
        this.scheme = scheme;
        this.withoutMedia = withoutMedia;
        for (Field field : source.fields()) {
            oldNames.put(mapping.renames().getOrDefault(field.name(), field.name()), field.name());
        }
        mapping.additions().forEach(a -> additions.put(a.field().name(), a));
    }

    /** The schema of mapped rows. */
    public EmbeddingSchema target() {
        return target;
    }

    /** The schema of rows to map. */
    public EmbeddingSchema source() {
        return source;
    }

    /** Whether placing rows needs their media. */
    public boolean needsMedia() {
        return scheme.needsMedia()
                || mapping.additions().stream()
                        .anyMatch(a -> a.origin() != SchemaMapping.Origin.CONST);
    }

    /** Maps one row; never throws for what a row holds. */
    public Placement map(EmbeddingRow row, MediaFacts facts) {
        String reason = validate(row);
        if (!reason.isEmpty()) {
            return rejected(row, reason, detail(reason, row));
        }
        Map<String, Object> fields = new HashMap<>();
        for (Field field : target.fields()) {
            if (field.primary() || field.type() == Type.FLOAT_VECTOR) {
                continue;
            }
            SchemaMapping.Addition addition = additions.get(field.name());
            Object value;
            if (addition == null) {
                value = row.fields().get(oldNames.getOrDefault(field.name(), field.name()));
            } else {
                String text =
                        addition.origin() == SchemaMapping.Origin.CONST
                                ? addition.value()
                                : facts.values().getOrDefault(addition.path(), "");
                try {
                    value = SchemaMapping.value(field, text);
                } catch (IllegalArgumentException e) {
                    return rejected(row, "wrong_type", String.valueOf(e.getMessage()));
                }
            }
            if (value == null) {
                continue;
            }
            if (!fits(field, value)) {
                return rejected(
                        row,
                        "wrong_type",
                        "field " + field.name() + " is " + field.type() + ", not " + value);
            }
            if (value instanceof String text && bytes(text) > field.maxLength()) {
                return rejected(
                        row,
                        "too_long",
                        "field "
                                + field.name()
                                + " holds "
                                + bytes(text)
                                + " bytes, the target takes "
                                + field.maxLength());
            }
            fields.put(field.name(), value);
        }
        if (bytes(row.id()) > target.primaryKey().maxLength()) {
            return rejected(row, "too_long", "the key has " + bytes(row.id()) + " bytes");
        }
        EmbeddingRow mapped = new EmbeddingRow(row.id(), row.vector(), fields);
        if (scheme.byKey()) {
            return new Placement("", mapped, "", "");
        }
        long time =
                row.fields().get("timestamp") instanceof Long at && at > 0
                        ? at
                        : facts.uploadedAtMillis();
        Optional<String> partition = scheme.partition(facts.type(), time);
        if (partition.isEmpty() && withoutMedia.isEmpty()) {
            return rejected(
                    row,
                    "missing_media",
                    facts.type().isEmpty()
                            ? "no medium " + row.text("media_id")
                            : "neither the row nor its medium has a time");
        }
        return new Placement(partition.orElse(withoutMedia), mapped, "", "");
    }

    private String validate(EmbeddingRow row) {
        if (row.id().isEmpty()) {
            return "missing_id";
        }
        if (row.vector().length != target.vector().dimension()) {
            return row.vector().length == 0 ? "empty_vector" : "wrong_dimension";
        }
        for (float component : row.vector()) {
            if (Float.isNaN(component)) {
                return "nan";
            }
            if (Float.isInfinite(component)) {
                return "infinite";
            }
        }
        return "";
    }

    private String detail(String reason, EmbeddingRow row) {
        return reason.endsWith("dimension")
                ? "dimension " + row.vector().length + " instead of " + target.vector().dimension()
                : "";
    }

    private static boolean fits(Field field, Object value) {
        return switch (field.type()) {
            case VARCHAR -> value instanceof String;
            case BOOL -> value instanceof Boolean;
            case INT64 -> value instanceof Long || value instanceof Integer;
            case INT32 -> value instanceof Integer;
            case FLOAT -> value instanceof Float;
            case DOUBLE -> value instanceof Double || value instanceof Float;
            case FLOAT_VECTOR -> false;
        };
    }

    private static Placement rejected(EmbeddingRow row, String reason, String detail) {
        return new Placement("", row, reason, detail);
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
