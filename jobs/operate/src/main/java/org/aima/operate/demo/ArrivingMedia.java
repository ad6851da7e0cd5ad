package org.aima.operate.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.Sorts;
import com.mongodb.client.model.Updates;
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
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.zip.GZIPInputStream;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.error.AimaException;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.StoreOptions;
import org.aima.stores.milvus.MilvusEmbeddingStore;
import org.aima.stores.mongo.MongoConnections;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.bson.BsonDocument;
import org.bson.Document;
import org.bson.json.JsonMode;
import org.bson.json.JsonWriterSettings;

/**
 * Media with faces that come while streams run, as a platform brings them: first the stores, then a
 * dossier, then the topics.
 */
public final class ArrivingMedia implements AutoCloseable {
    /** Topic of new embeddings. */
    public static final String EMBEDDINGS = "aima.embeddings";

    /** Topic of changes. */
    public static final String CHANGES = "aima.changes";

    private static final String FACES = "face_embeddings";
    private static final String PARTITION = "_default";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonWriterSettings RELAXED =
            JsonWriterSettings.builder().outputMode(JsonMode.RELAXED).build();

    private final Configuration stores;
    private final Path directory;
    private final MongoClient mongo;
    private final MilvusEmbeddingStore milvus;
    private final List<JsonNode> faces;
    private final Map<String, String> resultsById = new HashMap<>();
    private final List<String> media = new ArrayList<>();

    /**
     * @param directory a world of faces
     */
    public ArrivingMedia(Configuration stores, Path directory) {
        this.stores = stores;
        this.directory = directory;
        this.faces = new ArrayList<>();
        for (String line : lines("face_embeddings.ndjson.gz")) {
            faces.add(parse(line));
        }
        for (String line : lines("analysis_results.ndjson.gz")) {
            BsonDocument result = BsonDocument.parse(line);
            resultsById.put(result.getString("result_id").getValue(), result.toJson(RELAXED));
        }
        for (String line : lines("media_items.ndjson.gz")) {
            media.add(BsonDocument.parse(line).getString("media_id").getValue());
        }
        this.mongo = MongoConnections.open(StoreOptions.mongo(stores));
        this.milvus = new MilvusEmbeddingStore(StoreOptions.milvus(stores));
    }

    private List<String> lines(String file) {
        try (BufferedReader reader =
                new BufferedReader(
                        new InputStreamReader(
                                new GZIPInputStream(Files.newInputStream(directory.resolve(file))),
                                StandardCharsets.UTF_8))) {
            return reader.lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + directory.resolve(file), e);
        }
    }

    private static JsonNode parse(String line) {
        try {
            return JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a sample is not JSON", e);
        }
    }

    /** Makes the topics that streams read; those that exist are left as they are. */
    public void createTopics() {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap()))) {
            for (String topic : List.of(EMBEDDINGS, CHANGES)) {
                try {
                    admin.createTopics(Set.of(new NewTopic(topic, 2, (short) 1))).all().get();
                } catch (ExecutionException e) {
                    if (!(e.getCause() instanceof TopicExistsException)) {
                        throw AimaException.failed(
                                "cannot make the topic " + topic + ": " + e.getCause(), e);
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw AimaException.failed("interrupted", e);
                }
            }
        }
    }

    /** Puts the media into the first dossier, as people do; returns the dossier's id. */
    public String addToDossier() {
        MongoCollection<Document> dossiers = dossiers();
        Document first = dossiers.find().sort(Sorts.ascending("dossier_id")).first();
        if (first == null) {
            throw AimaException.failed("there is no dossier", null);
        }
        String id = first.getString("dossier_id");
        dossiers.updateOne(
                Filters.eq("dossier_id", id), Updates.addEachToSet("media_items", media));
        return id;
    }

    /** Tells the topics of the faces, the media and the dossier; events may be told again. */
    public void announce(String dossierId) {
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", bootstrap()),
                        new StringSerializer(),
                        new StringSerializer())) {
            for (JsonNode face : faces) {
                producer.send(
                        new ProducerRecord<>(
                                EMBEDDINGS, face.path("embedding_id").asText(), event(face)));
            }
            for (String medium : media) {
                producer.send(
                        new ProducerRecord<>(
                                CHANGES,
                                medium,
                                JSON.createObjectNode()
                                        .put("version", 1)
                                        .put("event", "media_changed")
                                        .put("media_id", medium)
                                        .toString()));
            }
            producer.send(
                    new ProducerRecord<>(
                            CHANGES,
                            dossierId,
                            JSON.createObjectNode()
                                    .put("version", 1)
                                    .put("event", "dossier_edited")
                                    .put("dossier_id", dossierId)
                                    .toString()));
            producer.flush();
        }
    }

    private String event(JsonNode face) {
        ObjectNode event = JSON.createObjectNode();
        event.put("version", 1);
        event.put("collection", FACES);
        event.put("partition", PARTITION);
        event.set("embedding_id", face.path("embedding_id"));
        event.set("embedding", face.path("embedding"));
        event.set("confidence", face.path("confidence"));
        event.set("result", parse(resultsById.getOrDefault(face.path("result_id").asText(), "{}")));
        return event.toString();
    }

    /** The person of each face, empty while it has none, by embedding id. */
    public Map<String, String> persons() {
        Map<String, String> persons = new TreeMap<>();
        List<String> ids = faces.stream().map(f -> f.path("embedding_id").asText()).toList();
        for (EmbeddingRow row : milvus.get(FACES, PARTITION, ids)) {
            persons.put(row.id(), row.text("person_id"));
        }
        return persons;
    }

    /** Ids of all persons that are stored. */
    public List<String> knownPersons() {
        List<String> ids = new ArrayList<>();
        mongo.getDatabase(StoreOptions.mongo(stores).database())
                .getCollection("persons")
                .find()
                .projection(Projections.include("person_id"))
                .forEach(p -> ids.add(p.getString("person_id")));
        return ids;
    }

    /** Media that came. */
    public int media() {
        return media.size();
    }

    /** What the suite says about a dossier, without what people write. */
    public Optional<Aggregation> aggregation(String dossierId) {
        Document dossier = dossiers().find(Filters.eq("dossier_id", dossierId)).first();
        if (dossier == null
                || !(dossier.get("metadata") instanceof Document metadata)
                || !(metadata.get("aggregation") instanceof Document aggregation)
                || !(aggregation.get("version") instanceof Number version)) {
            return Optional.empty();
        }
        return Optional.of(
                new Aggregation(
                        version.longValue(),
                        dossier.getList("persons", Object.class, List.of()).size()));
    }

    /**
     * One version of a dossier's aggregates.
     *
     * @param persons how many persons it lists
     */
    public record Aggregation(long version, int persons) {}

    private MongoCollection<Document> dossiers() {
        return mongo.getDatabase(StoreOptions.mongo(stores).database()).getCollection("dossiers");
    }

    private String bootstrap() {
        return stores.get(StoreOptions.KAFKA_BOOTSTRAP);
    }

    @Override
    public void close() {
        milvus.close();
        mongo.close();
    }
}
