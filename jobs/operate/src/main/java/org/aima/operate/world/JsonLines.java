package org.aima.operate.world;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes JSON lines fast: numbers of six decimals, texts escaped, nothing kept. */
final class JsonLines implements Closeable {
    private static final int MILLION = 1_000_000;
    private static final int FLUSH_BYTES = 1 << 16;

    private final OutputStream out;
    private byte[] buffer = new byte[FLUSH_BYTES * 2];
    private int size;
    private long lines;

    JsonLines(Path file) throws IOException {
        this.out = new BufferedOutputStream(Files.newOutputStream(file), FLUSH_BYTES);
    }

    long lines() {
        return lines;
    }

    /** Text that is JSON already. */
    JsonLines raw(String text) {
        ensure(text.length() * 3);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                buffer[size++] = (byte) c;
            } else {
                byte[] encoded = text.substring(i).getBytes(StandardCharsets.UTF_8);
                System.arraycopy(encoded, 0, buffer, size, encoded.length);
                size += encoded.length;
                return this;
            }
        }
        return this;
    }

    /** A text value with its quotes. */
    JsonLines text(String value) {
        StringBuilder escaped = new StringBuilder(value.length() + 2).append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> escaped.append("\\\"");
                case '\\' -> escaped.append("\\\\");
                case '\n' -> escaped.append("\\n");
                default -> {
                    if (c < ' ') {
                        escaped.append("\\u%04x".formatted((int) c));
                    } else {
                        escaped.append(c);
                    }
                }
            }
        }
        return raw(escaped.append('"').toString());
    }

    /** A number rounded to six decimals. */
    JsonLines number(double value) {
        ensure(32);
        long scaled = Math.round(Math.abs(value) * MILLION);
        if (value < 0 && scaled != 0) {
            buffer[size++] = '-';
        }
        long whole = scaled / MILLION;
        if (whole < 10) {
            buffer[size++] = (byte) ('0' + whole);
        } else {
            raw(Long.toString(whole));
        }
        buffer[size++] = '.';
        int fraction = (int) (scaled % MILLION);
        int end = size + 6;
        for (int i = end - 1; i >= size; i--) {
            buffer[i] = (byte) ('0' + fraction % 10);
            fraction /= 10;
        }
        while (buffer[end - 1] == '0' && end - 1 > size) {
            end--;
        }
        size = end;
        return this;
    }

    JsonLines number(long value) {
        return raw(Long.toString(value));
    }

    /** Ends the line. */
    void end() {
        ensure(1);
        buffer[size++] = '\n';
        lines++;
        if (size >= FLUSH_BYTES) {
            flush();
        }
    }

    private void ensure(int more) {
        if (buffer.length - size < more) {
            flush();
            if (buffer.length < more) {
                buffer = new byte[more];
            }
        }
    }

    private void flush() {
        try {
            out.write(buffer, 0, size);
            size = 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        flush();
        out.close();
    }
}
