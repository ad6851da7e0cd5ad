package org.aima.backfill;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.aima.backfill.core.LatencyProfile;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.Neighbour;
import org.aima.stores.milvus.MilvusPageReader;
import org.aima.stores.paging.KeyRange;

/** Samples vectors of a collection and asks collections for their neighbours. */
final class SearchQuality {
    private static final int RANGES = 10;
    private static final int SEARCHES_AT_ONCE = 10;

    private SearchQuality() {}

    /** Vectors from all over a collection, fewer when it has fewer rows. */
    static List<EmbeddingRow> sample(EmbeddingStore store, String collection, int wanted) {
        List<EmbeddingRow> sample = new ArrayList<>();
        if (wanted == 0) {
            return sample;
        }
        // Not closed: that would close the caller's store.
        @SuppressWarnings("resource")
        MilvusPageReader pages = new MilvusPageReader(store, collection, List.of(), true);
        List<KeyRange> ranges = pages.ranges();
        int taken = Math.min(RANGES, ranges.size());
        for (int i = 0; i < taken; i++) {
            KeyRange range = ranges.get((int) ((long) i * ranges.size() / taken));
            sample.addAll(
                    store.query(
                            collection,
                            range.scope(),
                            range,
                            List.of(),
                            true,
                            (int) Math.ceil((double) wanted / taken)));
        }
        return sample.subList(0, Math.min(wanted, sample.size()));
    }

    /** Keys of the k nearest rows of each vector. */
    static List<Set<String>> neighbours(
            EmbeddingStore store,
            String collection,
            List<float[]> vectors,
            int k,
            Map<String, String> params) {
        List<Set<String>> found = new ArrayList<>();
        for (int from = 0; from < vectors.size(); from += SEARCHES_AT_ONCE) {
            List<float[]> part =
                    vectors.subList(from, Math.min(vectors.size(), from + SEARCHES_AT_ONCE));
            store.search(collection, part, k, null, params)
                    .forEach(
                            n ->
                                    found.add(
                                            n.stream()
                                                    .map(Neighbour::id)
                                                    .collect(Collectors.toSet())));
        }
        return found;
    }

    /** How long single searches take now, through a view that need not wait for newer writes. */
    static LatencyProfile latency(
            EmbeddingStore store,
            String collection,
            List<float[]> vectors,
            Map<String, String> params,
            int searches) {
        LatencyProfile profile = new LatencyProfile();
        @SuppressWarnings("resource")
        EmbeddingStore view = store.asOfNow();
        for (int i = 0; i < searches && !vectors.isEmpty(); i++) {
            long start = System.nanoTime();
            view.search(collection, List.of(vectors.get(i % vectors.size())), 10, null, params);
            profile.add((System.nanoTime() - start) / 1e6);
        }
        return profile;
    }
}
