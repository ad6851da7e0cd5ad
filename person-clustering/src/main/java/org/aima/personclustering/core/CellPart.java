package org.aima.personclustering.core;

/**
 * The vectors of one block that live in one cell.
 *
 * @param addresses {@link VectorBlock#address} of each, ascending
 * @param vectors beside them, one after another
 */
public record CellPart(String space, int cell, int dimension, int[] addresses, float[] vectors) {}
