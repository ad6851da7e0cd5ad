package org.aima.operate.world;

import java.util.Locale;

/** Ways in which a generated row is broken, and whether a person can still be found for it. */
enum PoisonKind {
    WRONG_DIMENSION,
    EMPTY_VECTOR,
    NULL_VECTOR,
    NAN,
    INFINITE,
    ZERO_VECTOR,
    MISSING_ID,
    DUPLICATE_ID,
    /** Awkward, not broken: it must survive. */
    QUOTED_ID,
    MISSING_RESULT,
    WRONG_TYPE,
    OVERSIZED_DOCUMENT;

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    boolean survives() {
        return this == QUOTED_ID;
    }
}
