package org.aima.personclustering.core;

import java.util.Arrays;

/** Lists of the k most similar addresses, one a row, filled in any order. */
final class NearestLists {
    private final int k;
    private final int[] addresses;
    private final float[] similarities;
    private final int[] sizes;

    NearestLists(int rows, int k) {
        this.k = k;
        this.addresses = new int[rows * k];
        this.similarities = new float[rows * k];
        this.sizes = new int[rows];
        Arrays.fill(addresses, -1);
    }

    /** The least similarity that may still enter a row's list. */
    float worst(int row) {
        return sizes[row] < k ? Float.NEGATIVE_INFINITY : similarities[row * k + k - 1];
    }

    // Insertion into a short sorted list: k is small and most candidates fall at the end.
    void offer(int row, int address, float similarity) {
        int base = row * k;
        int size = sizes[row];
        int at = base + Math.min(size, k - 1);
        if (size == k && !better(similarity, address, similarities[at], addresses[at])) {
            return;
        }
        while (at > base && better(similarity, address, similarities[at - 1], addresses[at - 1])) {
            similarities[at] = similarities[at - 1];
            addresses[at] = addresses[at - 1];
            at--;
        }
        similarities[at] = similarity;
        addresses[at] = address;
        if (size < k) {
            sizes[row] = size + 1;
        }
    }

    private static boolean better(float similarity, int address, float than, int thanAddress) {
        return similarity > than || (similarity == than && address < thanAddress);
    }

    int[] addresses() {
        return addresses;
    }

    float[] similarities() {
        return similarities;
    }
}
