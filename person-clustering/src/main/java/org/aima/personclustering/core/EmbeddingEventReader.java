package org.aima.personclustering.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.aima.jobs.model.Reject;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt64;
import org.bson.BsonNull;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/** Reads events of new embeddings; the checks of a batch's rows and results hold for them too. */
public final class EmbeddingEventReader {
    /** The schema of an event in the jar. */
    public static final String SCHEMA = "/schema/new-embedding.json";

    private static final int VERSION = 1;
    private static final String DEFAULT_PARTITION = "_default";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LONGEST_DETAIL = 500;

    private final JsonSchema schema;
    private final Map<String, Integer> dimensions;

    /**
     * @param dimensions of the vectors, by collection
     */
    public EmbeddingEventReader(Map<String, Integer> dimensions) {
        this.dimensions = Map.copyOf(dimensions);
        try (InputStream in = EmbeddingEventReader.class.getResourceAsStream(SCHEMA)) {
            this.schema =
                    JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                            .getSchema(
                                    new String(
                                            java.util.Objects.requireNonNull(in).readAllBytes(),
                                            StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new IllegalStateException("cannot read " + SCHEMA, e);
        }
    }

    /** An event that can be used, or why not: exactly one is set. */
    public record Reading(@Nullable Arrival arrival, @Nullable Reject reject) {}

    public Reading read(EmbeddingEvent event) {
        JsonNode node;
        try {
            node = JSON.readTree(event.value());
        } catch (IOException e) {
            return reject(event, "", "not_json", "the event is not JSON");
        }
        if (node == null || !node.isObject()) {
            return reject(event, "", "wrong_event", "the event is not a JSON object");
        }
        String id = node.path("embedding_id").asText("");
        JsonNode version = node.path("version");
        if (version.isIntegralNumber() && version.asLong() != VERSION) {
            return reject(
                    event,
                    id,
                    "unsupported_version",
                    "version " + version.asLong() + "; this job reads version " + VERSION);
        }
        String wrong =
                schema.validate(node).stream()
                        .map(ValidationMessage::getMessage)
                        .sorted()
                        .collect(Collectors.joining("; "));
        if (!wrong.isEmpty()) {
            return reject(
                    event,
                    id,
                    "wrong_event",
                    wrong.substring(0, Math.min(LONGEST_DETAIL, wrong.length())));
        }
        float[] vector = vector(node.path("embedding"));
        if (vector == null) {
            return reject(
                    event,
                    id,
                    "wrong_event",
                    "embedding is neither numbers nor base64 of 32-bit floats");
        }
        return read(event, node, id, vector);
    }

    private Reading read(EmbeddingEvent event, JsonNode node, String id, float[] vector) {
        String collection = node.path("collection").asText();
        JsonNode result = node.path("result");
        StoredEmbedding row =
                new StoredEmbedding(
                        collection,
                        node.path("partition").asText(DEFAULT_PARTITION),
                        id,
                        vector,
                        dimensions.getOrDefault(collection, 0),
                        "",
                        result.path("media_id").asText(),
                        result.path("result_id").asText(),
                        (float) node.path("confidence").asDouble(1));
        Optional<EmbeddingValidator.Problem> problem = EmbeddingValidator.check(row);
        if (problem.isPresent()) {
            return reject(event, id, problem.get().reason(), problem.get().detail());
        }
        ResultFacts facts = DocumentReader.result(document(result));
        if (!facts.problem().isEmpty()) {
            return reject(event, id, facts.problem(), facts.problemDetail());
        }
        return new Reading(
                new Arrival(Observation.of(row, facts), event.writtenMillis(), new String[0]),
                null);
    }

    private static float @Nullable [] vector(JsonNode embedding) {
        if (embedding.isTextual()) {
            return decoded(embedding.asText());
        }
        float[] vector = new float[embedding.size()];
        for (int i = 0; i < vector.length; i++) {
            JsonNode component = embedding.get(i);
            if (!component.isNumber()) {
                return null;
            }
            vector[i] = component.floatValue();
        }
        return vector;
    }

    private static float @Nullable [] decoded(String base64) {
        try {
            ByteBuffer bytes =
                    ByteBuffer.wrap(Base64.getDecoder().decode(base64))
                            .order(ByteOrder.LITTLE_ENDIAN);
            if (bytes.remaining() % Float.BYTES != 0) {
                return null;
            }
            float[] vector = new float[bytes.remaining() / Float.BYTES];
            bytes.asFloatBuffer().get(vector);
            return vector;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static BsonDocument document(JsonNode object) {
        BsonDocument document = new BsonDocument();
        object.fields().forEachRemaining(f -> document.put(f.getKey(), value(f.getValue())));
        return document;
    }

    private static BsonValue value(JsonNode node) {
        if (node.isObject()) {
            return document(node);
        }
        if (node.isArray()) {
            BsonArray array = new BsonArray();
            node.forEach(item -> array.add(value(item)));
            return array;
        }
        if (node.isTextual()) {
            return new BsonString(node.asText());
        }
        if (node.isBoolean()) {
            return BsonBoolean.valueOf(node.asBoolean());
        }
        if (node.isIntegralNumber()) {
            return new BsonInt64(node.asLong());
        }
        return node.isNumber() ? new BsonDouble(node.asDouble()) : BsonNull.VALUE;
    }

    private static Reading reject(EmbeddingEvent event, String id, String reason, String detail) {
        int length = Math.min(event.value().length, 4 * Reject.MAX_PAYLOAD);
        return new Reading(
                null,
                new Reject(
                        event.source(),
                        id,
                        reason,
                        detail,
                        new String(event.value(), 0, length, StandardCharsets.UTF_8)));
    }
}
