package org.aima.stores.kafka;

import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Asks Kafka for a topic with little patience. */
public final class TopicPing {
    private TopicPing() {}

    /** Why the topic cannot be read; empty when it can. */
    public static Optional<String> check(String bootstrap, String topic, Duration patience) {
        Properties settings = new Properties();
        settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
        settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) patience.toMillis());
        settings.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) patience.toMillis());
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            return consumer.listTopics(patience).containsKey(topic)
                    ? Optional.empty()
                    : Optional.of("Kafka has no topic " + topic);
        } catch (KafkaException e) {
            return Optional.of("Kafka: " + e.getMessage());
        }
    }
}
