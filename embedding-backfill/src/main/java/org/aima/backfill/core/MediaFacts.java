package org.aima.backfill.core;

import java.util.Map;

/**
 * What documents say of a row's medium.
 *
 * @param type of the medium, empty when unknown
 * @param uploadedAtMillis epoch milliseconds, 0 when unknown
 * @param values of further paths that were asked for, as text, by {@code media:<path>} or {@code
 *     result:<path>}
 */
public record MediaFacts(String type, long uploadedAtMillis, Map<String, String> values) {
    public static final MediaFacts UNKNOWN = new MediaFacts("", 0, Map.of());
}
