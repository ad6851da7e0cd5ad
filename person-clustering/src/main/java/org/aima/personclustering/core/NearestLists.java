package org.aima.personclustering.core;

import java.util.Arrays;

/**
 * Lists of the k most similar addresses, one a row, filled in any order; of equal similarities the
 * smaller address comes first.
 *
 * <p>A list has room for twice k and is cut back to the best k when it is full, so that an offer
 * costs a constant on average and not a shift of the list. Memory: 16 k bytes a row.
 */
final class NearestLists {
    private static final long LOW = 0xFFFFFFFFL;

    private final int k;
    private final int room;
    private final long[] held;
    private final int[] sizes;
    private final float[] worst;

    NearestLists(int rows, int k) {
        this.k = k;
        this.room = 2 * k;
        this.held = new long[rows * room];
        this.sizes = new int[rows];
        this.worst = new float[rows];
        Arrays.fill(worst, Float.NEGATIVE_INFINITY);
    }

    /** A similarity below which nothing can enter a row's list any more. */
    float worst(int row) {
        return worst[row];
    }

    void offer(int row, int address, float similarity) {
        if (similarity < worst[row]) {
            return;
        }
        int base = row * room;
        held[base + sizes[row]++] = key(similarity, address);
        if (sizes[row] == room) {
            select(base, base + room - 1, base + k - 1);
            sizes[row] = k;
            worst[row] = similarity(held[base + k - 1]);
        }
    }

    // Keys ascend with similarity and, among equals, descend with the address.
    private static long key(float similarity, int address) {
        int bits = Float.floatToIntBits(similarity);
        int ordered = bits ^ (bits >> 31 & Integer.MAX_VALUE);
        return (long) ordered << 32 | ~(address ^ Integer.MIN_VALUE) & LOW;
    }

    private static float similarity(long key) {
        int ordered = (int) (key >> 32);
        return Float.intBitsToFloat(ordered ^ (ordered >> 31 & Integer.MAX_VALUE));
    }

    private static int address(long key) {
        return ~(int) key ^ Integer.MIN_VALUE;
    }

    /** Quickselect, descending: what stands at {@code at} afterwards has no larger one behind. */
    private void select(int from, int to, int at) {
        int low = from;
        int high = to;
        while (low < high) {
            long pivot = median(held[low], held[low + high >>> 1], held[high]);
            int i = low;
            int j = high;
            while (i <= j) {
                while (held[i] > pivot) {
                    i++;
                }
                while (held[j] < pivot) {
                    j--;
                }
                if (i <= j) {
                    long swapped = held[i];
                    held[i++] = held[j];
                    held[j--] = swapped;
                }
            }
            if (at <= j) {
                high = j;
            } else if (at >= i) {
                low = i;
            } else {
                return;
            }
        }
    }

    private static long median(long a, long b, long c) {
        return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    }

    /** {@code rows * k} addresses, most similar first, padded with -1. */
    int[] addresses() {
        int[] addresses = new int[sizes.length * k];
        Arrays.fill(addresses, -1);
        for (int row = 0; row < sizes.length; row++) {
            int best = sort(row);
            for (int i = 0; i < Math.min(k, sizes[row]); i++) {
                addresses[row * k + i] = address(held[best - i]);
            }
        }
        return addresses;
    }

    /** Similarities beside the addresses. */
    float[] similarities() {
        float[] similarities = new float[sizes.length * k];
        for (int row = 0; row < sizes.length; row++) {
            int best = sort(row);
            for (int i = 0; i < Math.min(k, sizes[row]); i++) {
                similarities[row * k + i] = similarity(held[best - i]);
            }
        }
        return similarities;
    }

    /**
     * Where a row's best stands; the others are before it, descending. In place, so that a second
     * call finds them in order.
     */
    private int sort(int row) {
        int base = row * room;
        Arrays.sort(held, base, base + sizes[row]);
        return base + sizes[row] - 1;
    }
}
