package org.aima.personclustering.core;

/**
 * A usable embedding joined with its result; the vector has unit length.
 *
 * @param space modality and model: only vectors of one space are ever compared
 * @param quality the lower of the row's and the result's confidence
 */
public record Observation(
        String space, float[] vector, Member member, Sighting sighting, float quality) {}
