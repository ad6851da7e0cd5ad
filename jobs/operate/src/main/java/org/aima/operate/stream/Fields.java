package org.aima.operate.stream;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads fields of ledger documents, which may lack them. */
final class Fields {
    private Fields() {}

    static String text(Map<?, ?> document, String field) {
        Object found = document.get(field);
        return found == null ? "" : found.toString();
    }

    static int number(Map<?, ?> document, String field) {
        return document.get(field) instanceof Number n ? n.intValue() : 0;
    }

    static boolean yes(Map<?, ?> document, String field) {
        return Boolean.TRUE.equals(document.get(field));
    }

    static List<?> list(Map<?, ?> document, String field) {
        return document.get(field) instanceof List<?> found ? found : List.of();
    }

    static Map<?, ?> map(@Nullable Object document, String field) {
        return document instanceof Map<?, ?> parent && parent.get(field) instanceof Map<?, ?> found
                ? found
                : Map.of();
    }

    static Object value(Map<?, ?> document, String field) {
        Object found = document.get(field);
        if (found == null) {
            throw new IllegalStateException("the ledger's version has no " + field);
        }
        return found;
    }
}
