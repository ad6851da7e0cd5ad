package org.aima.backfill;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.aima.backfill.core.Difference;
import org.aima.backfill.core.MediaFacts;
import org.aima.backfill.core.NearestRows;
import org.aima.backfill.core.Placement;
import org.aima.backfill.core.RowComparison;
import org.aima.backfill.core.RowDigest;
import org.aima.backfill.core.RowMapper;
import org.aima.backfill.function.RowMapperFactory;
import org.aima.jobs.pipeline.ProgressLines;
import org.aima.stores.DocumentStore;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingStore;
import org.jspecify.annotations.Nullable;

/**
 * Compares what a source says the target must hold with what the target holds: every key, every
 * bit. Both collections are read once, strongly.
 */
final class CollectionComparison {
    private static final int KEPT_DIFFERENCES = 1_000_000;

    private final Supplier<EmbeddingStore> sources;
    private final Supplier<EmbeddingStore> targets;
    private final Supplier<DocumentStore> documents;
    private final int threads;
    private final ProgressLines progress;

    CollectionComparison(
            Supplier<EmbeddingStore> sources,
            Supplier<EmbeddingStore> targets,
            Supplier<DocumentStore> documents,
            int threads,
            ProgressLines progress) {
        this.sources = sources;
        this.targets = targets;
        this.documents = documents;
        this.threads = threads;
        this.progress = progress;
    }

    /**
     * What a comparison found.
     *
     * @param expected rows by partition that the source says
     * @param found rows by partition that the target holds
     * @param rejected rows of the source that no target can hold, by reason
     * @param counts differences by kind
     * @param differences all of them, up to a million
     * @param sample rows as they should be
     */
    record Outcome(
            Map<String, Long> expected,
            Map<String, Long> found,
            Map<String, Long> rejected,
            Map<Difference.Kind, Long> counts,
            List<Difference> differences,
            List<Placement> sample) {

        long expectedRows() {
            return expected.values().stream().mapToLong(Long::longValue).sum();
        }

        long foundRows() {
            return found.values().stream().mapToLong(Long::longValue).sum();
        }

        long rejectedRows() {
            return rejected.values().stream().mapToLong(Long::longValue).sum();
        }

        long total() {
            return counts.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    /**
     * Compares two collections.
     *
     * @param sampleRows about how many expected rows to keep
     * @param nearest is offered every expected row; null for none
     */
    Outcome compare(
            String source,
            String target,
            RowMapperFactory mappers,
            int sampleRows,
            @Nullable NearestRows nearest) {
        long total;
        try (EmbeddingStore store = sources.get()) {
            total = store.count(source, null, null);
        }
        Map<String, AtomicLong> expected = new ConcurrentHashMap<>();
        Map<String, AtomicLong> found = new ConcurrentHashMap<>();
        Map<String, AtomicLong> rejected = new ConcurrentHashMap<>();
        List<Placement> sample = Collections.synchronizedList(new ArrayList<>());
        long every = Math.max(1, total / Math.max(1, sampleRows));
        List<Difference> differences = new ArrayList<>();
        try (RowComparison comparison = new RowComparison(directory(), total)) {
            new PageScan(sources, threads, progress)
                    .scan(
                            source,
                            PageScan.scalars(mappers.source()),
                            true,
                            total,
                            "rows of " + source + " read",
                            () ->
                                    new Expecting(
                                            mappers,
                                            documents.get(),
                                            comparison,
                                            expected,
                                            rejected,
                                            sample,
                                            every,
                                            nearest));
            boolean byKey = mappers.scheme().byKey();
            new PageScan(targets, threads, progress)
                    .scan(
                            target,
                            PageScan.scalars(mappers.target()),
                            true,
                            total,
                            "rows of " + target + " read",
                            () -> {
                                RowDigest digest = new RowDigest(mappers.target());
                                return (partition, rows) -> {
                                    String place = byKey ? "" : partition;
                                    rows.forEach(
                                            r -> comparison.find(r.id(), place, digest.content(r)));
                                    add(found, place, rows.size());
                                };
                            });
            Map<Difference.Kind, Long> counts =
                    comparison.compare(
                            difference -> {
                                if (differences.size() < KEPT_DIFFERENCES) {
                                    differences.add(difference);
                                }
                            });
            return new Outcome(
                    sums(expected), sums(found), sums(rejected), counts, differences, sample);
        }
    }

    /** Tells what the source says of each page it reads. */
    private static final class Expecting implements PageScan.Reader {
        private final RowMapper mapper;
        private final RowDigest digest;
        private final DocumentStore documents;
        private final MediaLookup media;
        private final RowComparison comparison;
        private final Map<String, AtomicLong> expected;
        private final Map<String, AtomicLong> rejected;
        private final List<Placement> sample;
        private final long every;
        private final @Nullable NearestRows nearest;

        Expecting(
                RowMapperFactory mappers,
                DocumentStore documents,
                RowComparison comparison,
                Map<String, AtomicLong> expected,
                Map<String, AtomicLong> rejected,
                List<Placement> sample,
                long every,
                @Nullable NearestRows nearest) {
            this.mapper = mappers.create();
            this.digest = new RowDigest(mappers.target());
            this.documents = documents;
            this.media = new MediaLookup(documents, mappers.paths());
            this.comparison = comparison;
            this.expected = expected;
            this.rejected = rejected;
            this.sample = sample;
            this.every = every;
            this.nearest = nearest;
        }

        @Override
        public void page(String partition, List<EmbeddingRow> rows) {
            List<MediaFacts> facts =
                    mapper.needsMedia()
                            ? media.of(rows)
                            : Collections.nCopies(rows.size(), MediaFacts.UNKNOWN);
            for (int i = 0; i < rows.size(); i++) {
                Placement placement = mapper.map(rows.get(i), facts.get(i));
                if (placement.rejected()) {
                    add(rejected, placement.reason(), 1);
                    continue;
                }
                long content = digest.content(placement.row());
                comparison.expect(placement.row().id(), placement.partition(), content);
                add(expected, placement.partition(), 1);
                if (Long.remainderUnsigned(content, every) == 0) {
                    sample.add(placement);
                }
                if (nearest != null) {
                    nearest.offer(placement.row().id(), placement.row().vector());
                }
            }
        }

        @Override
        public void close() {
            documents.close();
        }
    }

    private static void add(Map<String, AtomicLong> sums, String name, long amount) {
        sums.computeIfAbsent(name, n -> new AtomicLong()).addAndGet(amount);
    }

    private static Map<String, Long> sums(Map<String, AtomicLong> sums) {
        Map<String, Long> out = new TreeMap<>();
        sums.forEach((name, sum) -> out.put(name, sum.get()));
        return out;
    }

    private static Path directory() {
        try {
            return Files.createTempDirectory("aima-compare-");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make a temporary directory", e);
        }
    }
}
