package org.aima.personclustering.core;

/**
 * The decision for one embedding.
 *
 * @param personId the person it belongs to from now on
 * @param similarity cosine of the embedding with its cluster's mean direction, -1 to 1
 */
public record Assignment(
        String collection, String embeddingId, String personId, double similarity) {

    public String key() {
        return collection + "/" + embeddingId;
    }
}
