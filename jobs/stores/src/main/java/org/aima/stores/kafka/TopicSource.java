package org.aima.stores.kafka;

import static org.aima.jobs.pipeline.Operators.named;

import java.io.Serializable;
import java.util.function.Function;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;

/**
 * The records of a topic as an endless stream of a job's own records, committed ones only.
 *
 * <p>Offsets are part of checkpoints, so each record is processed at least once; the group's
 * committed offsets are where a job without state begins, the topic's start where it has none.
 *
 * @param bootstrap host:port,…
 * @param what named in the graph: {@code source-what} and {@code read what}
 */
public record TopicSource<T>(
        String bootstrap,
        String topic,
        String group,
        Class<T> type,
        Mapping<T> mapping,
        String what) {

    /** Turns a record of the topic into one of the job's. */
    public interface Mapping<T> extends Function<TopicRecord, T>, Serializable {}

    /** Adds the source to the graph; opens no connection. */
    public DataStream<T> in(StreamExecutionEnvironment environment) {
        KafkaSource<T> source =
                KafkaSource.<T>builder()
                        .setBootstrapServers(bootstrap)
                        .setTopics(topic)
                        .setGroupId(group)
                        .setStartingOffsets(
                                OffsetsInitializer.committedOffsets(OffsetResetStrategy.EARLIEST))
                        .setProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed")
                        .setProperty(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false")
                        .setDeserializer(new Deserializer<>(type, mapping))
                        .build();
        return named(
                environment.fromSource(source, WatermarkStrategy.noWatermarks(), "read " + what),
                "source-" + what.replace(' ', '-'),
                "read " + what);
    }

    private record Deserializer<T>(Class<T> type, Mapping<T> mapping)
            implements KafkaRecordDeserializationSchema<T> {
        @Override
        public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<T> out) {
            byte[] value = record.value() == null ? new byte[0] : record.value();
            out.collect(
                    mapping.apply(
                            new TopicRecord(
                                    record.partition(),
                                    record.offset(),
                                    record.timestamp(),
                                    value)));
        }

        @Override
        public TypeInformation<T> getProducedType() {
            return TypeInformation.of(type);
        }
    }
}
