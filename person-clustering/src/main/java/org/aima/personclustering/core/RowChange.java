package org.aima.personclustering.core;

/**
 * A row of an embedding collection and the person it must carry; unchanged when it already does.
 */
public record RowChange(
        String collection,
        String partition,
        String embeddingId,
        String personId,
        boolean changed,
        boolean moved) {}
