package org.aima.personclustering.core;

import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Edges between clusters with their scores in a {@link SpillFile}: 12 bytes an edge, none of them
 * on the heap. Meant to be read from one end to the other; for one thread.
 */
final class EdgeList {
    private static final int CHUNK_BITS = 18;
    private static final int CHUNK = 1 << CHUNK_BITS;
    private static final int MASK = CHUNK - 1;

    private final SpillFile spill;
    private final List<IntBuffer> ends = new ArrayList<>();
    private final List<FloatBuffer> scores = new ArrayList<>();
    private IntBuffer[] endsOf = new IntBuffer[0];
    private FloatBuffer[] scoresOf = new FloatBuffer[0];
    private int size;

    EdgeList(SpillFile spill) {
        this.spill = spill;
    }

    int size() {
        return size;
    }

    int left(int edge) {
        return endsOf[edge >>> CHUNK_BITS].get((edge & MASK) << 1);
    }

    int right(int edge) {
        return endsOf[edge >>> CHUNK_BITS].get((edge & MASK) << 1 | 1);
    }

    /** The score, NaN when it is to be computed. */
    float score(int edge) {
        return scoresOf[edge >>> CHUNK_BITS].get(edge & MASK);
    }

    /** Both ends as one number, the smaller in its upper half. */
    long key(int edge) {
        return (long) left(edge) << 32 | right(edge);
    }

    void score(int edge, float score) {
        scoresOf[edge >>> CHUNK_BITS].put(edge & MASK, score);
    }

    /** Replaces an edge; its ends in any order. */
    void set(int edge, int a, int b, float score) {
        IntBuffer chunk = endsOf[edge >>> CHUNK_BITS];
        chunk.put((edge & MASK) << 1, Math.min(a, b));
        chunk.put((edge & MASK) << 1 | 1, Math.max(a, b));
        score(edge, score);
    }

    void add(int a, int b, float score) {
        if (size == ends.size() * CHUNK) {
            ends.add(spill.ints(2 * CHUNK));
            scores.add(spill.floats(CHUNK));
            endsOf = ends.toArray(IntBuffer[]::new);
            scoresOf = scores.toArray(FloatBuffer[]::new);
        }
        set(size++, a, b, score);
    }

    void swap(int a, int b) {
        int left = left(a);
        int right = right(a);
        float score = score(a);
        set(a, left(b), right(b), score(b));
        set(b, left, right, score);
    }

    /** Drops all edges from an index on. */
    void truncate(int newSize) {
        size = newSize;
    }
}
