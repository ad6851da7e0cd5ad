package org.aima.dossier.core;

import org.jspecify.annotations.Nullable;

/** Something known about a medium: a facet of it, its document, or a dossier that lists it. */
public record MediumInput(
        String mediaId,
        @Nullable Facet facet,
        @Nullable MediumInfo info,
        @Nullable String dossierId) {

    public static MediumInput of(Facet facet) {
        return new MediumInput(facet.mediaId(), facet, null, null);
    }

    public static MediumInput of(MediumInfo info) {
        return new MediumInput(info.mediaId(), null, info, null);
    }
}
