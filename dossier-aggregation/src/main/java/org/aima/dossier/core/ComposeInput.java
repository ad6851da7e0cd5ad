package org.aima.dossier.core;

import org.jspecify.annotations.Nullable;

/**
 * What a dossier's document is composed of.
 *
 * @param metadata BSON of {@link Ranking#metadata}
 */
public record ComposeInput(
        String dossierId,
        @Nullable StoredDossier dossier,
        byte @Nullable [] metadata,
        @Nullable Section section) {

    public static ComposeInput of(StoredDossier dossier) {
        return new ComposeInput(dossier.dossierId(), dossier, null, null);
    }

    public static ComposeInput of(Section section) {
        return new ComposeInput(section.dossierId(), null, null, section);
    }
}
