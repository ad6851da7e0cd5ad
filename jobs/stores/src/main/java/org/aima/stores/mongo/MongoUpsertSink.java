package org.aima.stores.mongo;

import com.mongodb.client.model.WriteModel;
import java.io.IOException;
import java.io.Serializable;
import java.util.function.Function;
import org.aima.jobs.pipeline.JobMetric;
import org.aima.jobs.pipeline.WriteGuard;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.mongodb.sink.MongoSink;
import org.apache.flink.metrics.Counter;
import org.bson.BsonDocument;

/**
 * The connector's MongoDB sink, opened on the worker so that the connection string is never part of
 * the job graph, and guarded by the run's lease.
 *
 * <p>At least once: the models must be idempotent, that is upserts or deletes by {@code _id}.
 */
public final class MongoUpsertSink<T> implements Sink<T> {
    private static final long serialVersionUID = 1L;
    private static final int BATCH_ROWS = 1_000;
    private static final int RETRIES = 5;

    private final MongoAddress address;
    private final String collection;
    private final Serialization<T> serialization;
    private final WriteGuard guard;
    private final JobMetric written;

    /** Turns a record into one idempotent write. */
    @FunctionalInterface
    public interface Serialization<T> extends Function<T, WriteModel<BsonDocument>>, Serializable {}

    public MongoUpsertSink(
            MongoAddress address,
            String collection,
            Serialization<T> serialization,
            WriteGuard guard) {
        this(address, collection, serialization, guard, JobMetric.DOCUMENTS_WRITTEN);
    }

    /**
     * @param written counts the records
     */
    MongoUpsertSink(
            MongoAddress address,
            String collection,
            Serialization<T> serialization,
            WriteGuard guard,
            JobMetric written) {
        this.address = address;
        this.collection = collection;
        this.serialization = serialization;
        this.guard = guard;
        this.written = written;
    }

    @Override
    public SinkWriter<T> createWriter(WriterInitContext context) throws IOException {
        MongoSink<T> sink =
                MongoSink.<T>builder()
                        .setUri(address.uri().resolve())
                        .setDatabase(address.database())
                        .setCollection(collection)
                        .setBatchSize(BATCH_ROWS)
                        .setMaxRetries(RETRIES)
                        .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
                        .setSerializationSchema(
                                (record, sinkContext) -> serialization.apply(record))
                        .build();
        return new GuardedWriter<>(
                sink.createWriter(context), guard, written.counter(context.metricGroup()));
    }

    // Flink 1.20 still declares the older method; 2.x has only the one above.
    @Override
    @SuppressWarnings("deprecation")
    public SinkWriter<T> createWriter(Sink.InitContext context) {
        throw new UnsupportedOperationException("Flink 1.20 and newer call the other method");
    }

    private record GuardedWriter<T>(SinkWriter<T> writer, WriteGuard guard, Counter handedOn)
            implements SinkWriter<T> {
        @Override
        public void write(T element, Context context) throws IOException, InterruptedException {
            guard.check();
            writer.write(element, context);
            handedOn.inc();
        }

        @Override
        public void flush(boolean endOfInput) throws IOException, InterruptedException {
            guard.check();
            writer.flush(endOfInput);
        }

        @Override
        public void close() throws Exception {
            guard.close();
            writer.close();
        }
    }
}
