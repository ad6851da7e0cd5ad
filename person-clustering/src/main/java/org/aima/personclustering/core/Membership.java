package org.aima.personclustering.core;

/**
 * An embedding's cluster, before identities are matched.
 *
 * @param cluster unique over all spaces: space and smallest member id
 * @param similarity cosine with the cluster's mean direction
 */
public record Membership(
        String space, String collection, String embeddingId, String cluster, double similarity) {

    /** As {@link Member#key()}. */
    public String key() {
        return collection + "/" + embeddingId;
    }
}
