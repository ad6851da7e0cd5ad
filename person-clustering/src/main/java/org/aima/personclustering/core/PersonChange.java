package org.aima.personclustering.core;

/**
 * A person's document was written.
 *
 * @param created whether it is new
 * @param mediaIds media of the embeddings that joined, distinct and sorted
 */
public record PersonChange(String personId, boolean created, String[] mediaIds, long atMillis) {}
