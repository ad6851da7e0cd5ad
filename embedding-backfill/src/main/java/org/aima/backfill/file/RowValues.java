package org.aima.backfill.file;

import java.util.HashMap;
import java.util.Map;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.EmbeddingSchema.Field;
import org.aima.stores.EmbeddingSchema.Type;
import org.jspecify.annotations.Nullable;

/** Values of files as values of a collection's fields. */
final class RowValues {
    private final Map<String, Field> fields = new HashMap<>();

    RowValues(EmbeddingSchema schema) {
        schema.fields().forEach(f -> fields.put(f.name(), f));
    }

    /** Whether the collection has a scalar field of that name. */
    boolean has(String name) {
        Field field = fields.get(name);
        return field != null && !field.primary() && field.type() != Type.FLOAT_VECTOR;
    }

    /**
     * A value as the field's type; null for a null.
     *
     * @throws IllegalArgumentException when it is of another type
     */
    @Nullable Object value(String name, @Nullable Object value) {
        Field field = fields.get(name);
        if (value == null || field == null) {
            return null;
        }
        Type type = field.type();
        if (type == Type.VARCHAR && value instanceof CharSequence text) {
            return text.toString();
        }
        if (type == Type.BOOL && value instanceof Boolean flag) {
            return flag;
        }
        if (value instanceof Number number) {
            switch (type) {
                case INT64, INT32 -> {
                    boolean whole =
                            number.doubleValue() == Math.rint(number.doubleValue())
                                    && !Double.isInfinite(number.doubleValue());
                    if (whole) {
                        return type == Type.INT64
                                ? (Object) number.longValue()
                                : (Object) Math.toIntExact(number.longValue());
                    }
                }
                case FLOAT -> {
                    return number.floatValue();
                }
                case DOUBLE -> {
                    return number.doubleValue();
                }
                default -> {
                    // A number is no text and no flag.
                }
            }
        }
        throw new IllegalArgumentException(
                "field " + name + " is " + type + ", not " + value.getClass().getSimpleName());
    }
}
