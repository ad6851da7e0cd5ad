package org.aima.dossier.core;

import org.aima.jobs.model.BsonBytes;
import org.jspecify.annotations.Nullable;

/**
 * What the ranking of a dossier's items needs.
 *
 * @param room see {@link DossierComposer#room}; -1 when this is not about the dossier itself
 */
public record RankInput(
        String dossierId, @Nullable ItemSums item, @Nullable MediumPart medium, long room) {

    public static RankInput of(ItemSums item) {
        return new RankInput(item.dossierId(), item, null, -1);
    }

    public static RankInput of(String dossierId, MediumPart medium) {
        return new RankInput(dossierId, null, medium, -1);
    }

    public static RankInput of(StoredDossier dossier) {
        return new RankInput(
                dossier.dossierId(),
                null,
                null,
                DossierComposer.room(BsonBytes.decode(dossier.document())));
    }
}
