package org.aima.personclustering.function;

import org.aima.jobs.model.Reject;
import org.aima.personclustering.core.Observation;
import org.aima.personclustering.core.ResultFacts;
import org.aima.personclustering.core.StoredEmbedding;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * Joins embeddings with their results by result id; what cannot be joined is rejected with a
 * reason.
 *
 * <p>Both sides wait for the end of the key: neither order of arrival is promised.
 */
public final class ObservationJoin
        extends KeyedCoProcessFunction<String, StoredEmbedding, ResultFacts, Observation> {
    public static final OutputTag<Reject> REJECTS =
            new OutputTag<>("rejects", TypeInformation.of(Reject.class));
    private static final long serialVersionUID = 1L;
    // Fires once all input of a key has been seen in batch execution.
    private static final long END_OF_KEY = Long.MAX_VALUE - 1;

    private transient @Nullable ListState<StoredEmbedding> embeddings;
    private transient @Nullable ValueState<ResultFacts> facts;

    @Override
    public void open(OpenContext context) {
        embeddings =
                getRuntimeContext()
                        .getListState(
                                new ListStateDescriptor<>("embeddings", StoredEmbedding.class));
        facts =
                getRuntimeContext()
                        .getState(new ValueStateDescriptor<>("facts", ResultFacts.class));
    }

    @Override
    public void processElement1(
            StoredEmbedding embedding, Context context, Collector<Observation> out)
            throws Exception {
        java.util.Objects.requireNonNull(embeddings).add(embedding);
        context.timerService().registerEventTimeTimer(END_OF_KEY);
    }

    @Override
    public void processElement2(ResultFacts result, Context context, Collector<Observation> out)
            throws Exception {
        java.util.Objects.requireNonNull(facts).update(result);
        context.timerService().registerEventTimeTimer(END_OF_KEY);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Observation> out)
            throws Exception {
        ResultFacts result = java.util.Objects.requireNonNull(facts).value();
        for (StoredEmbedding embedding : java.util.Objects.requireNonNull(embeddings).get()) {
            if (result == null) {
                context.output(
                        REJECTS,
                        reject(
                                embedding,
                                "missing_result",
                                "no analysis result has result_id " + embedding.resultId()));
            } else if (!result.problem().isEmpty()) {
                context.output(
                        REJECTS, reject(embedding, result.problem(), result.problemDetail()));
            } else {
                out.collect(Observation.of(embedding, result));
            }
        }
        java.util.Objects.requireNonNull(embeddings).clear();
        java.util.Objects.requireNonNull(facts).clear();
    }

    /** A dead letter for an embedding; the payload leaves the vector out. */
    static Reject reject(StoredEmbedding embedding, String reason, String detail) {
        return new Reject(
                "milvus:" + embedding.collection() + "/" + embedding.partition(),
                embedding.embeddingId(),
                reason,
                detail,
                "result_id=" + embedding.resultId() + " media_id=" + embedding.mediaId());
    }
}
