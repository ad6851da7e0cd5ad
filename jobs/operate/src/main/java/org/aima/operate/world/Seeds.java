package org.aima.operate.world;

import java.util.SplittableRandom;

/** Everything random follows from the seed, a purpose and an index: no order of calls matters. */
final class Seeds {
    private static final long GOLDEN = 0x9e3779b97f4a7c15L;

    private final long seed;

    Seeds(long seed) {
        this.seed = seed;
    }

    long mix(Purpose purpose, long index) {
        return scramble(scramble(seed + GOLDEN * (purpose.ordinal() + 1)) ^ scramble(index));
    }

    SplittableRandom random(Purpose purpose, long index) {
        return new SplittableRandom(mix(purpose, index));
    }

    private static long scramble(long z) {
        z += GOLDEN;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    /** What a random number is for. */
    enum Purpose {
        BASIS,
        PERSON,
        LOBE,
        TRACK,
        FRAME,
        MEDIUM,
        MEDIUM_ID,
        DOCUMENT_ID,
        RESULT_ID,
        EMBEDDING_ID,
        JOB_ID,
        SCENES,
        TRAITS,
        DETECTED_TRAITS,
        FILLER,
        DOSSIER,
        POISON,
        BANK
    }
}
