package org.aima.archival.core;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Sorts rows of bytes by a key of bytes in bounded memory: what does not fit goes to files and is
 * merged from there. Equal keys come in order of their values, so the result does not depend on the
 * order of input. Used by one thread.
 */
public final class SpillSorter implements AutoCloseable {
    private static final int IO_BYTES = 1 << 18;
    private static final int OVERHEAD = 64;
    private static final Comparator<Row> ORDER =
            (a, b) -> {
                int byKey = Arrays.compareUnsigned(a.key, b.key);
                return byKey != 0 ? byKey : Arrays.compareUnsigned(a.value, b.value);
            };

    private final Path directory;
    private final long memoryBytes;
    private final List<Row> buffered = new ArrayList<>();
    private final List<Path> runs = new ArrayList<>();
    private final List<RunReader> open = new ArrayList<>();
    private long bytes;
    private long rows;

    /**
     * @param directory where files go; created when it does not exist
     * @param memoryBytes what rows may take before they are written there
     */
    public SpillSorter(Path directory, long memoryBytes) {
        this.directory = directory;
        this.memoryBytes = memoryBytes;
    }

    /** Receives rows in order. */
    @FunctionalInterface
    public interface RowConsumer {
        void accept(byte[] value) throws IOException;
    }

    private record Row(byte[] key, byte[] value) {}

    public void add(byte[] key, byte[] value) throws IOException {
        buffered.add(new Row(key, value));
        rows++;
        bytes += key.length + value.length + OVERHEAD;
        if (bytes >= memoryBytes) {
            spill();
        }
    }

    /** Rows added so far. */
    public long rows() {
        return rows;
    }

    private void spill() throws IOException {
        buffered.sort(ORDER);
        Files.createDirectories(directory);
        Path run = Files.createTempFile(directory, "sort", ".run");
        runs.add(run);
        try (DataOutputStream out =
                new DataOutputStream(
                        new BufferedOutputStream(Files.newOutputStream(run), IO_BYTES))) {
            for (Row row : buffered) {
                out.writeInt(row.key.length);
                out.write(row.key);
                out.writeInt(row.value.length);
                out.write(row.value);
            }
        }
        buffered.clear();
        bytes = 0;
    }

    /** Hands all rows over in order; nothing can be added afterwards. */
    public void drain(RowConsumer consumer) throws IOException {
        buffered.sort(ORDER);
        PriorityQueue<RunReader> heads =
                new PriorityQueue<>(Comparator.comparing((RunReader r) -> r.head, ORDER));
        for (Path run : runs) {
            RunReader reader = new RunReader(run);
            open.add(reader);
            if (reader.advance()) {
                heads.add(reader);
            }
        }
        int next = 0;
        while (next < buffered.size() || !heads.isEmpty()) {
            RunReader first = heads.peek();
            boolean fromMemory =
                    first == null
                            || next < buffered.size()
                                    && ORDER.compare(buffered.get(next), first.head) <= 0;
            if (fromMemory) {
                consumer.accept(buffered.get(next).value);
                next++;
            } else {
                heads.poll();
                consumer.accept(first.head.value);
                if (first.advance()) {
                    heads.add(first);
                }
            }
        }
    }

    @Override
    public void close() {
        try {
            for (RunReader reader : open) {
                reader.in.close();
            }
            for (Path run : runs) {
                Files.deleteIfExists(run);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        buffered.clear();
    }

    private static final class RunReader {
        private final DataInputStream in;
        private Row head = new Row(new byte[0], new byte[0]);

        RunReader(Path run) throws IOException {
            in = new DataInputStream(new BufferedInputStream(Files.newInputStream(run), IO_BYTES));
        }

        boolean advance() throws IOException {
            int length;
            try {
                length = in.readInt();
            } catch (EOFException e) {
                return false;
            }
            byte[] key = in.readNBytes(length);
            byte[] value = in.readNBytes(in.readInt());
            head = new Row(key, value);
            return true;
        }
    }
}
