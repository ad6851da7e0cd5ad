package org.aima.dossier.core;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * An item of a dossier with its parts in order of medium.
 *
 * @param parts at least one; one for each medium
 */
public record DossierItem(ItemSums sums, ItemPart[] parts) {

    public static DossierItem of(String dossierId, List<ItemPart> parts) {
        ItemPart[] sorted = parts.toArray(ItemPart[]::new);
        Arrays.sort(sorted, Comparator.comparing(ItemPart::mediaId));
        ItemSums sums = ItemSums.nothing(dossierId, sorted[0].kind(), sorted[0].subject());
        for (ItemPart part : sorted) {
            sums = sums.plus(part);
        }
        return new DossierItem(sums, sorted);
    }
}
