package org.aima.dossier.core;

import org.jspecify.annotations.Nullable;

/** What a medium contributes to one dossier: an item's part, or its share of the metadata. */
public record DossierPart(String dossierId, @Nullable ItemPart item, @Nullable MediumPart medium) {

    /** The key of the item this is a part of. */
    public String itemKey() {
        return item == null ? dossierId : ItemInput.key(dossierId, item.kind(), item.subject());
    }
}
