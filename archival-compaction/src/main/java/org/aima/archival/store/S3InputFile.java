package org.aima.archival.store;

import java.io.EOFException;
import java.io.IOException;
import org.aima.stores.ObjectStore;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;

/** A data file read by ranges: looking into it costs its footer and filters, not the whole file. */
public final class S3InputFile implements InputFile {
    private static final int WINDOW = 1 << 18;

    private final ObjectStore objects;
    private final String bucket;
    private final String key;
    private final long length;

    /**
     * @param length of the object in bytes
     */
    public S3InputFile(ObjectStore objects, String bucket, String key, long length) {
        this.objects = objects;
        this.bucket = bucket;
        this.key = key;
        this.length = length;
    }

    @Override
    public long getLength() {
        return length;
    }

    @Override
    public SeekableInputStream newStream() {
        return new Stream(new Window());
    }

    private static final class Stream extends DelegatingSeekableInputStream {
        private final Window window;

        Stream(Window window) {
            super(window);
            this.window = window;
        }

        @Override
        public long getPos() {
            return window.position;
        }

        @Override
        public void seek(long newPosition) {
            window.position = newPosition;
        }
    }

    /** Reads ahead one window at a time. */
    private final class Window extends java.io.InputStream {
        private byte[] bytes = new byte[0];
        private long start;
        private long position;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] into, int offset, int wanted) throws IOException {
            if (position >= length) {
                return -1;
            }
            boolean inside = position >= start && position < start + bytes.length;
            if (!inside) {
                int size = (int) Math.min(length - position, Math.max(WINDOW, wanted));
                bytes =
                        objects.getRange(bucket, key, position, size)
                                .orElseThrow(() -> new IOException("there is no file " + key));
                start = position;
                if (bytes.length == 0) {
                    throw new EOFException(key + " is shorter than its manifest says");
                }
            }
            int from = (int) (position - start);
            int count = Math.min(wanted, bytes.length - from);
            System.arraycopy(bytes, from, into, offset, count);
            position += count;
            return count;
        }
    }
}
