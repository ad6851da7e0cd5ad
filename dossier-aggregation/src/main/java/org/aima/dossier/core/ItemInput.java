package org.aima.dossier.core;

import org.jspecify.annotations.Nullable;

/** An item of a dossier, or the verdict on it. */
public record ItemInput(String key, @Nullable DossierItem item, @Nullable Verdict verdict) {

    public static ItemInput of(DossierItem item) {
        ItemSums sums = item.sums();
        return new ItemInput(key(sums.dossierId(), sums.kind(), sums.subject()), item, null);
    }

    public static ItemInput of(Verdict verdict) {
        return new ItemInput(
                key(verdict.dossierId(), verdict.kind(), verdict.subject()), null, verdict);
    }

    static String key(String dossierId, ItemKind kind, String subject) {
        return dossierId + '\0' + kind.ordinal() + '\0' + subject;
    }
}
