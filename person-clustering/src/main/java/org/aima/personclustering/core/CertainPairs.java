package org.aima.personclustering.core;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;

/**
 * Pairs of which it is known beforehand whether they show one person: two faces side by side in one
 * picture do not, two of one track and two of one confirmed person do.
 *
 * <p>Each kind is sampled up to a limit in an order that depends on the data alone.
 */
final class CertainPairs {
    private static final int LIMIT = 50_000;
    private static final int PAIRS_PER_GROUP = 3;

    private final VectorSet vectors;

    CertainPairs(VectorSet vectors) {
        this.vectors = vectors;
    }

    /** Similarities of faces side by side in one picture. */
    double[] strangers() {
        double[] found = new double[LIMIT];
        int[] size = new int[1];
        forEachGroup(
                vectors::frame,
                group -> {
                    for (int i = 0; i < group.length && size[0] < LIMIT; i++) {
                        for (int j = i + 1; j < group.length && size[0] < LIMIT; j++) {
                            if (vectors.apart(group[i], group[j])) {
                                found[size[0]++] = vectors.similarity(group[i], group[j]);
                            }
                        }
                    }
                });
        return Arrays.copyOf(found, size[0]);
    }

    /** Similarities within tracks, a few of each. */
    double[] tracks() {
        double[] found = new double[LIMIT];
        int[] size = new int[1];
        forEachGroup(vectors::track, group -> size[0] = spread(group, found, size[0]));
        return Arrays.copyOf(found, size[0]);
    }

    /** Similarities within groups of members that people put together. */
    double[] within(List<int[]> groups) {
        double[] found = new double[LIMIT];
        int size = 0;
        for (int[] group : groups) {
            // As many pairs as members: a large person weighs more, not by its square.
            for (int round = 0; round < PAIRS_PER_GROUP; round++) {
                size = ring(group, 1 + round * (group.length / PAIRS_PER_GROUP), found, size);
            }
        }
        return Arrays.copyOf(found, size);
    }

    private int ring(int[] group, int step, double[] found, int from) {
        int size = from;
        for (int i = 0; i + step < group.length && size < LIMIT; i++) {
            found[size++] = vectors.similarity(group[i], group[i + step]);
        }
        return size;
    }

    private int spread(int[] group, double[] found, int from) {
        int size = from;
        for (int i = 0; i < Math.min(PAIRS_PER_GROUP, group.length - 1) && size < LIMIT; i++) {
            found[size++] = vectors.similarity(group[i], group[group.length - 1]);
        }
        return size;
    }

    private interface GroupConsumer {
        void accept(int[] members);
    }

    private void forEachGroup(IntToLongFunction keyOf, GroupConsumer consumer) {
        Integer[] order =
                IntStream.range(0, vectors.size())
                        .filter(i -> keyOf.applyAsLong(i) != 0)
                        .boxed()
                        .toArray(Integer[]::new);
        Arrays.sort(
                order,
                Comparator.comparingLong((Integer i) -> keyOf.applyAsLong(i))
                        .thenComparing(i -> i));
        for (int start = 0; start < order.length; ) {
            int end = start + 1;
            long key = keyOf.applyAsLong(order[start]);
            while (end < order.length && keyOf.applyAsLong(order[end]) == key) {
                end++;
            }
            if (end - start > 1) {
                consumer.accept(
                        Arrays.stream(order, start, end).mapToInt(Integer::intValue).toArray());
            }
            start = end;
        }
    }
}
