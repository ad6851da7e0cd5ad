package org.aima.personclustering.core;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Vectors in a file that is mapped into memory: the page cache holds what is in use, and the heap
 * holds none.
 *
 * <p>The file has no name once it is open, so it goes with the process at the latest.
 */
public final class VectorSpill implements AutoCloseable {
    // Few large maps: a process may have some ten thousand only.
    private static final int CHUNK_BYTES = 64 << 20;

    private final FileChannel channel;
    private long end;
    private FloatBuffer open = FloatBuffer.allocate(0);

    public VectorSpill(Path directory) {
        try {
            Files.createDirectories(directory);
            Path file = Files.createTempFile(directory, "vectors", ".spill");
            channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot spill vectors to " + directory, e);
        }
    }

    /** Writes vectors and gives them back as they lie in the file. */
    public FloatBuffer keep(float[] vectors) {
        if (vectors.length == 0) {
            return FloatBuffer.allocate(0);
        }
        if (open.remaining() < vectors.length) {
            long bytes = Math.max(CHUNK_BYTES, (long) vectors.length * Float.BYTES);
            try {
                ByteBuffer mapped = channel.map(FileChannel.MapMode.READ_WRITE, end, bytes);
                open = mapped.order(ByteOrder.nativeOrder()).asFloatBuffer();
                end += bytes;
            } catch (IOException e) {
                throw new UncheckedIOException("cannot spill " + bytes + " bytes of vectors", e);
            }
        }
        FloatBuffer kept = open.slice(open.position(), vectors.length);
        kept.put(0, vectors);
        open.position(open.position() + vectors.length);
        return kept;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
