package org.aima.backfill.file;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingSchema;
import org.jspecify.annotations.Nullable;

/**
 * Lines of JSON objects, one row a line. A slice holds the lines that begin in it; fields the
 * collection does not have are passed over.
 */
final class NdjsonRows implements FileRows {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int WINDOW = 1 << 20;
    private static final int CHUNK = 1 << 16;
    private static final int LONGEST_LINE = 16 << 20;

    private final ImportFile file;
    private final InputStream in;
    private final long end;
    private final String keyField;
    private final String vectorField;
    private final RowValues values;
    private final byte[] chunk = new byte[CHUNK];
    private int chunkAt;
    private int chunkLength;
    private long position;
    private boolean broken;

    NdjsonRows(ImportFile file, long start, long end, EmbeddingSchema schema) throws IOException {
        this.file = file;
        this.keyField = schema.primaryKey().name();
        this.vectorField = schema.vector().name();
        this.values = new RowValues(schema);
        if (isPacked(file)) {
            this.in = unpack(file);
            this.end = Long.MAX_VALUE;
            return;
        }
        this.end = end;
        // Begins one byte early: a line that starts exactly at the slice's start is its own.
        long from = Math.max(0, start - 1);
        this.in = new Window(file, from);
        this.position = from;
        if (start > 0) {
            line();
        }
    }

    static boolean isPacked(ImportFile file) {
        return file.name().endsWith(".gz");
    }

    private static InputStream unpack(ImportFile file) throws IOException {
        try {
            return new GZIPInputStream(new Window(file, 0), WINDOW);
        } catch (ZipException | EOFException e) {
            throw new IOException("not a gzip file: " + e.getMessage(), e);
        }
    }

    @Override
    public @Nullable ImportedRow next() throws IOException {
        while (!broken && position < end) {
            long at = position;
            String line;
            try {
                line = line();
            } catch (ZipException | EOFException e) {
                broken = true;
                return ImportedRow.broken(
                        "", "broken_file", "the packed file ends early: " + e.getMessage(), "");
            }
            if (line == null) {
                return null;
            }
            if (!line.isBlank()) {
                return row(line, at);
            }
        }
        return null;
    }

    private @Nullable String line() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        boolean any = false;
        while (true) {
            if (chunkAt == chunkLength) {
                chunkLength = Math.max(0, in.read(chunk, 0, chunk.length));
                chunkAt = 0;
                if (chunkLength == 0) {
                    return any ? bytes.toString(StandardCharsets.UTF_8) : null;
                }
            }
            any = true;
            int from = chunkAt;
            while (chunkAt < chunkLength && chunk[chunkAt] != '\n') {
                chunkAt++;
            }
            if (bytes.size() < LONGEST_LINE) {
                bytes.write(chunk, from, chunkAt - from);
            }
            position += chunkAt - from;
            if (chunkAt < chunkLength) {
                chunkAt++;
                position++;
                return bytes.toString(StandardCharsets.UTF_8);
            }
        }
    }

    private ImportedRow row(String line, long at) {
        JsonNode object;
        try {
            object = JSON.readTree(line);
        } catch (JsonProcessingException e) {
            return ImportedRow.broken(
                    "", "unreadable_line", "byte " + at + ": " + e.getOriginalMessage(), line);
        }
        if (!object.isObject()) {
            return ImportedRow.broken("", "unreadable_line", "byte " + at + ": no object", line);
        }
        String key = object.path(keyField).isTextual() ? object.path(keyField).textValue() : "";
        if (key.isEmpty()) {
            return ImportedRow.broken("", "missing_id", "byte " + at, line);
        }
        if (!(object.get(vectorField) instanceof ArrayNode array)) {
            return ImportedRow.broken(key, "null_vector", "byte " + at, line);
        }
        float[] vector = new float[array.size()];
        for (int i = 0; i < vector.length; i++) {
            JsonNode component = array.get(i);
            if (component.isNumber()) {
                vector[i] = component.floatValue();
            } else if (component.isTextual() && component.textValue().equals("NaN")) {
                vector[i] = Float.NaN;
            } else {
                return ImportedRow.broken(
                        key, "wrong_type", "component " + i + " of the vector", line);
            }
        }
        Map<String, Object> fields = new HashMap<>();
        Iterator<Map.Entry<String, JsonNode>> entries = object.fields();
        while (entries.hasNext()) {
            Map.Entry<String, JsonNode> entry = entries.next();
            if (values.has(entry.getKey())) {
                try {
                    Object value = values.value(entry.getKey(), plain(entry.getValue()));
                    if (value != null) {
                        fields.put(entry.getKey(), value);
                    }
                } catch (IllegalArgumentException | ArithmeticException e) {
                    return ImportedRow.broken(
                            key, "wrong_type", String.valueOf(e.getMessage()), line);
                }
            }
        }
        return ImportedRow.of(new EmbeddingRow(key, vector, fields));
    }

    private static @Nullable Object plain(JsonNode node) {
        if (node.isNull()) {
            return null;
        }
        if (node.isTextual()) {
            return node.textValue();
        }
        if (node.isBoolean()) {
            return node.booleanValue();
        }
        return node.isNumber() ? node.numberValue() : node;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    /** Reads a file one window after the other. */
    private static final class Window extends InputStream {
        private final ImportFile file;
        private byte[] bytes = new byte[0];
        private int at;
        private long next;

        Window(ImportFile file, long start) {
            this.file = file;
            this.next = start;
        }

        private boolean fill() throws IOException {
            if (at < bytes.length) {
                return true;
            }
            if (next >= file.length()) {
                return false;
            }
            bytes = file.read(next, WINDOW);
            at = 0;
            next += bytes.length;
            return bytes.length > 0;
        }

        @Override
        public int read() throws IOException {
            return fill() ? bytes[at++] & 0xff : -1;
        }

        @Override
        public int read(byte[] into, int offset, int wanted) throws IOException {
            if (!fill()) {
                return -1;
            }
            int count = Math.min(wanted, bytes.length - at);
            System.arraycopy(bytes, at, into, offset, count);
            at += count;
            return count;
        }
    }
}
