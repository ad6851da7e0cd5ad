package org.aima.operate.demo;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.Sorts;
import com.mongodb.client.model.Updates;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
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
import org.bson.Document;

/**
 * Media with faces that come while streams run, as a platform brings them: first the stores, then a
 * dossier, then the topics.
 */
public final class ArrivingMedia implements AutoCloseable {
    private final Configuration stores;
    private final ArrivingEvents events;
    private final MongoClient mongo;
    private final MilvusEmbeddingStore milvus;

    /**
     * @param directory a world of faces
     */
    public ArrivingMedia(Configuration stores, Path directory) {
        this.stores = stores;
        this.events = new ArrivingEvents(directory);
        this.mongo = MongoConnections.open(StoreOptions.mongo(stores));
        this.milvus = new MilvusEmbeddingStore(StoreOptions.milvus(stores));
    }

    /** Makes the topics that streams read; those that exist are left as they are. */
    public void createTopics() {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap()))) {
            for (String topic : List.of(ArrivingEvents.EMBEDDINGS, ArrivingEvents.CHANGES)) {
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
                Filters.eq("dossier_id", id), Updates.addEachToSet("media_items", events.media()));
        return id;
    }

    /** Tells the topics of the faces, the media and the dossier; events may be told again. */
    public void announce(String dossierId) {
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", bootstrap()),
                        new StringSerializer(),
                        new StringSerializer())) {
            for (ArrivingEvents.Event event : events.of(dossierId)) {
                producer.send(new ProducerRecord<>(event.topic(), event.key(), event.text()));
            }
            producer.flush();
        }
    }

    /** The person of each face, empty while it has none, by embedding id. */
    public Map<String, String> persons() {
        Map<String, String> persons = new TreeMap<>();
        for (EmbeddingRow row :
                milvus.get(ArrivingEvents.FACES, ArrivingEvents.PARTITION, events.faces())) {
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
        return events.media().size();
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
