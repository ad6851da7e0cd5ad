package org.aima.backfill;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.aima.backfill.core.RowComparison;
import org.aima.jobs.pipeline.ProgressLines;
import org.aima.stores.EmbeddingStore;

/**
 * Finds changed rows without reading vectors: keys on one side only, and rows whose timestamp is
 * newer than a moment. A row that was changed and kept its old timestamp is not found.
 */
final class KeyComparison {
    private static final String TIMESTAMP = "timestamp";

    private final Supplier<EmbeddingStore> stores;
    private final int threads;
    private final ProgressLines progress;

    KeyComparison(Supplier<EmbeddingStore> stores, int threads, ProgressLines progress) {
        this.stores = stores;
        this.threads = threads;
        this.progress = progress;
    }

    /** Keys of rows of the source that are newer, missing in the target, or gone. */
    Set<String> changed(String source, String target, long sinceMillis) {
        long total;
        List<String> fields;
        try (EmbeddingStore store = stores.get()) {
            total = store.count(source, null, null);
            fields =
                    store.describe(source).orElseThrow().field(TIMESTAMP).isPresent()
                            ? List.of(TIMESTAMP)
                            : List.of();
        }
        Set<String> keys = ConcurrentHashMap.newKeySet();
        try (RowComparison comparison =
                new RowComparison(Files.createTempDirectory("aima-keys-"), total)) {
            PageScan scan = new PageScan(stores, threads, progress);
            scan.scan(
                    source,
                    fields,
                    false,
                    total,
                    "keys of " + source + " read",
                    () ->
                            (partition, rows) ->
                                    rows.forEach(
                                            r -> {
                                                comparison.expect(r.id(), "", 0);
                                                if (r.fields().get(TIMESTAMP) instanceof Long at
                                                        && at >= sinceMillis) {
                                                    keys.add(r.id());
                                                }
                                            }));
            scan.scan(
                    target,
                    List.of(),
                    false,
                    total,
                    "keys of " + target + " read",
                    () -> (partition, rows) -> rows.forEach(r -> comparison.find(r.id(), "", 0)));
            comparison.compare(d -> keys.add(d.key()));
            return keys;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make a temporary directory", e);
        }
    }
}
