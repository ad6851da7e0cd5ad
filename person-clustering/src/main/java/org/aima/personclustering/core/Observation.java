package org.aima.personclustering.core;

/**
 * A usable embedding joined with its result; the vector has unit length.
 *
 * @param space modality and model: only vectors of one space are ever compared
 * @param quality the lower of the row's and the result's confidence
 */
public record Observation(
        String space, float[] vector, Member member, Sighting sighting, float quality) {

    /** Joins a row that was checked with its result. */
    public static Observation of(StoredEmbedding embedding, ResultFacts facts) {
        Modality modality = Modality.ofCollection(embedding.collection());
        return new Observation(
                modality.collection() + "/" + facts.model(),
                EmbeddingValidator.unit(embedding.vector()),
                new Member(
                        embedding.collection(),
                        embedding.partition(),
                        embedding.embeddingId(),
                        embedding.personId(),
                        facts.mediaId(),
                        facts.resultId(),
                        facts.confidence(),
                        facts.hasTimeRange(),
                        facts.startSeconds(),
                        facts.endSeconds(),
                        facts.estimatedAge(),
                        facts.gender(),
                        facts.genderConfidence(),
                        facts.clothing(),
                        facts.features()),
                facts.sighting(),
                (float) Math.min(embedding.confidence(), facts.confidence()));
    }
}
