package org.aima.backfill;

import java.util.List;
import java.util.function.Supplier;
import org.aima.jobs.pipeline.ProgressLines;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.EmbeddingSchema.Field;
import org.aima.stores.EmbeddingSchema.Type;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.milvus.MilvusPageReader;
import org.aima.stores.milvus.PartitionRow;
import org.aima.stores.paging.RangeScan;

/** Reads a whole collection by frozen ranges with a few threads, outside the cluster. */
final class PageScan {
    private final Supplier<EmbeddingStore> stores;
    private final int threads;
    private final ProgressLines progress;

    /**
     * @param stores opens a connection for each thread
     */
    PageScan(Supplier<EmbeddingStore> stores, int threads, ProgressLines progress) {
        this.stores = stores;
        this.threads = threads;
        this.progress = progress;
    }

    /** What one thread does with the pages it reads. */
    interface Reader extends AutoCloseable {
        void page(String partition, List<EmbeddingRow> rows);

        @Override
        default void close() {}
    }

    /** The names of all scalar fields but the key. */
    static List<String> scalars(EmbeddingSchema schema) {
        return schema.fields().stream()
                .filter(f -> !f.primary() && f.type() != Type.FLOAT_VECTOR)
                .map(Field::name)
                .toList();
    }

    /**
     * Hands every page to a reader; each thread has one of its own.
     *
     * @param total rows, for progress
     * @return rows read
     */
    long scan(
            String collection,
            List<String> fields,
            boolean withVector,
            long total,
            String what,
            Supplier<Reader> readers) {
        return new RangeScan<PartitionRow>(
                        () -> new MilvusPageReader(stores.get(), collection, fields, withVector),
                        threads,
                        progress)
                .scan(total, what, () -> new Adapter(readers.get()));
    }

    /** The scope of a range of Milvus is its partition. */
    private record Adapter(Reader reader) implements RangeScan.PageSink<PartitionRow> {
        @Override
        public void page(String partition, List<PartitionRow> rows) {
            reader.page(partition, rows.stream().map(PartitionRow::row).toList());
        }

        @Override
        public void close() {
            reader.close();
        }
    }
}
