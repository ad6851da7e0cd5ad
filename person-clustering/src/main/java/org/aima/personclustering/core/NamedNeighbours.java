package org.aima.personclustering.core;

/**
 * Neighbours of some vectors as a store's index names them.
 *
 * @param ids whose neighbours these are
 * @param k neighbours of each; missing ones are empty
 * @param neighbours {@code ids * k} ids
 */
public record NamedNeighbours(String space, String[] ids, int k, String[] neighbours) {}
