package org.aima.personclustering.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.mongodb.client.model.Filters;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.aima.jobs.evaluation.Evaluation;
import org.aima.jobs.evaluation.Labels;
import org.aima.personclustering.core.DocumentReader;
import org.aima.personclustering.core.EmbeddingValidator;
import org.aima.personclustering.core.ResultFacts;
import org.aima.personclustering.core.StoredEmbedding;
import org.aima.stores.EmbeddingRow;
import org.aima.testkit.command.Poll;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.bson.BsonDocument;
import org.bson.Document;
import org.bson.json.JsonMode;
import org.bson.json.JsonWriterSettings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * New embeddings become persons while a TaskManager is killed; a batch over everything afterwards
 * sees them in the same way.
 */
@ExtendWith(OperatorStack.Extension.class)
class AssignITCase {
    private static final double LEAST_F = 0.98;
    private static final double POISON = 0.02;
    private static final double REPEATED = 0.05;
    private static final int UNSEEN_IDENTITIES = 4;
    private static final double STREAMED = 0.14;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonWriterSettings RELAXED =
            JsonWriterSettings.builder().outputMode(JsonMode.RELAXED).build();

    private final Random random = new Random(29);
    private String job = "";

    private record Streamed(String collection, String partition, EmbeddingRow row) {}

    @AfterEach
    void stop(OperatorStack stack) {
        if (!job.isEmpty()) {
            stack.cluster().cancel(job);
        }
        stack.startCluster().await().exits(0);
    }

    @Test
    void streamAgreesWithTheBatchAfterIt(OperatorStack stack) throws Exception {
        SharedWorld world = stack.world();
        world.reset();
        List<Streamed> streamed = withhold(world);
        stack.aima("run", "person-clustering:recluster", SharedWorld.SETTINGS).exits(0);
        Set<String> knownPersons = world.persons().keySet();
        for (Streamed each : streamed) {
            world.milvus().upsert(each.collection(), each.partition(), List.of(each.row()));
        }

        String topic = OperatorStack.newRunId("e2e-embeddings");
        String changes = topic + "-changes";
        List<byte[]> events = events(world, streamed);
        int half = events.size() / 2;
        send(stack, topic, events.subList(0, half));
        String runId = OperatorStack.newRunId("e2e-assign");
        String[] settings = {
            "topic=" + topic,
            "changes.topic=" + changes,
            "dead-letter.topic=" + topic + "-rejected",
            "group=" + topic,
            "persons.refresh=2s",
            "undecided.settle=2s"
        };
        JsonNode plan =
                stack.aima(with("plan", "person-clustering:assign", settings, "--json"))
                        .exits(0)
                        .json();
        assertThat(plan.path("counters").path("events_written").asInt()).isEqualTo(half);
        stack.aima(
                        with(
                                "run",
                                "person-clustering:assign",
                                settings,
                                "--allow-empty-state",
                                "--detach",
                                "--run-id",
                                runId))
                .exits(0);
        job = Poll.untilPresent("assign runs", () -> stack.cluster().jobOf(runId));
        Poll.until("a checkpoint was completed", () -> checkpoints(stack, "completed") > 0);
        send(stack, topic, events.subList(half, events.size()));
        stack.cluster().killWhileRunning(job, "drop repeated events");
        stack.startCluster().await().exits(0);

        Map<String, Long> counts = new HashMap<>();
        Poll.until(
                "every event has an outcome",
                () -> {
                    counts.clear();
                    counts.putAll(counts(stack));
                    return counts.getOrDefault("events_read", 0L) == events.size()
                            && count(counts, "events_rejected", "events_duplicate")
                                            + count(counts, "assigned_known", "assigned_new")
                                            + count(
                                                    counts,
                                                    "undecided_waiting",
                                                    "undecided_expired")
                                    == events.size()
                            && count(counts, "rows_written", "rows_already", "rows_refused")
                                    == count(counts, "assigned_known", "assigned_new");
                });
        assertThat(checkpoints(stack, "restored")).isPositive();
        long poison = events.size() - streamed.size() - (long) (REPEATED * streamed.size());
        assertThat(counts.get("events_rejected")).isEqualTo(poison);
        Poll.until(
                "every bad event is a dead letter", () -> sum(world.deadLetters(runId)) == poison);
        assertThat(world.deadLetters(runId).keySet())
                .containsExactlyInAnyOrder(
                        "not_json", "unsupported_version", "wrong_dimension", "wrong_event");

        Map<String, String> byStream = persons(world, streamed);
        Set<String> made = new TreeSet<>(world.persons().keySet());
        made.removeAll(knownPersons);
        assertThat(made).as("persons that nobody had seen").isNotEmpty();
        // Those made between the last checkpoint and the kill are known when their events come
        // again.
        assertThat(made.size()).isGreaterThanOrEqualTo(counts.get("persons_new").intValue());
        assertThat(changed(stack, changes))
                .containsAll(made)
                .containsAll(byStream.values().stream().filter(p -> !p.isEmpty()).toList());

        // The batch goes on while the stream runs, and its read-back finds both stores in order.
        stack.aima("run", "person-clustering:recluster", SharedWorld.SETTINGS).exits(0);
        Map<String, String> byBatch = persons(world, streamed);
        Evaluation.Contingency agreement = new Evaluation.Contingency();
        byBatch.forEach(
                (key, person) -> {
                    String streamedTo = byStream.getOrDefault(key, "");
                    agreement.add(streamedTo.isEmpty() ? "alone " + key : streamedTo, person);
                });
        assertThat(agreement.evaluate().bcubed().f())
                .as("BCubed F of the stream against the batch; counts " + counts)
                .isBetween(LEAST_F, 1.0);
        assertThat(
                        world.mongo()
                                .getCollection("person_aliases")
                                .countDocuments(
                                        Filters.and(
                                                Filters.eq("reason", "merged"),
                                                Filters.in("old_id", made))))
                .as("persons that were made twice")
                .isZero();
        Poll.until(
                "the stream was compared with the batch",
                () -> count(counts(stack), "drift_agreeing", "drift_differing") > 0);
    }

    /** Takes all of some identities and some of the others out of Milvus. */
    private List<Streamed> withhold(SharedWorld world) throws Exception {
        Map<String, String> identities = Labels.read(world.directory().resolve("labels.csv"));
        List<String> names = new ArrayList<>(new TreeSet<>(identities.values()));
        Collections.shuffle(names, random);
        Set<String> unseen = new HashSet<>(names.subList(0, UNSEEN_IDENTITIES));
        Set<String> results = new HashSet<>();
        for (BsonDocument result :
                world.mongo().getCollection("analysis_results", BsonDocument.class).find()) {
            ResultFacts facts = DocumentReader.result(result);
            if (facts.problem().isEmpty()) {
                results.add(facts.resultId());
            }
        }
        List<Streamed> streamed = new ArrayList<>();
        for (String collection : SharedWorld.COLLECTIONS) {
            for (String partition : world.milvus().partitions(collection)) {
                List<String> ids = new ArrayList<>();
                for (EmbeddingRow row : world.whole(collection, partition)) {
                    boolean taken =
                            unseen.contains(identities.getOrDefault(row.id(), ""))
                                    || random.nextDouble() < STREAMED;
                    if (taken
                            && results.contains(row.text("result_id"))
                            && usable(collection, row)) {
                        streamed.add(new Streamed(collection, partition, row));
                        ids.add(row.id());
                    }
                }
                world.milvus().delete(collection, partition, ids);
            }
        }
        return streamed;
    }

    private static boolean usable(String collection, EmbeddingRow row) {
        return EmbeddingValidator.check(
                        new StoredEmbedding(
                                collection,
                                "",
                                row.id(),
                                row.vector(),
                                row.vector().length,
                                "",
                                row.text("media_id"),
                                row.text("result_id"),
                                1))
                .isEmpty();
    }

    private List<byte[]> events(SharedWorld world, List<Streamed> streamed) throws Exception {
        List<byte[]> events = new ArrayList<>();
        for (Streamed each : streamed) {
            events.add(event(world, each).toString().getBytes(StandardCharsets.UTF_8));
        }
        for (int i = 0; i < (int) (REPEATED * streamed.size()); i++) {
            events.add(events.get(random.nextInt(streamed.size())));
        }
        for (int i = 0; i < Math.max(8, (int) (POISON * streamed.size())); i++) {
            ObjectNode event = event(world, streamed.get(i));
            event.put("embedding_id", "poison-" + i);
            switch (i % 4) {
                case 0 -> event.put("version", 2);
                case 1 -> event.putArray("embedding").add(1).add(2);
                case 2 -> event.remove("result");
                default -> {}
            }
            String text = event.toString();
            events.add(
                    (i % 4 == 3 ? text.substring(0, text.length() / 2) : text)
                            .getBytes(StandardCharsets.UTF_8));
        }
        Collections.shuffle(events, random);
        return events;
    }

    private static ObjectNode event(SharedWorld world, Streamed each) throws Exception {
        ObjectNode event = JSON.createObjectNode();
        event.put("version", 1);
        event.put("collection", each.collection());
        event.put("embedding_id", each.row().id());
        event.put("partition", each.partition());
        for (float component : each.row().vector()) {
            event.withArray("embedding").add(component);
        }
        if (each.row().fields().get("confidence") instanceof Float confidence) {
            event.put("confidence", confidence);
        }
        Document result =
                world.mongo()
                        .getCollection("analysis_results")
                        .find(Filters.eq("result_id", each.row().text("result_id")))
                        .first();
        event.set("result", JSON.readTree(result.toJson(RELAXED)));
        return event;
    }

    private static void send(OperatorStack stack, String topic, List<byte[]> events) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", stack.variable("AIMA_KAFKA_BOOTSTRAP"));
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            events.forEach(e -> producer.send(new ProducerRecord<>(topic, e)));
            producer.flush();
        }
    }

    private static Set<String> changed(OperatorStack stack, String topic) throws Exception {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", stack.variable("AIMA_KAFKA_BOOTSTRAP"));
        Set<String> persons = new HashSet<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions =
                    consumer.partitionsFor(topic).stream()
                            .map(p -> new TopicPartition(topic, p.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> end = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(p -> consumer.position(p) < end.get(p))) {
                for (var record : consumer.poll(Duration.ofMillis(200))) {
                    JsonNode event = JSON.readTree(record.value());
                    assertThat(event.path("event").asText()).isEqualTo("person_changed");
                    persons.add(event.path("person_id").asText());
                }
            }
        }
        return persons;
    }

    private static Map<String, String> persons(SharedWorld world, List<Streamed> streamed) {
        Map<String, String> persons = new TreeMap<>();
        for (String collection : SharedWorld.COLLECTIONS) {
            Map<String, EmbeddingRow> rows = world.rows(collection);
            Map<String, String> listed = world.listedBy(collection);
            for (Streamed each : streamed) {
                if (each.collection().equals(collection)) {
                    EmbeddingRow row = rows.get(each.row().id());
                    assertThat(row.vector()).isEqualTo(each.row().vector());
                    assertThat(listed.getOrDefault(row.id(), "")).isEqualTo(row.text("person_id"));
                    persons.put(collection + "/" + row.id(), row.text("person_id"));
                }
            }
        }
        return persons;
    }

    private int checkpoints(OperatorStack stack, String kind) {
        return stack.cluster()
                .get("/jobs/" + job + "/checkpoints")
                .path("counts")
                .path(kind)
                .asInt();
    }

    /** The job's own counts, added up over its tasks. */
    private Map<String, Long> counts(OperatorStack stack) {
        Map<String, Long> counts = new HashMap<>();
        for (JsonNode vertex : stack.cluster().get("/jobs/" + job).path("vertices")) {
            String path =
                    "/jobs/"
                            + job
                            + "/vertices/"
                            + vertex.path("id").asText()
                            + "/subtasks/metrics";
            List<String> names = new ArrayList<>();
            for (JsonNode metric : stack.cluster().get(path)) {
                if (metric.path("id").asText().contains(".aima_person_clustering.")
                        && !metric.path("id").asText().contains("latency")) {
                    names.add(metric.path("id").asText());
                }
            }
            if (!names.isEmpty()) {
                for (JsonNode metric :
                        stack.cluster().get(path + "?agg=sum&get=" + String.join(",", names))) {
                    String id = metric.path("id").asText();
                    counts.merge(
                            id.substring(id.lastIndexOf('.') + 1),
                            metric.path("sum").asLong(),
                            Long::sum);
                }
            }
        }
        return counts;
    }

    private static long count(Map<String, Long> counts, String... names) {
        long sum = 0;
        for (String name : names) {
            sum += counts.getOrDefault(name, 0L);
        }
        return sum;
    }

    private static long sum(Map<String, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    private static String[] with(String verb, String job, String[] settings, String... options) {
        List<String> words = new ArrayList<>(List.of(verb, job));
        words.addAll(List.of(settings));
        words.addAll(List.of(options));
        return words.toArray(String[]::new);
    }
}
