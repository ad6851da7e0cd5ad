package org.aima.personclustering.core;

/**
 * A person document as read.
 *
 * @param memberKeys {@link Member#key() keys} of the embeddings it lists
 * @param document its BSON
 */
public record ExistingPerson(
        String personId, boolean confirmed, String[] memberKeys, byte[] document) {}
