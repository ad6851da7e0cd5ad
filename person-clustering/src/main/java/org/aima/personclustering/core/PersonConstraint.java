package org.aima.personclustering.core;

/**
 * A decision of people, as {@code person_constraints} holds it.
 *
 * @param id of the document, for the report
 * @param kind {@code must-link} or {@code cannot-link}
 * @param a an embedding ({@code embedding_id}, or with its collection in front) or a person
 * @param b the other side
 */
public record PersonConstraint(String id, String kind, String a, String b) {
    public static final String MUST_LINK = "must-link";
    public static final String CANNOT_LINK = "cannot-link";

    /** Whether it names a known kind and both sides. */
    public boolean usable() {
        return (kind.equals(MUST_LINK) || kind.equals(CANNOT_LINK)) && !a.isEmpty() && !b.isEmpty();
    }
}
