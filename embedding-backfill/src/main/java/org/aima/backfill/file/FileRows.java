package org.aima.backfill.file;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.ObjectStore;
import org.jspecify.annotations.Nullable;

/** The rows of a slice of a file, one after the other. */
public interface FileRows extends AutoCloseable {

    /** The next row, null at the end of the slice. */
    @Nullable ImportedRow next() throws IOException;

    @Override
    default void close() throws IOException {}

    /** What a file is. */
    enum Format {
        PARQUET,
        NDJSON,
        NPY;

        /** The format a file's name tells; null when it is none of these, or a file of ids. */
        public static @Nullable Format of(String name) {
            if (name.endsWith(".parquet")) {
                return PARQUET;
            }
            if (name.endsWith(".ndjson")
                    || name.endsWith(".ndjson.gz")
                    || name.endsWith(".jsonl")
                    || name.endsWith(".jsonl.gz")) {
                return NDJSON;
            }
            return name.endsWith(".npy") && !name.endsWith(".ids.npy") ? NPY : null;
        }
    }

    /**
     * A part of a file: positions are bytes, rows or row groups as the format has them.
     *
     * @param end exclusive
     */
    record Slice(String file, long start, long end) {}

    /** Cuts a file into slices of about the given size; a file that cannot be cut is one slice. */
    static List<Slice> slices(Format format, ImportFile file, long bytes) throws IOException {
        return switch (format) {
            case NDJSON -> even(file.name(), file.length(), NdjsonRows.isPacked(file) ? 0 : bytes);
            case NPY -> {
                NpyRows.Header header = NpyRows.header(file);
                long rowBytes = (long) header.columns() * header.itemBytes();
                yield even(file.name(), header.rows(), Math.max(1, bytes / Math.max(1, rowBytes)));
            }
            case PARQUET -> even(file.name(), ParquetRows.groups(file), 1);
        };
    }

    private static List<Slice> even(String file, long length, long step) {
        List<Slice> slices = new ArrayList<>();
        long by = step <= 0 ? Math.max(1, length) : step;
        for (long start = 0; start < Math.max(1, length); start += by) {
            slices.add(new Slice(file, start, Math.min(length, start + by)));
        }
        return slices;
    }

    /** Opens a slice. */
    static FileRows open(
            Format format,
            ImportFile file,
            Slice slice,
            EmbeddingSchema schema,
            ObjectStore objects)
            throws IOException {
        return switch (format) {
            case NDJSON -> new NdjsonRows(file, slice.start(), slice.end(), schema);
            case NPY -> new NpyRows(file, slice.start(), slice.end(), objects);
            case PARQUET -> new ParquetRows(file, slice.start(), slice.end(), schema);
        };
    }
}
