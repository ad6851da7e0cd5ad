package org.aima.personclustering.core;

/**
 * The decision that an embedding is a person's.
 *
 * @param created whether the person is this stream's and may not be stored yet
 * @param similarity cosine with the mean of the person's vectors
 * @param arrivedMillis when the embedding's event was written, epoch milliseconds
 */
public record PersonJoin(
        String personId,
        boolean created,
        double similarity,
        Member member,
        long arrivedMillis,
        long decidedMillis) {}
