package org.aima.personclustering.core;

import org.jspecify.annotations.Nullable;

/**
 * The centres of a space's cells.
 *
 * @param count number of cells
 * @param centres unit vectors, one after another
 * @param strangers similarities of random pairs of the sample; null when they are too few
 */
public record CellCentres(
        String space,
        int dimension,
        int count,
        float[] centres,
        @Nullable ImpostorCalibration strangers) {}
