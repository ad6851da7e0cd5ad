package org.aima.personclustering.core;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Decides whether an embedding can be clustered, and brings it to unit length. */
public final class EmbeddingValidator {
    // Below this a direction is rounding noise: components of float vectors carry about 1e-7.
    private static final double MIN_NORM = 1e-6;

    private EmbeddingValidator() {}

    /**
     * Why an embedding is refused.
     *
     * @param reason a fixed word
     */
    public record Problem(String reason, String detail) {}

    /** The first problem of an embedding, if it has one. */
    public static Optional<Problem> check(StoredEmbedding embedding) {
        if (embedding.embeddingId().isEmpty()) {
            return problem("missing_id", "embedding_id is empty");
        }
        float @Nullable [] vector = embedding.vector();
        if (vector == null) {
            return problem("null_vector", "embedding is null");
        }
        if (vector.length == 0) {
            return problem("empty_vector", "embedding has no components");
        }
        if (vector.length != embedding.dimension()) {
            return problem(
                    "wrong_dimension",
                    "embedding has "
                            + vector.length
                            + " components, its collection "
                            + embedding.dimension());
        }
        for (int i = 0; i < vector.length; i++) {
            if (Float.isNaN(vector[i])) {
                return problem("nan", "component " + i + " is NaN");
            }
            if (Float.isInfinite(vector[i])) {
                return problem("infinite", "component " + i + " is " + vector[i]);
            }
        }
        if (norm(vector) < MIN_NORM) {
            return problem("zero_vector", "the vector has no direction: its length is 0");
        }
        if (embedding.resultId().isEmpty()) {
            return problem("missing_result_id", "result_id is empty");
        }
        return Optional.empty();
    }

    /** The vector scaled to length 1, in double arithmetic and then rounded once. */
    public static float[] unit(float[] vector) {
        double norm = norm(vector);
        float[] unit = new float[vector.length];
        for (int i = 0; i < vector.length; i++) {
            unit[i] = (float) (vector[i] / norm);
        }
        return unit;
    }

    private static double norm(float[] vector) {
        double sum = 0;
        for (float component : vector) {
            sum += (double) component * component;
        }
        return Math.sqrt(sum);
    }

    private static Optional<Problem> problem(String reason, String detail) {
        return Optional.of(new Problem(reason, detail));
    }
}
