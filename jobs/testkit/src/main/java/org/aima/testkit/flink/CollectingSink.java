package org.aima.testkit.flink;

import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;

/**
 * A sink whose rows the test reads back: at least once, as the suite's own sinks are.
 *
 * <p>Only the id travels with the job; the rows live in a store keyed by it, so tests do not see
 * each other's rows.
 */
public final class CollectingSink<T> implements Sink<T>, AutoCloseable {
    private static final long serialVersionUID = 1L;
    private static final Map<String, Queue<Object>> STORES = new ConcurrentHashMap<>();

    private final String id = UUID.randomUUID().toString();

    public CollectingSink() {
        STORES.put(id, new ConcurrentLinkedQueue<>());
    }

    /** What was written so far, in no order between subtasks. */
    @SuppressWarnings("unchecked")
    public List<T> rows() {
        return (List<T>) List.copyOf(store());
    }

    private Queue<Object> store() {
        Queue<Object> store = STORES.get(id);
        if (store == null) {
            throw new IllegalStateException("this sink was closed, or runs in another JVM");
        }
        return store;
    }

    // Flink 2 has the other method only, so this one is no override there.
    public SinkWriter<T> createWriter(InitContext context) {
        return new Writer();
    }

    @Override
    public SinkWriter<T> createWriter(WriterInitContext context) {
        return new Writer();
    }

    @Override
    public void close() {
        STORES.remove(id);
    }

    private final class Writer implements SinkWriter<T> {
        @Override
        public void write(T element, Context context) {
            store().add(element);
        }

        @Override
        public void flush(boolean endOfInput) {
            // Rows are visible as soon as they are written.
        }

        @Override
        public void close() {
            // The rows outlive the job.
        }
    }
}
