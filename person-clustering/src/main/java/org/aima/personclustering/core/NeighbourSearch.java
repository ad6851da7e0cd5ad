package org.aima.personclustering.core;

import java.util.Arrays;

/**
 * Exact k nearest neighbours by cosine of the rows of one block, fed one block after another.
 *
 * <p>Ties are decided by the smaller address, so the order in which blocks arrive does not matter.
 * Cost: rows x compared rows x dimension multiply-adds in native sgemm, memory 8 k bytes a row.
 */
public final class NeighbourSearch {
    private static final int TILE_ROWS = 512;

    private final VectorBlock own;
    private final int k;
    private final int[] addresses;
    private final float[] similarities;
    private final int[] sizes;

    public NeighbourSearch(VectorBlock own, int k) {
        this.own = own;
        this.k = k;
        this.addresses = new int[own.rows() * k];
        this.similarities = new float[own.rows() * k];
        this.sizes = new int[own.rows()];
        Arrays.fill(addresses, -1);
    }

    /** Compares every own row with every row of another block (or of this one, itself left out). */
    public void compareWith(VectorBlock other, SimilarityKernel kernel) {
        kernel.load(other.vectors(), other.rows(), other.dimension());
        for (int start = 0; start < own.rows(); start += TILE_ROWS) {
            int rows = Math.min(TILE_ROWS, own.rows() - start);
            float[] tile = kernel.multiply(own.vectors(), start, rows);
            for (int row = 0; row < rows; row++) {
                offerRow(start + row, other, tile, row * other.rows());
            }
        }
    }

    private void offerRow(int row, VectorBlock other, float[] tile, int offset) {
        int self = other.block() == own.block() ? row : -1;
        int count = other.rows();
        float worst = worst(row);
        for (int column = 0; column < count; column++) {
            float similarity = tile[offset + column];
            if (similarity >= worst && column != self) {
                offer(row, VectorBlock.address(other.block(), column), similarity);
                worst = worst(row);
            }
        }
    }

    private float worst(int row) {
        return sizes[row] < k ? Float.NEGATIVE_INFINITY : similarities[row * k + k - 1];
    }

    // Insertion into a short sorted list: k is small and most candidates fall at the end.
    private void offer(int row, int address, float similarity) {
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

    public NeighbourBlock result() {
        return new NeighbourBlock(own.space(), own.block(), k, addresses, similarities);
    }
}
