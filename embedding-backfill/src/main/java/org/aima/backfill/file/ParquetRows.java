package org.aima.backfill.file;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingSchema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.IndexedRecord;
import org.apache.parquet.avro.AvroParquetReader;
import org.apache.parquet.avro.AvroReadSupport;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;
import org.jspecify.annotations.Nullable;

/** Rows of some row groups of a Parquet file, read through the generic model only. */
final class ParquetRows implements FileRows {
    private static final int WINDOW = 1 << 20;

    private final ParquetReader<GenericRecord> reader;
    private final String keyField;
    private final String vectorField;
    private final RowValues values;
    private long left;
    private boolean broken;

    ParquetRows(ImportFile file, long start, long end, EmbeddingSchema schema) throws IOException {
        this.keyField = schema.primaryKey().name();
        this.vectorField = schema.vector().name();
        this.values = new RowValues(schema);
        List<BlockMetaData> blocks;
        try (ParquetFileReader footer = ParquetFileReader.open(new Input(file))) {
            blocks = footer.getRowGroups();
        } catch (RuntimeException e) {
            throw new IOException("not a Parquet file: " + e.getMessage(), e);
        }
        long rows = 0;
        for (BlockMetaData block : blocks.subList((int) start, (int) end)) {
            rows += block.getRowCount();
        }
        this.left = rows;
        ParquetConfiguration plain = new PlainParquetConfiguration();
        plain.set(AvroReadSupport.READ_INT96_AS_FIXED, "true");
        long from = blocks.isEmpty() ? 0 : blocks.get((int) start).getStartingPos();
        long to = end < blocks.size() ? blocks.get((int) end).getStartingPos() : file.length();
        this.reader =
                AvroParquetReader.<GenericRecord>builder(new Input(file), plain)
                        .withDataModel(GenericData.get())
                        .withFileRange(from, to)
                        .build();
    }

    static long groups(ImportFile file) throws IOException {
        try (ParquetFileReader footer = ParquetFileReader.open(new Input(file))) {
            return footer.getRowGroups().size();
        } catch (RuntimeException e) {
            throw new IOException("not a Parquet file: " + e.getMessage(), e);
        }
    }

    @Override
    public @Nullable ImportedRow next() throws IOException {
        if (broken || left == 0) {
            return null;
        }
        GenericRecord record;
        try {
            record = reader.read();
        } catch (RuntimeException e) {
            broken = true;
            return ImportedRow.broken(
                    "", "broken_file", left + " rows are lost: " + e.getMessage(), "");
        }
        if (record == null) {
            left = 0;
            return null;
        }
        left--;
        return row(record);
    }

    private ImportedRow row(GenericRecord record) {
        Object id = record.hasField(keyField) ? record.get(keyField) : null;
        String key = id == null ? "" : id.toString();
        if (key.isEmpty()) {
            return ImportedRow.broken("", "missing_id", "", shortened(record));
        }
        Object list = record.hasField(vectorField) ? record.get(vectorField) : null;
        if (!(list instanceof List<?> components)) {
            return ImportedRow.broken(key, "null_vector", "", shortened(record));
        }
        float[] vector = new float[components.size()];
        for (int i = 0; i < vector.length; i++) {
            // Three-level lists hold records with one field.
            Object component =
                    components.get(i) instanceof IndexedRecord wrapped
                            ? wrapped.get(0)
                            : components.get(i);
            if (!(component instanceof Number number)) {
                return ImportedRow.broken(
                        key, "wrong_type", "component " + i + " of the vector", "");
            }
            vector[i] = number.floatValue();
        }
        Map<String, Object> fields = new HashMap<>();
        for (var field : record.getSchema().getFields()) {
            if (values.has(field.name())) {
                try {
                    Object value = values.value(field.name(), record.get(field.name()));
                    if (value != null) {
                        fields.put(field.name(), value);
                    }
                } catch (IllegalArgumentException | ArithmeticException e) {
                    return ImportedRow.broken(
                            key, "wrong_type", String.valueOf(e.getMessage()), "");
                }
            }
        }
        return ImportedRow.of(new EmbeddingRow(key, vector, fields));
    }

    private static String shortened(GenericRecord record) {
        String text = record.toString();
        return text.substring(0, Math.min(500, text.length()));
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }

    /** A file as Parquet reads it. */
    private record Input(ImportFile file) implements InputFile {
        @Override
        public long getLength() {
            return file.length();
        }

        @Override
        public SeekableInputStream newStream() {
            Window window = new Window(file);
            return new DelegatingSeekableInputStream(window) {
                @Override
                public long getPos() {
                    return window.position;
                }

                @Override
                public void seek(long position) {
                    window.position = position;
                }
            };
        }
    }

    /** Reads ahead one window at a time. */
    private static final class Window extends java.io.InputStream {
        private final ImportFile file;
        private byte[] bytes = new byte[0];
        private long start;
        private long position;

        Window(ImportFile file) {
            this.file = file;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int wanted) throws IOException {
            if (position >= file.length()) {
                return -1;
            }
            if (position < start || position >= start + bytes.length) {
                bytes =
                        file.read(
                                position,
                                (int) Math.min(file.length() - position, Math.max(WINDOW, wanted)));
                start = position;
            }
            int from = (int) (position - start);
            int count = Math.min(wanted, bytes.length - from);
            System.arraycopy(bytes, from, into, offset, count);
            position += count;
            return count;
        }
    }
}
