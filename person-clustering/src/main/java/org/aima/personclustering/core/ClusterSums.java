package org.aima.personclustering.core;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The sum of the unit vectors of each cluster, in a {@link SpillFile}; a cluster of one is the
 * vector itself. At most half as many sums as vectors ever exist at once, and their places are used
 * again. For one thread: methods share scratch memory.
 */
final class ClusterSums {
    private static final int SUMS_PER_CHUNK = 1 << 10;
    private static final int NONE = -1;

    private final UnitVectors vectors;
    private final SpillFile spill;
    private final int dimension;
    private final int[] place;
    private final List<FloatBuffer> chunks = new ArrayList<>();
    private int[] free = new int[64];
    private int freed;
    private int used;
    private final float[] one;
    private final float[] other;

    ClusterSums(UnitVectors vectors, SpillFile spill) {
        this.vectors = vectors;
        this.spill = spill;
        this.dimension = vectors.dimension();
        this.place = new int[vectors.size()];
        Arrays.fill(place, NONE);
        this.one = new float[dimension];
        this.other = new float[dimension];
    }

    /** Reads the sum of a cluster by its root. */
    void read(int root, float[] into) {
        if (place[root] == NONE) {
            vectors.read(root, into);
        } else {
            chunk(place[root]).get(offset(place[root]), into);
        }
    }

    /** Adds one cluster's sum to another's; the source has none from then on. */
    void merge(int target, int source) {
        read(target, one);
        read(source, other);
        for (int i = 0; i < dimension; i++) {
            one[i] += other[i];
        }
        if (place[target] == NONE) {
            place[target] = place[source] == NONE ? newPlace() : place[source];
        } else if (place[source] != NONE) {
            release(place[source]);
        }
        place[source] = NONE;
        chunk(place[target]).put(offset(place[target]), one);
    }

    /** The dot product of two clusters' sums. */
    double dot(int a, int b) {
        read(a, one);
        read(b, other);
        return VectorSet.dot(one, 0, other, 0, dimension);
    }

    /** The dot product of a cluster's sum with a vector. */
    double dot(int root, float[] vector) {
        read(root, one);
        return VectorSet.dot(one, 0, vector, 0, dimension);
    }

    private int newPlace() {
        if (freed > 0) {
            return free[--freed];
        }
        if (used == chunks.size() * SUMS_PER_CHUNK) {
            chunks.add(spill.floats(SUMS_PER_CHUNK * dimension));
        }
        return used++;
    }

    private void release(int at) {
        if (freed == free.length) {
            free = Arrays.copyOf(free, 2 * freed);
        }
        free[freed++] = at;
    }

    private FloatBuffer chunk(int at) {
        return chunks.get(at / SUMS_PER_CHUNK);
    }

    private int offset(int at) {
        return at % SUMS_PER_CHUNK * dimension;
    }
}
