package org.aima.personclustering.core;

/**
 * A usable embedding joined with its result; the vector has unit length.
 *
 * @param space modality and model: only vectors of one space are ever compared
 */
public record Observation(String space, float[] vector, Member member, Sighting sighting) {}
