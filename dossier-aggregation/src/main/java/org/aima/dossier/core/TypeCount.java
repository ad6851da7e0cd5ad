package org.aima.dossier.core;

/**
 * The results of one analysis type.
 *
 * @param confidenceSum in millionths, as minimum and maximum
 */
public record TypeCount(
        String type,
        long results,
        long archived,
        long confidences,
        long confidenceSum,
        long confidenceMin,
        long confidenceMax) {

    TypeCount plus(TypeCount other) {
        return new TypeCount(
                type,
                results + other.results,
                archived + other.archived,
                confidences + other.confidences,
                confidenceSum + other.confidenceSum,
                Math.min(confidenceMin, other.confidenceMin),
                Math.max(confidenceMax, other.confidenceMax));
    }
}
