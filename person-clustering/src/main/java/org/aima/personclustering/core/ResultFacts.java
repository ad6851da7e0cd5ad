package org.aima.personclustering.core;

/**
 * What clustering needs of an analysis result.
 *
 * @param problem empty, or the reason word why the result cannot be used
 * @param problemDetail what was seen
 * @param hasTimeRange whether start and end are set
 * @param sighting the picture it comes from
 * @param estimatedAge years, NaN when unknown
 * @param gender empty when unknown
 * @param genderConfidence 0 to 1
 */
public record ResultFacts(
        String resultId,
        String problem,
        String problemDetail,
        String model,
        String mediaId,
        boolean hasTimeRange,
        double startSeconds,
        double endSeconds,
        double confidence,
        Sighting sighting,
        double estimatedAge,
        String gender,
        double genderConfidence,
        String[] clothing,
        String[] features) {}
