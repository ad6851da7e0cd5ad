package org.aima.stores;

/**
 * A row that a search found.
 *
 * @param score as the index's metric gives it: larger is nearer for COSINE and IP, smaller for L2
 */
public record Neighbour(String id, float score) {}
