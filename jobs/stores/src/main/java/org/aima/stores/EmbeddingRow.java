package org.aima.stores;

import java.util.Map;

/**
 * A row of an embedding collection.
 *
 * @param id primary key
 * @param vector the embedding
 * @param fields every other field that has a value: String, Long, Float, Double, Boolean, Integer
 */
public record EmbeddingRow(String id, float[] vector, Map<String, Object> fields) {

    /** A text field, or the empty text when the row lacks it. */
    public String text(String field) {
        Object value = fields.get(field);
        return value == null ? "" : value.toString();
    }
}
