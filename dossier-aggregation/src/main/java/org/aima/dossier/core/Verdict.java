package org.aima.dossier.core;

/**
 * Where an item stands in its dossier, decided from the sums of all items.
 *
 * @param rank from 0, among persons or among events
 * @param embedded how many of its time ranges are in the dossier's document; -1 when the item is on
 *     pages as a whole
 * @param screenOfAll what {@link DossierFormulas#relevance} needs of the dossier
 */
public record Verdict(
        String dossierId,
        ItemKind kind,
        String subject,
        int rank,
        long embedded,
        long screenOfAll,
        long speechOfAll,
        long listedMedia) {}
