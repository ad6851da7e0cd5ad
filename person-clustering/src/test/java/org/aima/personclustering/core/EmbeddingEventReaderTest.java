package org.aima.personclustering.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Events become what a batch would read, or a dead letter that says why not. */
class EmbeddingEventReaderTest {
    private static final String GOOD =
            """
            {"version": 1, "collection": "face_embeddings", "embedding_id": "e-1",
             "partition": "video_2026_01", "embedding": [3, 0, 4], "confidence": 0.9,
             "later": "a field of a later release",
             "result": {"result_id": "r-1", "media_id": "m-1", "confidence": 0.8,
               "vector_embeddings": {"model": "arc"}, "time_range": {"start_seconds": 1, "end_seconds": 2.5},
               "spatial_location": {"x": 1, "y": 2, "width": 3, "height": 4},
               "metadata": {"frame": 25, "track_id": 7, "attributes": {"clothing": ["hat"]}}}}
            """;

    private final EmbeddingEventReader reader =
            new EmbeddingEventReader(Map.of("face_embeddings", 3, "voice_embeddings", 2));

    private EmbeddingEventReader.Reading read(String event) {
        return reader.read(
                new EmbeddingEvent("kafka:t/0@1", 5_000, event.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void aGoodEventBecomesAnObservation() {
        Arrival arrival = read(GOOD).arrival();
        assertThat(arrival).isNotNull();
        assertThat(arrival.space()).isEqualTo("face_embeddings/arc");
        assertThat(arrival.key()).isEqualTo("face_embeddings/e-1");
        assertThat(arrival.arrivedMillis()).isEqualTo(5_000);
        assertThat(arrival.observation().vector()).containsExactly(0.6f, 0, 0.8f);
        assertThat(arrival.observation().quality()).isEqualTo(0.8f);
        assertThat(arrival.observation().sighting().frame()).isNotZero();
        assertThat(arrival.observation().sighting().box()).containsExactly(1, 2, 3, 4);
        assertThat(arrival.observation().member().partition()).isEqualTo("video_2026_01");
        assertThat(arrival.observation().member().clothing()).containsExactly("hat");
        assertThat(arrival.observation().member().endSeconds()).isEqualTo(2.5);
    }

    @Test
    void base64IsTheSameVector() {
        ByteBuffer bytes = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putFloat(3).putFloat(0).putFloat(4);
        String event =
                GOOD.replace(
                        "[3, 0, 4]", '"' + Base64.getEncoder().encodeToString(bytes.array()) + '"');
        assertThat(read(event).arrival().observation().vector()).containsExactly(0.6f, 0, 0.8f);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"version\": 1                    | \"version\": 2          | unsupported_version",
                "\"version\": 1                    | \"version\": \"1\"      | wrong_event",
                "\"version\": 1,                   | ''                      | wrong_event",
                "\"face_embeddings\"               | \"object_embeddings\"   | wrong_event",
                "\"embedding_id\": \"e-1\"         | \"embedding_id\": \"\"  | wrong_event",
                "[3, 0, 4]                         | [3, 0]                  | wrong_dimension",
                "[3, 0, 4]                         | []                      | empty_vector",
                "[3, 0, 4]                         | [0, 0, 0]               | zero_vector",
                "[3, 0, 4]                         | [3, 0, \"x\"]           | wrong_event",
                "[3, 0, 4]                         | \"AAA=\"                | wrong_event",
                "[3, 0, 4]                         | \"###\"                 | wrong_event",
                "[3, 0, 4]                         | [3, 0, 1e99]            | infinite",
                "\"result_id\": \"r-1\",           | ''                      | wrong_event",
                "\"time_range\": {\"start_seconds\": 1, | \"time_range\": {\"start_seconds\": \"x\", | wrong_bson_type",
                "{\"version\"                      | \"version\"             | wrong_event",
                "{\"version\": 1,                  | {{                      | not_json"
            })
    void aBadEventIsADeadLetterWithItsReason(String good, String bad, String reason) {
        assertThat(GOOD).contains(good);
        EmbeddingEventReader.Reading reading =
                read(GOOD.replace(good, bad.equals("''") ? "" : bad));
        assertThat(reading.arrival()).isNull();
        assertThat(reading.reject().reason()).isEqualTo(reason);
        assertThat(reading.reject().source()).isEqualTo("kafka:t/0@1");
        assertThat(reading.reject().detail()).isNotBlank();
    }

    @Test
    void anEmptyEventIsADeadLetter() {
        assertThat(read("").reject()).isNotNull();
        assertThat(read("null").reject()).isNotNull();
    }
}
