package org.aima.operate.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.bson.BsonDocument;
import org.bson.json.JsonMode;
import org.bson.json.JsonWriterSettings;

/** What a platform tells its topics when the media of a world have come; reaches no store. */
public final class ArrivingEvents {
    /** Topic of new embeddings. */
    public static final String EMBEDDINGS = "aima.embeddings";

    /** Topic of changes. */
    public static final String CHANGES = "aima.changes";

    static final String FACES = "face_embeddings";
    static final String PARTITION = "_default";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonWriterSettings RELAXED =
            JsonWriterSettings.builder().outputMode(JsonMode.RELAXED).build();

    private final List<JsonNode> faces;
    private final Map<String, JsonNode> resultsById = new HashMap<>();
    private final List<String> media = new ArrayList<>();

    /** One event and where it goes. */
    public record Event(String topic, String key, String text) {}

    /**
     * @param directory a world of faces
     */
    public ArrivingEvents(Path directory) {
        this.faces =
                lines(directory.resolve("face_embeddings.ndjson.gz")).stream()
                        .map(ArrivingEvents::parse)
                        .toList();
        for (String line : lines(directory.resolve("analysis_results.ndjson.gz"))) {
            BsonDocument result = BsonDocument.parse(line);
            resultsById.put(
                    result.getString("result_id").getValue(), parse(result.toJson(RELAXED)));
        }
        for (String line : lines(directory.resolve("media_items.ndjson.gz"))) {
            media.add(BsonDocument.parse(line).getString("media_id").getValue());
        }
    }

    private static List<String> lines(Path file) {
        try (BufferedReader reader =
                new BufferedReader(
                        new InputStreamReader(
                                new GZIPInputStream(Files.newInputStream(file)),
                                StandardCharsets.UTF_8))) {
            return reader.lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    private static JsonNode parse(String line) {
        try {
            return JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("a sample is not JSON: " + line, e);
        }
    }

    /** Ids of the media, in order of the file. */
    public List<String> media() {
        return media;
    }

    /** Ids of the faces, in order of the file. */
    public List<String> faces() {
        return faces.stream().map(f -> f.path("embedding_id").asText()).toList();
    }

    /**
     * All events: each face, each medium, and the dossier they were put into. Telling them again
     * changes nothing.
     */
    public List<Event> of(String dossierId) {
        List<Event> events = new ArrayList<>();
        for (JsonNode face : faces) {
            events.add(new Event(EMBEDDINGS, face.path("embedding_id").asText(), embedding(face)));
        }
        for (String medium : media) {
            events.add(new Event(CHANGES, medium, change("media_changed", "media_id", medium)));
        }
        events.add(
                new Event(CHANGES, dossierId, change("dossier_edited", "dossier_id", dossierId)));
        return events;
    }

    private static String change(String event, String field, String id) {
        return JSON.createObjectNode()
                .put("version", 1)
                .put("event", event)
                .put(field, id)
                .toString();
    }

    private String embedding(JsonNode face) {
        JsonNode result = resultsById.get(face.path("result_id").asText());
        if (result == null) {
            throw new IllegalArgumentException(
                    "face " + face.path("embedding_id") + " has no result in the samples");
        }
        ObjectNode event = JSON.createObjectNode();
        event.put("version", 1);
        event.put("collection", FACES);
        event.put("partition", PARTITION);
        event.set("embedding_id", face.path("embedding_id"));
        event.set("embedding", face.path("embedding"));
        event.set("confidence", face.path("confidence"));
        event.set("result", result);
        return event.toString();
    }
}
