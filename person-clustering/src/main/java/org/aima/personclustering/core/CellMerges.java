package org.aima.personclustering.core;

/**
 * Vectors of one cell that were linked by looking at that cell alone.
 *
 * @param into {@link VectorBlock#address} of the vector that stands for a cluster
 * @param from beside it, the address of another of its members
 */
public record CellMerges(String space, int cell, int[] into, int[] from) {}
