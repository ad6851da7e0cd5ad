package org.aima.personclustering.core;

import java.util.Arrays;

/**
 * Distinct pairs of indexes with their similarity, in one long each; grows as needed.
 *
 * <p>Both indexes and a similarity share 63 bits: for a million vectors 20 and 20, which leaves 23
 * for the similarity, a resolution of 2.4e-7. Of a pair added twice the larger similarity is kept.
 */
final class PairList {
    private static final int USABLE_BITS = 63;
    private static final int FEWEST_SIMILARITY_BITS = 12;
    // More would not survive the way through double.
    private static final int MOST_SIMILARITY_BITS = 30;
    private static final int FIRST_CAPACITY = 1024;

    private final int indexBits;
    private final int similarityBits;
    private final long steps;
    private long[] pairs = new long[FIRST_CAPACITY];
    private int size;
    private boolean distinct = true;

    /**
     * @param vectors number of indexes, at most 2^25
     */
    PairList(int vectors) {
        this.indexBits = Math.max(1, Integer.SIZE - Integer.numberOfLeadingZeros(vectors));
        this.similarityBits = Math.min(MOST_SIMILARITY_BITS, USABLE_BITS - 2 * indexBits);
        if (similarityBits < FEWEST_SIMILARITY_BITS) {
            throw new IllegalArgumentException(
                    "a space of " + vectors + " vectors is too large to be linked in one task");
        }
        this.steps = (1L << similarityBits) - 1;
    }

    void add(int a, int b, double similarity) {
        if (size == pairs.length) {
            makeDistinct();
            if (size > pairs.length / 4 * 3) {
                pairs = Arrays.copyOf(pairs, pairs.length + pairs.length / 2);
            }
        }
        // Reversed, so that the larger similarity of a pair comes first.
        long rank = steps - Math.round((Math.max(-1, Math.min(1, similarity)) + 1) / 2 * steps);
        pairs[size++] =
                ((long) Math.min(a, b) << indexBits | Math.max(a, b)) << similarityBits | rank;
        distinct = false;
    }

    /** Sorts the pairs and drops repeated ones; afterwards they are in order of their indexes. */
    void makeDistinct() {
        if (distinct) {
            return;
        }
        Arrays.sort(pairs, 0, size);
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (kept == 0 || pairs[i] >>> similarityBits != pairs[kept - 1] >>> similarityBits) {
                pairs[kept++] = pairs[i];
            }
        }
        size = kept;
        distinct = true;
    }

    int size() {
        return size;
    }

    int left(int at) {
        return (int) (pairs[at] >>> similarityBits + indexBits);
    }

    int right(int at) {
        return (int) (pairs[at] >>> similarityBits & (1L << indexBits) - 1);
    }

    double similarity(int at) {
        return (double) (steps - (pairs[at] & steps)) / steps * 2 - 1;
    }

    /** Whether a pair is there; the pairs must be distinct. */
    boolean contains(int a, int b) {
        long key = (long) Math.min(a, b) << indexBits | Math.max(a, b);
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (pairs[middle] >>> similarityBits < key) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low < size && pairs[low] >>> similarityBits == key;
    }
}
