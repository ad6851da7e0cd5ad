package org.aima.personclustering.function;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.aima.personclustering.core.Observation;
import org.aima.personclustering.core.ResultFacts;
import org.aima.personclustering.core.Sighting;
import org.aima.personclustering.core.StoredEmbedding;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.ProcessFunctionTestHarnesses;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Embeddings meet their result whichever comes first; those that cannot are dead letters. */
class ObservationJoinTest {
    private KeyedTwoInputStreamOperatorTestHarness<
                    String, StoredEmbedding, ResultFacts, Observation>
            harness;

    @BeforeEach
    void open() throws Exception {
        harness =
                ProcessFunctionTestHarnesses.forKeyedCoProcessFunction(
                        new ObservationJoin(),
                        StoredEmbedding::resultId,
                        ResultFacts::resultId,
                        Types.STRING);
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    private void embedding(String id, String result) throws Exception {
        harness.processElement1(
                new StreamRecord<>(
                        new StoredEmbedding(
                                "face_embeddings",
                                "part",
                                id,
                                new float[] {3, 4},
                                2,
                                "p",
                                "m",
                                result,
                                1f)));
    }

    private void result(String id, String problem) throws Exception {
        harness.processElement2(
                new StreamRecord<>(
                        new ResultFacts(
                                id,
                                problem,
                                "seen",
                                "net",
                                "media",
                                true,
                                1,
                                2,
                                0.5,
                                Sighting.UNKNOWN,
                                30,
                                "",
                                0,
                                new String[0],
                                new String[0])));
    }

    // Batch execution fires the timers of a key when its input is complete.
    private void end() throws Exception {
        harness.processBothWatermarks(new Watermark(Long.MAX_VALUE));
        assertThat(harness.numEventTimeTimers()).isZero();
        assertThat(harness.numKeyedStateEntries()).isZero();
    }

    private List<String> rejects() {
        var side = harness.getSideOutput(ObservationJoin.REJECTS);
        return side == null
                ? List.of()
                : side.stream().map(r -> r.getValue().key() + " " + r.getValue().reason()).toList();
    }

    @Test
    void joinsInEitherOrder() throws Exception {
        embedding("first", "r-1");
        result("r-1", "");
        result("r-2", "");
        embedding("second", "r-2");
        embedding("third", "r-2");
        assertThat(harness.extractOutputValues()).isEmpty();
        end();
        assertThat(harness.extractOutputValues())
                .extracting(o -> o.member().embeddingId())
                .containsExactlyInAnyOrder("first", "second", "third");
        Observation observation = harness.extractOutputValues().get(0);
        assertThat(observation.space()).isEqualTo("face_embeddings/net");
        assertThat(observation.vector()).containsExactly(0.6f, 0.8f);
        assertThat(observation.member().mediaId()).isEqualTo("media");
        assertThat(observation.member().partition()).isEqualTo("part");
        assertThat(rejects()).isEmpty();
    }

    @Test
    void missingAndUnusableResultsAreRejected() throws Exception {
        embedding("a", "nowhere");
        embedding("b", "broken");
        embedding("c", "broken");
        result("broken", "wrong_bson_type");
        result("unused", "");
        end();
        assertThat(harness.extractOutputValues()).isEmpty();
        assertThat(rejects())
                .containsExactlyInAnyOrder(
                        "a missing_result", "b wrong_bson_type", "c wrong_bson_type");
    }
}
