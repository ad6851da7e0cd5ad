package org.aima.personclustering.function;

import java.util.Optional;
import org.aima.personclustering.core.EmbeddingValidator;
import org.aima.personclustering.core.StoredEmbedding;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/** Passes embeddings that can be clustered; the others become dead letters. */
public final class ValidateEmbeddings extends ProcessFunction<StoredEmbedding, StoredEmbedding> {
    private static final long serialVersionUID = 1L;

    @Override
    public void processElement(
            StoredEmbedding embedding, Context context, Collector<StoredEmbedding> out) {
        Optional<EmbeddingValidator.Problem> problem = EmbeddingValidator.check(embedding);
        if (problem.isPresent()) {
            context.output(
                    ObservationJoin.REJECTS,
                    ObservationJoin.reject(
                            embedding, problem.get().reason(), problem.get().detail()));
        } else {
            out.collect(embedding);
        }
    }
}
