package org.aima.stores.milvus;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.aima.stores.RowFilter;
import org.aima.stores.paging.KeyRange;

/** The only place where Milvus filter text is made; every value in it is quoted here. */
public final class MilvusFilters {
    private MilvusFilters() {}

    /**
     * A string literal of the filter language. Backslash, quote and control characters are escaped;
     * everything else stays as it is.
     *
     * @throws IllegalArgumentException for lone surrogates, which no literal can carry
     */
    public static String quote(String value) {
        StringBuilder out = new StringBuilder(value.length() + 2).append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (Character.isHighSurrogate(c)
                    && i + 1 < value.length()
                    && Character.isLowSurrogate(value.charAt(i + 1))) {
                out.append(c).append(value.charAt(++i));
                continue;
            }
            if (Character.isSurrogate(c)) {
                throw new IllegalArgumentException(
                        "a filter cannot carry the character U+%04X".formatted((int) c));
            }
            switch (c) {
                case '\\' -> out.append("\\\\");
                case '"' -> out.append("\\\"");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < 0x20 || c == 0x7f) {
                        out.append("\\x%02x".formatted((int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        return out.append('"').toString();
    }

    /** {@code field > after and field <= upTo}, or a filter that every key passes. */
    public static String range(String field, KeyRange range) {
        List<String> terms = new ArrayList<>();
        String after = range.after();
        if (after != null) {
            terms.add(field + " > " + quote(after));
        }
        String upTo = range.upTo();
        if (upTo != null) {
            terms.add(field + " <= " + quote(upTo));
        }
        return terms.isEmpty() ? field + " >= \"\"" : String.join(" and ", terms);
    }

    /** The terms of a filter joined by {@code and}; the empty text when there are none. */
    public static String all(RowFilter filter) {
        return filter.terms().stream()
                .map(
                        term ->
                                term.field()
                                        + switch (term.comparison()) {
                                            case EQUAL -> " == ";
                                            case AT_LEAST -> " >= ";
                                            case BELOW -> " < ";
                                        }
                                        + (term.value() instanceof String text
                                                ? quote(text)
                                                : term.value().toString()))
                .collect(Collectors.joining(" and "));
    }

    /** {@code field in [...]}. */
    public static String in(String field, List<String> values) {
        return field
                + " in ["
                + values.stream().map(MilvusFilters::quote).collect(Collectors.joining(", "))
                + "]";
    }
}
