package org.aima.dossier.core;

/**
 * A reason to look at a dossier.
 *
 * @param atMillis when it was told, epoch milliseconds
 */
public record DossierTouch(String dossierId, Cause cause, long atMillis) {

    /** Kinds of reasons. */
    public enum Cause {
        CHANGE,
        AUDIT
    }
}
