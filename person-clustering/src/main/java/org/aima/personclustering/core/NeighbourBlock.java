package org.aima.personclustering.core;

/**
 * The nearest neighbours of every row of a block, most similar first.
 *
 * @param k neighbours a row; rows with fewer are padded with address -1
 * @param addresses {@code rows * k} addresses, see {@link VectorBlock#address}
 * @param similarities cosines beside them
 */
public record NeighbourBlock(
        String space, int block, int k, int[] addresses, float[] similarities) {}
