package org.aima.stores;

import java.util.List;

/** Conditions on scalar fields that all hold; without any, every row passes. */
public record RowFilter(List<Term> terms) {

    public RowFilter {
        terms = List.copyOf(terms);
    }

    public static RowFilter of(Term... terms) {
        return new RowFilter(List.of(terms));
    }

    /** How a field is compared. */
    public enum Comparison {
        EQUAL,
        AT_LEAST,
        BELOW
    }

    /**
     * One condition.
     *
     * @param value String, Long, Integer, Float, Double or Boolean, as the field's type
     */
    public record Term(String field, Comparison comparison, Object value) {}
}
