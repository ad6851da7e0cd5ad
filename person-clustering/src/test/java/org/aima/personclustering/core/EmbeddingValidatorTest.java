package org.aima.personclustering.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kind of unusable embedding has its own reason; usable ones get unit length. */
class EmbeddingValidatorTest {
    private static StoredEmbedding row(String id, float[] vector, String resultId) {
        return new StoredEmbedding(
                "face_embeddings", "_default", id, vector, 3, "", "media", resultId, 1f);
    }

    static Stream<Arguments> bad() {
        float[] good = {1, 2, 3};
        return Stream.of(
                Arguments.of("missing_id", row("", good, "r")),
                Arguments.of("null_vector", row("e", null, "r")),
                Arguments.of("empty_vector", row("e", new float[0], "r")),
                Arguments.of("wrong_dimension", row("e", new float[] {1, 2}, "r")),
                Arguments.of("wrong_dimension", row("e", new float[] {1, 2, 3, 4}, "r")),
                Arguments.of("nan", row("e", new float[] {1, Float.NaN, 3}, "r")),
                Arguments.of(
                        "infinite", row("e", new float[] {1, 2, Float.POSITIVE_INFINITY}, "r")),
                Arguments.of(
                        "infinite", row("e", new float[] {Float.NEGATIVE_INFINITY, 2, 3}, "r")),
                Arguments.of("zero_vector", row("e", new float[3], "r")),
                Arguments.of("zero_vector", row("e", new float[] {0, -0f, 1e-9f}, "r")),
                Arguments.of("missing_result_id", row("e", good, "")));
    }

    @ParameterizedTest
    @MethodSource("bad")
    void badEmbeddingHasAReason(String reason, StoredEmbedding embedding) {
        assertThat(EmbeddingValidator.check(embedding))
                .hasValueSatisfying(
                        p -> {
                            assertThat(p.reason()).isEqualTo(reason);
                            assertThat(p.detail()).isNotEmpty();
                        });
    }

    @Property(tries = 200)
    void goodEmbeddingPassesAndGetsUnitLength(
            @ForAll long seed, @ForAll @DoubleRange(min = -5, max = 30) double magnitude) {
        Random random = new Random(seed);
        float[] vector = new float[3];
        for (int i = 0; i < vector.length; i++) {
            vector[i] = (float) ((1 + random.nextDouble()) * Math.pow(10, magnitude));
        }
        assertThat(EmbeddingValidator.check(row("e\"'\n", vector, "r"))).isEmpty();
        double square = 0;
        for (float component : EmbeddingValidator.unit(vector)) {
            square += (double) component * component;
        }
        assertThat(square).isCloseTo(1, within(1e-6));
    }
}
