package org.aima.personclustering.core;

/**
 * What people decided about embeddings, resolved to {@link Member#key() member keys}.
 *
 * @param source the person or constraint it comes from, for the report
 * @param a members of one side
 * @param b members of the other side; for {@link Kind#CONFIRMED} empty
 */
public record LinkRule(Kind kind, String source, String[] a, String[] b) {

    /** Kinds of decision. */
    public enum Kind {
        /** All of {@code a} are the confirmed person {@code source}, and nobody else's are. */
        CONFIRMED,
        /** {@code a} and {@code b} are one person. */
        TOGETHER,
        /** No member of {@code a} is the same person as one of {@code b}. */
        APART
    }
}
