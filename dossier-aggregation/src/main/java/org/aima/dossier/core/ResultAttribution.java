package org.aima.dossier.core;

import org.jspecify.annotations.Nullable;

/** Decides what one result id stands for when several documents speak of it. */
public final class ResultAttribution {
    private ResultAttribution() {}

    /** Of two live documents with one id the one that holds, whatever the order. */
    public static Detection first(Detection a, Detection b) {
        return order(a).compareTo(order(b)) <= 0 ? a : b;
    }

    private static String order(Detection d) {
        return d.mediaId() + '\0' + d.type() + '\0' + d.archive() + '\0' + d.startMillis();
    }

    /** Of two persons that list a result the one it counts for. */
    public static String person(@Nullable String a, String b) {
        return a == null || b.compareTo(a) < 0 ? b : a;
    }

    /**
     * The result with its person; a live document wins over what the archive says, as while a
     * result is being archived or restored both exist.
     */
    public static @Nullable Detection resolve(
            @Nullable Detection live, @Nullable Detection archived, @Nullable String person) {
        Detection holds = live == null ? archived : live;
        return holds == null || person == null ? holds : holds.of(person);
    }
}
