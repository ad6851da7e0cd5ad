package org.aima.personclustering.core;

/**
 * A block of vectors and the cells in which their neighbours are looked for.
 *
 * @param probes cells a row; 0 when every vector is compared with every other
 * @param cells {@code rows * probes} cells, nearest first: a row lives in its first one
 * @param audited rows whose neighbours are also found exactly, to measure recall
 */
public record ProbedBlock(VectorBlock block, int probes, int[] cells, int[] audited) {

    public boolean exact() {
        return probes == 0;
    }
}
