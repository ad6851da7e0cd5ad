package org.aima.personclustering.core;

/**
 * One change of a person document.
 *
 * @param kind what to do
 * @param documentId BSON of {@code {_id: …}}
 * @param set BSON of the fields to set; empty for a deletion
 * @param setOnInsert BSON of the fields only a new document gets
 * @param before BSON of the stored document that is changed or deleted; empty for a new one
 * @param mergedInto for a deletion the person that takes its place
 * @param splitFrom for a new person the one whose members it takes over, empty when there is none
 */
public record PersonWrite(
        Kind kind,
        String personId,
        byte[] documentId,
        byte[] set,
        byte[] setOnInsert,
        byte[] before,
        String mergedInto,
        String splitFrom,
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
