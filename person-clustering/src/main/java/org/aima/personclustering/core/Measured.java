package org.aima.personclustering.core;

/**
 * What a batch measured in a space.
 *
 * @param vectors how many it linked
 */
public record Measured(ImpostorCalibration calibration, int vectors) {}
