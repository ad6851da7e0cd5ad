package org.aima.stores.redis;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;

/**
 * A sink of documents that also deletes the copies a cache holds of them.
 *
 * <p>A copy goes some time after its document was handed on, and again when the sink has flushed,
 * that is at every checkpoint and at the end: a reader who fetched the old document in between and
 * cached it anew has it no longer. Until then readers may see what they saw before. Heap: the ids
 * of what was handed on since the last flush. Flushing fails when the cache does not answer, so the
 * run does not end with old copies in it.
 */
public final class CacheForgettingSink<T> implements Sink<T> {
    private static final long serialVersionUID = 1L;
    private static final int BATCH = 1_000;

    private final Sink<T> sink;
    private final CachedCopies.Keys keys;
    private final DocumentId<T> idOf;

    /** The id of the document that a record changes. */
    @FunctionalInterface
    public interface DocumentId<T> extends Function<T, String>, Serializable {}

    public CacheForgettingSink(Sink<T> sink, CachedCopies.Keys keys, DocumentId<T> idOf) {
        this.sink = sink;
        this.keys = keys;
        this.idOf = idOf;
    }

    @Override
    public SinkWriter<T> createWriter(WriterInitContext context) throws IOException {
        return new ForgettingWriter<>(sink.createWriter(context), keys, idOf);
    }

    // Flink 1.20 still declares the older method; 2.x has only the one above.
    @Override
    @SuppressWarnings("deprecation")
    public SinkWriter<T> createWriter(Sink.InitContext context) {
        throw new UnsupportedOperationException("Flink 1.20 and newer call the other method");
    }

    private static final class ForgettingWriter<T> implements SinkWriter<T> {
        private final SinkWriter<T> writer;
        private final CachedCopies.Keys keys;
        private final CachedCopies copies;
        private final DocumentId<T> idOf;
        private final List<String> handedOn = new ArrayList<>();
        private int forgotten;

        ForgettingWriter(SinkWriter<T> writer, CachedCopies.Keys keys, DocumentId<T> idOf) {
            this.writer = writer;
            this.keys = keys;
            this.copies = keys.open();
            this.idOf = idOf;
        }

        @Override
        public void write(T element, Context context) throws IOException, InterruptedException {
            writer.write(element, context);
            handedOn.add(idOf.apply(element));
            if (handedOn.size() - forgotten >= BATCH) {
                copies.forget(keys, handedOn.subList(forgotten, handedOn.size()));
                forgotten = handedOn.size();
            }
        }

        @Override
        public void flush(boolean endOfInput) throws IOException, InterruptedException {
            writer.flush(endOfInput);
            copies.forget(keys, handedOn);
            handedOn.clear();
            forgotten = 0;
        }

        @Override
        public void close() throws Exception {
            copies.close();
            writer.close();
        }
    }
}
