package org.aima.personclustering.core;

/** An embedding without its vector: all that a person document is made of. */
public record Member(
        String collection,
        String partition,
        String embeddingId,
        String personId,
        String mediaId,
        String resultId,
        double confidence,
        boolean hasTimeRange,
        double startSeconds,
        double endSeconds,
        double estimatedAge,
        String gender,
        double genderConfidence,
        String[] clothing,
        String[] features) {

    /** Unique over both modalities. */
    public String key() {
        return collection + "/" + embeddingId;
    }
}
