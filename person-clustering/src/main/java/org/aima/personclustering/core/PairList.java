package org.aima.personclustering.core;

import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Distinct pairs of indexes with their similarity, in one long each.
 *
 * <p>Both indexes and a similarity share 63 bits: for a million vectors 20 and 20, which leaves 23
 * for the similarity, a resolution of 2.4e-7. Of a pair added twice the larger similarity is kept.
 * Pairs lie in sorted runs of fixed size in a {@link SpillFile} and are merged as they are read;
 * the heap holds one run.
 */
final class PairList {
    private static final int USABLE_BITS = 63;
    private static final int FEWEST_SIMILARITY_BITS = 12;
    // More would not survive the way through double.
    private static final int MOST_SIMILARITY_BITS = 30;
    private static final int RUN = 1 << 19;

    private final int indexBits;
    private final int similarityBits;
    private final long steps;
    private final SpillFile spill;
    private final List<LongBuffer> runs = new ArrayList<>();
    private long[] open = new long[0];
    private int size;

    /** Receives one pair, {@code left < right}. */
    @FunctionalInterface
    interface Consumer {
        void accept(int left, int right, double similarity);
    }

    /**
     * @param vectors number of indexes, at most 2^25
     */
    PairList(int vectors, SpillFile spill) {
        this.spill = spill;
        this.indexBits = Math.max(1, Integer.SIZE - Integer.numberOfLeadingZeros(vectors));
        this.similarityBits = Math.min(MOST_SIMILARITY_BITS, USABLE_BITS - 2 * indexBits);
        if (similarityBits < FEWEST_SIMILARITY_BITS) {
            throw new IllegalArgumentException(
                    "a space of " + vectors + " vectors is too large to be linked in one task");
        }
        this.steps = (1L << similarityBits) - 1;
    }

    void add(int a, int b, double similarity) {
        if (open.length == 0) {
            open = new long[RUN];
        } else if (size == RUN) {
            close();
        }
        // Reversed, so that the larger similarity of a pair comes first.
        long rank = steps - Math.round((Math.max(-1, Math.min(1, similarity)) + 1) / 2 * steps);
        open[size++] = key(a, b) << similarityBits | rank;
    }

    private long key(int a, int b) {
        return (long) Math.min(a, b) << indexBits | Math.max(a, b);
    }

    private void close() {
        if (size == 0) {
            return;
        }
        Arrays.sort(open, 0, size);
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (kept == 0 || open[i] >>> similarityBits != open[kept - 1] >>> similarityBits) {
                open[kept++] = open[i];
            }
        }
        LongBuffer run = spill.longs(kept);
        run.put(0, open, 0, kept);
        runs.add(run);
        size = 0;
    }

    /** Every pair once, in order of both indexes. */
    void forEach(Consumer consumer) {
        close();
        int[] at = new int[runs.size()];
        int[] heap = new int[runs.size()];
        int count = 0;
        for (int run = 0; run < heap.length; run++) {
            heap[count++] = run;
        }
        for (int i = count / 2 - 1; i >= 0; i--) {
            sink(heap, count, i, at);
        }
        long last = -1;
        while (count > 0) {
            int run = heap[0];
            long pair = runs.get(run).get(at[run]++);
            if (at[run] == runs.get(run).capacity()) {
                heap[0] = heap[--count];
            }
            sink(heap, count, 0, at);
            if (pair >>> similarityBits != last) {
                last = pair >>> similarityBits;
                consumer.accept(
                        (int) (last >>> indexBits),
                        (int) (last & (1L << indexBits) - 1),
                        (double) (steps - (pair & steps)) / steps * 2 - 1);
            }
        }
    }

    private void sink(int[] heap, int count, int from, int[] at) {
        int i = from;
        while (2 * i + 1 < count) {
            int child = 2 * i + 1;
            if (child + 1 < count && head(heap[child + 1], at) < head(heap[child], at)) {
                child++;
            }
            if (head(heap[i], at) <= head(heap[child], at)) {
                return;
            }
            int run = heap[i];
            heap[i] = heap[child];
            heap[child] = run;
            i = child;
        }
    }

    private long head(int run, int[] at) {
        return runs.get(run).get(at[run]);
    }

    /** Number of distinct pairs; reads them all. */
    int size() {
        int[] total = new int[1];
        forEach((left, right, similarity) -> total[0]++);
        return total[0];
    }

    /** Whether a pair was added. */
    boolean contains(int a, int b) {
        close();
        long wanted = key(a, b);
        return runs.stream().anyMatch(run -> contains(run, wanted));
    }

    private boolean contains(LongBuffer run, long wanted) {
        int low = 0;
        int high = run.capacity();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (run.get(middle) >>> similarityBits < wanted) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low < run.capacity() && run.get(low) >>> similarityBits == wanted;
    }

    /** Forgets all pairs. */
    void clear() {
        runs.clear();
        open = new long[0];
        size = 0;
    }
}
