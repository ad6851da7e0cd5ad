package org.aima.personclustering.core;

/**
 * What matching decided about an existing person.
 *
 * @param mergedInto the person that takes its place, empty when it lives on
 * @param unseenMembers keys it listed that were not read in this run and nobody else took
 */
public record PersonFate(String personId, String mergedInto, String[] unseenMembers) {}
