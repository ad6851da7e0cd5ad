package org.aima.dossier.core;

/**
 * A listed item, written out.
 *
 * @param event whether it belongs to the events, else to the persons
 * @param entry BSON of its entry in the dossier's document, empty when it is on pages as a whole
 */
public record Section(
        String dossierId,
        boolean event,
        int rank,
        byte[] entry,
        String[] pageIds,
        AppearancePage[] pages) {

    /** Without the content of its pages, once that is stored. */
    public Section withoutPages() {
        return new Section(dossierId, event, rank, entry, pageIds, new AppearancePage[0]);
    }
}
