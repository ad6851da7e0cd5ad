package org.aima.operate.world;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** Lines of a plain or gzipped file as bytes; a line may be too long, memory stays bounded. */
final class LineReader implements Closeable {
    /** Longer lines are cut: no document of 16 MiB takes as much, whatever its notation. */
    static final int MAX_LINE_BYTES = 96 << 20;

    private static final int BUFFER_BYTES = 1 << 16;

    private final InputStream in;
    private final CountingStream counted;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final int maxLineBytes;
    private int position;
    private int limit;
    private long number;

    private LineReader(InputStream in, CountingStream counted, int maxLineBytes) {
        this.in = in;
        this.counted = counted;
        this.maxLineBytes = maxLineBytes;
    }

    static LineReader open(Path file) throws IOException {
        return open(file, MAX_LINE_BYTES);
    }

    static LineReader open(Path file, int maxLineBytes) throws IOException {
        CountingStream counted = new CountingStream(Files.newInputStream(file));
        try {
            InputStream in =
                    file.getFileName().toString().endsWith(".gz")
                            ? new GZIPInputStream(counted, BUFFER_BYTES)
                            : counted;
            return new LineReader(in, counted, maxLineBytes);
        } catch (IOException e) {
            counted.close();
            throw e;
        }
    }

    /** The next line that is not blank, null at the end. */
    @Nullable Line next() throws IOException {
        while (true) {
            Line line = read();
            if (line == null || line.cut || !isBlank(line.bytes)) {
                return line;
            }
        }
    }

    /** Bytes read of the file as it lies on disk. */
    long bytesRead() {
        return counted.count;
    }

    private @Nullable Line read() throws IOException {
        ByteArrayOutputStream line = null;
        boolean cut = false;
        while (true) {
            if (position == limit) {
                limit = in.read(buffer, 0, buffer.length);
                position = 0;
                if (limit <= 0) {
                    limit = 0;
                    return line == null ? null : new Line(++number, line.toByteArray(), cut);
                }
            }
            int end = position;
            while (end < limit && buffer[end] != '\n') {
                end++;
            }
            if (line == null) {
                line = new ByteArrayOutputStream(Math.max(128, end - position));
            }
            int room = Math.min(end - position, maxLineBytes - line.size());
            line.write(buffer, position, room);
            cut |= room < end - position;
            boolean complete = end < limit;
            position = complete ? end + 1 : end;
            if (complete) {
                return new Line(++number, line.toByteArray(), cut);
            }
        }
    }

    private static boolean isBlank(byte[] bytes) {
        for (byte b : bytes) {
            if (b != ' ' && b != '\t' && b != '\r') {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    /** A line, its number from 1, and whether its end is missing because it was too long. */
    @SuppressWarnings("ArrayRecordComponent")
    record Line(long number, byte[] bytes, boolean cut) {}

    private static final class CountingStream extends FilterInputStream {
        private long count;

        CountingStream(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int b = super.read();
            count += b < 0 ? 0 : 1;
            return b;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int n = super.read(into, offset, length);
            count += Math.max(0, n);
            return n;
        }
    }
}
