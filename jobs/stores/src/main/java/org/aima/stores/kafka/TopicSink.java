package org.aima.stores.kafka;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;

/** Writes records to a topic, each at least once: their readers must not mind repetition. */
public final class TopicSink {
    private TopicSink() {}

    /** Turns a record into a text; UTF-8 in the topic. */
    @FunctionalInterface
    public interface Text<T> extends Function<T, String>, Serializable {}

    /**
     * @param bootstrap host:port,…
     * @param key records of one key keep their order
     */
    public static <T> Sink<T> of(String bootstrap, String topic, Text<T> key, Text<T> value) {
        return KafkaSink.<T>builder()
                .setBootstrapServers(bootstrap)
                .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
                .setRecordSerializer(
                        KafkaRecordSerializationSchema.<T>builder()
                                .setTopic(topic)
                                .setKeySerializationSchema((T record) -> bytes(key, record))
                                .setValueSerializationSchema((T record) -> bytes(value, record))
                                .build())
                .build();
    }

    private static <T> byte[] bytes(Text<T> text, T record) {
        return text.apply(record).getBytes(StandardCharsets.UTF_8);
    }
}
