package org.aima.dossier.core;

/**
 * What becomes of a dossier.
 *
 * @param kind what to do
 * @param documentId BSON of {@code {_id: …}}
 * @param version of the stored content that was compared, 0 when nothing was ever published
 * @param mediaItems BSON of {@code {media_items: …}} as the content was computed from
 * @param content BSON of {@code {persons, events, aggregation}}, the machine's part; empty when
 *     nothing changes
 * @param before BSON of the stored {@code {persons, events, aggregation, last_updated}}, where a
 *     field that was missing is missing
 * @param pageIds pages the content refers to
 * @param change what changes, for people
 */
public record DossierWrite(
        Kind kind,
        String dossierId,
        byte[] documentId,
        long version,
        String fingerprint,
        byte[] mediaItems,
        byte[] content,
        byte[] before,
        String[] pageIds,
        DossierChange change) {

    /** Kinds of change. */
    public enum Kind {
        PUBLISH,
        UNCHANGED
    }
}
