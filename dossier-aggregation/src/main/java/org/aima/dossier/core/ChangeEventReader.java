package org.aima.dossier.core;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.aima.jobs.model.Reject;
import org.jspecify.annotations.Nullable;

/** Reads change events as {@code change-event.schema.json} defines them. */
public final class ChangeEventReader {
    /** The one version this code understands. */
    static final int VERSION = 1;

    private static final String SCHEMA = "/change-event.schema.json";
    private static final int TOLD = 3;
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final JsonSchema schema;
    private final String source;

    /**
     * @param source where the messages come from, as dead letters name it
     */
    public ChangeEventReader(String source) {
        this.source = source;
        try (InputStream in =
                Objects.requireNonNull(
                        ChangeEventReader.class.getResourceAsStream(SCHEMA), SCHEMA)) {
            schema =
                    JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                            .getSchema(JSON.readTree(in));
        } catch (IOException e) {
            throw new IllegalStateException("cannot read " + SCHEMA, e);
        }
    }

    /** Either the event or why there is none. */
    public record Reading(@Nullable ChangeEvent event, @Nullable Reject reject) {}

    public Reading read(ChangeMessage message) {
        String text;
        JsonNode json;
        try {
            text = text(message.value());
            json = JSON.readTree(text);
        } catch (CharacterCodingException e) {
            String lossy = new String(message.value(), StandardCharsets.UTF_8);
            return bad(message, "not_json", "it is not UTF-8", lossy);
        } catch (JsonProcessingException e) {
            String lossy = new String(message.value(), StandardCharsets.UTF_8);
            return bad(message, "not_json", e.getOriginalMessage(), lossy);
        }
        if (json.path("version").isIntegralNumber() && json.path("version").asLong() != VERSION) {
            return bad(
                    message,
                    "unsupported_version",
                    "version is " + json.path("version") + ", this job reads " + VERSION,
                    text);
        }
        List<String> problems =
                schema.validate(json).stream().map(ValidationMessage::getMessage).sorted().toList();
        if (!problems.isEmpty()) {
            return bad(
                    message,
                    "against_schema",
                    String.join("; ", problems.subList(0, Math.min(TOLD, problems.size()))),
                    text);
        }
        List<String> persons = texts(json, "person_id");
        json.path("other_person_ids").forEach(p -> persons.add(p.asText()));
        return new Reading(
                new ChangeEvent(
                        texts(json, "media_id").toArray(String[]::new),
                        persons.toArray(String[]::new),
                        texts(json, "dossier_id").toArray(String[]::new),
                        message.writtenAtMillis()),
                null);
    }

    private static String text(byte[] value) throws CharacterCodingException {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(value)).toString();
    }

    private static List<String> texts(JsonNode json, String field) {
        List<String> texts = new ArrayList<>();
        if (json.has(field)) {
            texts.add(json.path(field).asText());
        }
        return texts;
    }

    private Reading bad(ChangeMessage message, String reason, String detail, String payload) {
        return new Reading(null, new Reject(source, message.position(), reason, detail, payload));
    }
}
