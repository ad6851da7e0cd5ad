package org.aima.personclustering.core;

/**
 * What became of an id, as {@code person_aliases} tells it.
 *
 * @param reason {@code merged}: the id ended; {@code split}: it goes on, and {@code newId} left it
 */
public record PersonAlias(String oldId, String newId, String reason) {
    public static final String MERGED = "merged";
    public static final String SPLIT = "split";
}
