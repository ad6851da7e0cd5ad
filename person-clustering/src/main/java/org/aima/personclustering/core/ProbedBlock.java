package org.aima.personclustering.core;

import org.jspecify.annotations.Nullable;

/**
 * A block of vectors and the cells in which their neighbours are looked for.
 *
 * @param probes cells a row; 0 when every vector is compared with every other
 * @param cells {@code rows * probes} cells, nearest first: a row lives in its first one
 * @param audited rows whose neighbours are also found exactly, to measure recall
 * @param strangers similarities of random pairs of the space; null when there are no cells, or too
 *     few pairs
 */
public record ProbedBlock(
        VectorBlock block,
        int probes,
        int[] cells,
        int[] audited,
        @Nullable ImpostorCalibration strangers) {

    /** A block that is compared with all others. */
    public static ProbedBlock exact(VectorBlock block) {
        return new ProbedBlock(block, 0, new int[0], new int[0], null);
    }

    public boolean exact() {
        return probes == 0;
    }
}
