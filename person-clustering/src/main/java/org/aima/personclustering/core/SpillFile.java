package org.aima.personclustering.core;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Arrays in a file that is mapped into memory: the page cache holds what is in use, and the heap
 * holds none.
 *
 * <p>The file has no name once it is open, so it goes with the process at the latest. What is given
 * out stays valid after {@link #close}; its pages are freed with the last buffer. For one thread.
 */
public final class SpillFile implements AutoCloseable {
    // Few large maps: a process may have some ten thousand only.
    private static final int CHUNK_BYTES = 64 << 20;
    private static final int ALIGNMENT = Long.BYTES;

    private final @Nullable FileChannel channel;
    private long end;
    private ByteBuffer open = ByteBuffer.allocate(0);

    public SpillFile(Path directory) {
        try {
            Files.createDirectories(directory);
            Path file = Files.createTempFile(directory, "aima", ".spill");
            channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot spill to " + directory, e);
        }
    }

    private SpillFile() {
        channel = null;
    }

    /** Gives out arrays of the heap: for spaces so small that a file is not worth it. */
    static SpillFile onHeap() {
        return new SpillFile();
    }

    /** Writes floats and gives them back as they lie in the file. */
    public FloatBuffer keep(float[] values) {
        FloatBuffer kept = floats(values.length);
        kept.put(0, values);
        return kept;
    }

    /** Zeros to be written and read. */
    FloatBuffer floats(int length) {
        return bytes((long) length * Float.BYTES).asFloatBuffer();
    }

    /** Zeros to be written and read. */
    IntBuffer ints(int length) {
        return bytes((long) length * Integer.BYTES).asIntBuffer();
    }

    /** Zeros to be written and read. */
    LongBuffer longs(int length) {
        return bytes((long) length * Long.BYTES).asLongBuffer();
    }

    private ByteBuffer bytes(long wanted) {
        int length = Math.toIntExact(wanted);
        if (channel == null) {
            return ByteBuffer.allocate(length).order(ByteOrder.nativeOrder());
        }
        if (open.remaining() < length) {
            int bytes = Math.max(CHUNK_BYTES, length);
            try {
                open = channel.map(FileChannel.MapMode.READ_WRITE, end, bytes);
                end += bytes;
            } catch (IOException e) {
                throw new UncheckedIOException("cannot spill " + bytes + " bytes", e);
            }
        }
        int at = open.position();
        ByteBuffer given = open.slice(at, length).order(ByteOrder.nativeOrder());
        open.position(
                Math.min(open.limit(), at + (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT));
        return given;
    }

    @Override
    public void close() {
        if (channel == null) {
            return;
        }
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
