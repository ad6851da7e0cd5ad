package org.aima.stores;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The schema of an embedding collection.
 *
 * @param name the collection's own name, not an alias
 * @param fields in order, the primary key and the vector among them
 * @param shards 1 to 16
 */
public record EmbeddingSchema(String name, List<Field> fields, int shards) implements Serializable {

    public Field primaryKey() {
        return fields.stream().filter(Field::primary).findFirst().orElseThrow();
    }

    public Field vector() {
        return fields.stream().filter(f -> f.type() == Type.FLOAT_VECTOR).findFirst().orElseThrow();
    }

    public Optional<Field> field(String fieldName) {
        return fields.stream().filter(f -> f.name().equals(fieldName)).findFirst();
    }

    /** Field types the suite uses. */
    public enum Type {
        VARCHAR,
        INT64,
        INT32,
        FLOAT,
        DOUBLE,
        BOOL,
        FLOAT_VECTOR
    }

    /**
     * A field.
     *
     * @param maxLength bytes of UTF-8 a VARCHAR may hold, else 0
     * @param dimension of a vector, else 0
     */
    public record Field(
            String name,
            Type type,
            int maxLength,
            int dimension,
            boolean primary,
            boolean partitionKey)
            implements Serializable {}

    /** An index on one field. */
    public record Index(String field, String type, String metric, Map<String, String> params)
            implements Serializable {}
}
