package org.aima.personclustering.core;

/**
 * The centres of a space's cells.
 *
 * @param count number of cells
 * @param centres unit vectors, one after another
 * @param strangers similarities of random pairs of the sample
 */
public record CellCentres(
        String space, int dimension, int count, float[] centres, ImpostorCalibration strangers) {}
