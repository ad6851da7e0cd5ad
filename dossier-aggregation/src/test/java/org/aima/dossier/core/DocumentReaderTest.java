package org.aima.dossier.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Documents that do not fit become named problems; awkward ones that do are read. */
class DocumentReaderTest {
    private static final String GOOD =
            "\"result_id\": \"r\", \"media_id\": \"m\", \"analysis_type\": \"face_detection\"";

    static Stream<Arguments> badResults() {
        return Stream.of(
                Arguments.of("{}", "missing_field"),
                Arguments.of("{\"result_id\": 5}", "wrong_bson_type"),
                Arguments.of("{\"result_id\": \"r\", \"media_id\": \"\"}", "missing_field"),
                Arguments.of("{" + GOOD + ", \"time_range\": 3}", "wrong_bson_type"),
                Arguments.of(
                        "{" + GOOD + ", \"time_range\": {\"start_seconds\": \"0\"}}",
                        "wrong_bson_type"),
                Arguments.of(
                        "{"
                                + GOOD
                                + ", \"time_range\": {\"start_seconds\": {\"$numberDouble\":"
                                + " \"NaN\"}}}",
                        "out_of_range"),
                Arguments.of("{" + GOOD + ", \"confidence\": 1.5}", "out_of_range"),
                Arguments.of("{" + GOOD + ", \"confidence\": -0.1}", "out_of_range"),
                Arguments.of("{" + GOOD + ", \"metadata\": []}", "wrong_bson_type"));
    }

    @ParameterizedTest
    @MethodSource("badResults")
    void namesWhatIsWrongWithAResult(String json, String reason) {
        assertThat(DocumentReader.result(BsonDocument.parse(json)).problem()).isEqualTo(reason);
    }

    @Test
    void aReversedOrHalfTimeRangeIsNoTime() {
        for (String range :
                new String[] {
                    "{\"start_seconds\": 5, \"end_seconds\": 4}", "{\"start_seconds\": 5}", "{}"
                }) {
            Detection result =
                    DocumentReader.result(
                            BsonDocument.parse("{" + GOOD + ", \"time_range\": " + range + "}"));
            assertThat(result.problem()).isEmpty();
            assertThat(result.timed()).isFalse();
        }
    }

    @Test
    void numbersOfEveryTypeAreRead() {
        Detection result =
                DocumentReader.result(
                        BsonDocument.parse(
                                "{"
                                        + GOOD
                                        + ", \"confidence\": 1, \"time_range\": {\"start_seconds\":"
                                        + " {\"$numberLong\": \"2\"}, \"end_seconds\":"
                                        + " {\"$numberDecimal\": \"2.5\"}}}"));
        assertThat(result.timed()).isTrue();
        assertThat(new long[] {result.startMillis(), result.endMillis(), result.confidence()})
                .containsExactly(2_000, 2_500, 1_000_000);
    }

    @Test
    void aLongLabelIsCutBetweenCharacters() {
        String label = "a" + "😀".repeat(2_000);
        Detection result =
                DocumentReader.result(
                        BsonDocument.parse("{" + GOOD.replace("face", "object") + "}")
                                .append(
                                        "metadata",
                                        new BsonDocument("object_class", new BsonString(label))));
        assertThat(result.label().length()).isBetween(990, 1_000);
        assertThat(label).startsWith(result.label());
        assertThat(Character.isHighSurrogate(result.label().charAt(result.label().length() - 1)))
                .isFalse();
    }

    @Test
    void aDossierWhoseFieldsAreOfOtherTypesIsLeftAlone() {
        for (String field :
                new String[] {
                    "\"media_items\": \"m\"",
                    "\"media_items\": [1]",
                    "\"persons\": {}",
                    "\"events\": 4",
                    "\"metadata\": []"
                }) {
            assertThat(
                            DocumentReader.dossier(
                                            BsonDocument.parse(
                                                    "{\"dossier_id\": \"d\", " + field + "}"))
                                    .problem())
                    .as(field)
                    .isEqualTo("wrong_bson_type");
        }
        assertThat(
                        DocumentReader.dossier(
                                        BsonDocument.parse(
                                                "{\"dossier_id\": \"d\", \"media_items\": [\"b\","
                                                        + " \"a\", \"b\"]}"))
                                .mediaIds())
                .containsExactly("a", "b");
    }
}
