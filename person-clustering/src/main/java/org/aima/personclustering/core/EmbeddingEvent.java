package org.aima.personclustering.core;

/**
 * An event of a new embedding as it was read.
 *
 * @param source topic, partition and offset
 * @param writtenMillis when it was written, epoch milliseconds
 */
public record EmbeddingEvent(String source, long writtenMillis, byte[] value) {}
