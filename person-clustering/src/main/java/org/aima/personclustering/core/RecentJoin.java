package org.aima.personclustering.core;

/**
 * A decision that the stores may not show yet.
 *
 * @param weak of too low quality to be part of the person's sum
 */
public record RecentJoin(
        String embeddingId,
        String personId,
        float[] vector,
        Sighting sighting,
        boolean weak,
        long decidedMillis) {}
