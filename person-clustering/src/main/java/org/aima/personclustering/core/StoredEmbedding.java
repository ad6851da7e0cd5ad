package org.aima.personclustering.core;

/**
 * A row of an embedding collection as read.
 *
 * @param dimension of the collection's schema
 */
public record StoredEmbedding(
        String collection,
        String partition,
        String embeddingId,
        float[] vector,
        int dimension,
        String personId,
        String mediaId,
        String resultId,
        float confidence) {}
