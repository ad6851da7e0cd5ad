package org.aima.personclustering.core;

/**
 * The vectors of one block that live in one cell.
 *
 * @param addresses {@link VectorBlock#address} of each, ascending
 * @param vectors beside them, one after another
 * @param frames {@link Sighting#frame} of each
 * @param boxes {@link Sighting#box} of each, one after another
 * @param quality {@link Observation#quality} of each
 */
public record CellPart(
        String space,
        int cell,
        int dimension,
        int[] addresses,
        float[] vectors,
        long[] frames,
        float[] boxes,
        float[] quality) {}
