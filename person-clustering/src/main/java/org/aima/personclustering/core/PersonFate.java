package org.aima.personclustering.core;

/**
 * What matching decided about a person.
 *
 * @param mergedInto the person that takes its place, empty when it lives on
 * @param splitFrom for a new person the one it was split from, empty otherwise
 * @param unseenMembers keys it listed that were not read in this run and nobody else took
 */
public record PersonFate(
        String personId, String mergedInto, String splitFrom, String[] unseenMembers) {}
