package org.aima.dossier.core;

/**
 * An item of a dossier added up over its media, without the time ranges themselves.
 *
 * @param media in how many media it is
 * @param references how many time ranges it has, see {@link ItemPart#references}
 */
public record ItemSums(
        String dossierId,
        ItemKind kind,
        String subject,
        long media,
        long references,
        long extentMillis,
        long screenMillis,
        long speechMillis,
        long results,
        long archived,
        long confidences,
        long confidenceSum,
        long prominences,
        long prominenceSum) {

    static ItemSums nothing(String dossierId, ItemKind kind, String subject) {
        return new ItemSums(dossierId, kind, subject, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    ItemSums plus(ItemPart part) {
        return new ItemSums(
                dossierId,
                kind,
                subject,
                media + 1,
                references + part.references(),
                extentMillis + part.extentMillis(),
                screenMillis + part.screenMillis(),
                speechMillis + part.speechMillis(),
                results + part.results(),
                archived + part.archived(),
                confidences + part.confidences(),
                confidenceSum + part.confidenceSum(),
                prominences + part.prominences(),
                prominenceSum + part.prominenceSum());
    }
}
