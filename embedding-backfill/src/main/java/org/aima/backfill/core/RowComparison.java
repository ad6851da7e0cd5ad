package org.aima.backfill.core;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.aima.backfill.core.Difference.Kind;

/**
 * Finds the keys that two collections do not hold alike: exact, in memory bounded by one bucket.
 *
 * <p>Both sides are written to files by the hash of the key; each bucket also keeps the sum of its
 * rows' hashes, and only buckets whose sums differ are compared row by row. Rows may come in any
 * order and from several threads.
 */
public final class RowComparison implements AutoCloseable {
    private static final int ROWS_PER_BUCKET = 50_000;
    private static final int MAX_BUCKETS = 1_024;
    private static final int BUFFER_BYTES = 32_768;

    private final Path directory;
    private final Side expected;
    private final Side found;

    /**
     * @param directory of temporary files; is deleted on close
     * @param rows about as many as each side has
     */
    public RowComparison(Path directory, long rows) {
        this.directory = directory;
        int buckets = (int) Math.min(MAX_BUCKETS, 1 + rows / ROWS_PER_BUCKET);
        this.expected = new Side("expected", buckets);
        this.found = new Side("found", buckets);
    }

    /** A row as it should be. */
    public void expect(String key, String partition, long content) {
        expected.add(key, partition, content);
    }

    /** A row as it is. */
    public void find(String key, String partition, long content) {
        found.add(key, partition, content);
    }

    /** Rows expected so far. */
    public long expectedRows() {
        return expected.rows();
    }

    /** Rows found so far. */
    public long foundRows() {
        return found.rows();
    }

    /**
     * Compares what was added; to be called once.
     *
     * @param each is told every difference; a key is told at most twice: for a wrong row and for a
     *     superfluous one
     * @return how many there are of each kind
     */
    public Map<Kind, Long> compare(Consumer<Difference> each) {
        expected.finish();
        found.finish();
        Map<Kind, Long> counts = new EnumMap<>(Kind.class);
        for (int bucket = 0; bucket < expected.sums.length; bucket++) {
            if (expected.sums[bucket] != found.sums[bucket]
                    || expected.counts[bucket] != found.counts[bucket]) {
                compare(
                        bucket,
                        difference -> {
                            counts.merge(difference.kind(), 1L, Long::sum);
                            each.accept(difference);
                        });
            }
        }
        return counts;
    }

    private void compare(int bucket, Consumer<Difference> each) {
        Map<String, List<Entry>> there = new HashMap<>();
        found.read(bucket, e -> there.computeIfAbsent(e.key, k -> new ArrayList<>(1)).add(e));
        Map<String, List<Entry>> wanted = new HashMap<>();
        expected.read(bucket, e -> wanted.computeIfAbsent(e.key, k -> new ArrayList<>(1)).add(e));
        wanted.forEach((key, rows) -> compare(key, rows, there.remove(key), each));
        there.forEach(
                (key, rows) ->
                        rows.forEach(
                                r ->
                                        each.accept(
                                                new Difference(
                                                        Kind.EXTRA,
                                                        key,
                                                        "",
                                                        r.partition,
                                                        0,
                                                        r.content))));
    }

    private static void compare(
            String key,
            List<Entry> wanted,
            @org.jspecify.annotations.Nullable List<Entry> there,
            Consumer<Difference> each) {
        // A source that holds a key twice has no right answer: either of its rows will do.
        Entry first = wanted.get(0);
        if (there == null) {
            each.accept(new Difference(Kind.MISSING, key, first.partition, "", first.content, 0));
            return;
        }
        there.sort(Comparator.comparing(e -> wanted.contains(e) ? 0 : 1));
        Entry best = there.get(0);
        if (!wanted.contains(best)) {
            boolean sameContent = wanted.stream().anyMatch(w -> w.content == best.content);
            each.accept(
                    new Difference(
                            sameContent ? Kind.MISPLACED : Kind.CHANGED,
                            key,
                            first.partition,
                            best.partition,
                            first.content,
                            best.content));
        }
        for (Entry more : there.subList(1, there.size())) {
            each.accept(
                    new Difference(
                            Kind.DOUBLED,
                            key,
                            first.partition,
                            more.partition,
                            first.content,
                            more.content));
        }
    }

    @Override
    public void close() {
        expected.finish();
        found.finish();
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private record Entry(String key, String partition, long content) {}

    /** One of the two collections. */
    private final class Side {
        private final String name;
        private final DataOutputStream[] files;
        private final long[] sums;
        private final long[] counts;
        private boolean finished;

        Side(String name, int buckets) {
            this.name = name;
            this.files = new DataOutputStream[buckets];
            this.sums = new long[buckets];
            this.counts = new long[buckets];
            try {
                Files.createDirectories(directory);
                for (int i = 0; i < buckets; i++) {
                    files[i] =
                            new DataOutputStream(
                                    new BufferedOutputStream(
                                            Files.newOutputStream(file(i)), BUFFER_BYTES));
                }
            } catch (IOException e) {
                throw new UncheckedIOException("cannot write to " + directory, e);
            }
        }

        private Path file(int bucket) {
            return directory.resolve(name + "-" + bucket);
        }

        synchronized void add(String key, String partition, long content) {
            int bucket = Math.floorMod(key.hashCode() * 0x9e3779b1, files.length);
            sums[bucket] += RowDigest.placed(content ^ key.hashCode(), partition);
            counts[bucket]++;
            try {
                byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
                files[bucket].writeInt(bytes.length);
                files[bucket].write(bytes);
                files[bucket].writeUTF(partition);
                files[bucket].writeLong(content);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot write to " + directory, e);
            }
        }

        synchronized long rows() {
            long rows = 0;
            for (long count : counts) {
                rows += count;
            }
            return rows;
        }

        synchronized void finish() {
            if (finished) {
                return;
            }
            finished = true;
            try {
                for (DataOutputStream file : files) {
                    file.close();
                }
            } catch (IOException e) {
                throw new UncheckedIOException("cannot write to " + directory, e);
            }
        }

        void read(int bucket, Consumer<Entry> each) {
            try (DataInputStream in =
                    new DataInputStream(
                            new BufferedInputStream(Files.newInputStream(file(bucket))))) {
                while (true) {
                    int length;
                    try {
                        length = in.readInt();
                    } catch (EOFException e) {
                        return;
                    }
                    String key = new String(in.readNBytes(length), StandardCharsets.UTF_8);
                    each.accept(new Entry(key, in.readUTF(), in.readLong()));
                }
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read " + file(bucket), e);
            }
        }
    }
}
