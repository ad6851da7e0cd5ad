package org.aima.personclustering.core;

/**
 * One change of a person document.
 *
 * @param kind what to do
 * @param documentId BSON of {@code {_id: …}}
 * @param set BSON of the fields to set; empty for a deletion
 * @param setOnInsert BSON of the fields only a new document gets
 * @param mergedInto for a deletion the person that takes its place
 */
public record PersonWrite(
        Kind kind,
        String personId,
        byte[] documentId,
        byte[] set,
        byte[] setOnInsert,
        String mergedInto,
        int faces,
        int voices) {

    /** Kinds of change. */
    public enum Kind {
        CREATE,
        UPDATE,
        UNCHANGED,
        MERGE
    }
}
