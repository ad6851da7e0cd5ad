package org.aima.stores.kafka;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import org.aima.jobs.error.Failure;
import org.aima.stores.StoreException;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Tells which embeddings were written or deleted, from a topic of events: JSON objects with {@code
 * embedding_id} and, where a topic serves several collections, {@code collection}.
 *
 * <p>An event is a hint that a key changed, never the truth about it: whoever reads it looks the
 * row up. So order, repetition and the kind of change do not matter. Reads without a consumer
 * group, committed events only.
 */
public final class EmbeddingEvents implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final String topic;

    /**
     * @param bootstrap host:port,…
     */
    public EmbeddingEvents(String bootstrap, String topic) {
        Properties settings = new Properties();
        settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
        settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
        try {
            this.consumer =
                    new KafkaConsumer<>(
                            settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        } catch (KafkaException e) {
            throw failure("cannot connect", e);
        }
        this.topic = topic;
    }

    /**
     * Keys that changed between two positions.
     *
     * @param unreadable events that name no key
     * @param next the position after the last event that was read
     */
    public record Changes(Set<String> keys, long events, long unreadable, Map<String, Long> next) {}

    /** The position after the last event of each partition; empty when the topic does not exist. */
    public Map<String, Long> end() {
        try {
            Map<String, Long> end = new TreeMap<>();
            consumer.endOffsets(partitions())
                    .forEach((p, offset) -> end.put(Integer.toString(p.partition()), offset));
            return end;
        } catch (KafkaException e) {
            throw failure("cannot read the end of " + topic, e);
        }
    }

    private List<TopicPartition> partitions() {
        return consumer.partitionsFor(topic).stream()
                .map(p -> new TopicPartition(topic, p.partition()))
                .toList();
    }

    /**
     * Reads the events from a position to the present end; partitions that are new since are read
     * from their start.
     *
     * @param collection events of other collections are passed over
     * @throws StoreException fatal when the topic no longer holds the events at the position
     */
    public Changes since(Map<String, Long> from, String collection) {
        try {
            List<TopicPartition> partitions = partitions();
            Map<TopicPartition, Long> end = consumer.endOffsets(partitions);
            consumer.assign(partitions);
            for (TopicPartition partition : partitions) {
                Long offset = from.get(Integer.toString(partition.partition()));
                consumer.seek(partition, offset == null ? 0 : offset);
            }
            Set<String> keys = new LinkedHashSet<>();
            long events = 0;
            long unreadable = 0;
            long giveUpAt = System.currentTimeMillis() + PATIENCE.toMillis();
            while (partitions.stream()
                    .anyMatch(p -> consumer.position(p) < end.getOrDefault(p, 0L))) {
                var records = consumer.poll(POLL);
                if (!records.isEmpty()) {
                    giveUpAt = System.currentTimeMillis() + PATIENCE.toMillis();
                } else if (System.currentTimeMillis() > giveUpAt) {
                    throw new StoreException(
                            Failure.TRANSIENT, "Kafka does not deliver " + topic, null);
                }
                for (ConsumerRecord<byte[], byte[]> record : records) {
                    events++;
                    JsonNode event = read(record.value());
                    String of = event.path("collection").asText("");
                    String key = event.path("embedding_id").asText("");
                    if (key.isEmpty() && record.key() != null && event.isObject()) {
                        key = new String(record.key(), StandardCharsets.UTF_8);
                    }
                    if (key.isEmpty()) {
                        unreadable++;
                    } else if (of.isEmpty() || of.equals(collection)) {
                        keys.add(key);
                    }
                }
            }
            Map<String, Long> next = new TreeMap<>();
            partitions.forEach(
                    p -> next.put(Integer.toString(p.partition()), consumer.position(p)));
            return new Changes(keys, events, unreadable, next);
        } catch (KafkaException e) {
            throw failure("cannot read " + topic, e);
        }
    }

    private static JsonNode read(byte[] value) {
        try {
            return value == null
                    ? JSON.missingNode()
                    : JSON.readTree(new String(value, StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            return JSON.missingNode();
        }
    }

    private static StoreException failure(String what, KafkaException cause) {
        boolean transientOne = cause instanceof org.apache.kafka.common.errors.RetriableException;
        return new StoreException(
                transientOne ? Failure.TRANSIENT : Failure.FATAL,
                "Kafka: " + what + ": " + cause.getMessage(),
                cause);
    }

    @Override
    public void close() {
        consumer.close(Duration.ofSeconds(5));
    }
}
