package org.aima.dossier.core;

import java.util.Arrays;

/**
 * Sets of time spans in milliseconds, as arrays of start, end, start, end, …: ascending, and
 * further apart than the gap they were merged with.
 */
public final class Spans {
    public static final long[] NONE = {};

    private Spans() {}

    /**
     * The union, where spans at most {@code gap} apart become one. Commutative, associative and
     * idempotent, so spans can be merged in any order and in parts.
     */
    public static long[] merge(long[] a, long[] b, long gap) {
        if (b.length == 0) {
            return a;
        }
        if (a.length == 0) {
            return b;
        }
        long[] both = new long[a.length + b.length];
        int size = 0;
        int i = 0;
        int j = 0;
        while (i < a.length || j < b.length) {
            boolean first = j >= b.length || (i < a.length && a[i] <= b[j]);
            long start = first ? a[i] : b[j];
            long end = first ? a[i + 1] : b[j + 1];
            if (first) {
                i += 2;
            } else {
                j += 2;
            }
            size = append(both, size, start, end, gap);
        }
        return Arrays.copyOf(both, size);
    }

    /** Spans in any order as such a set; the array is not kept. */
    public static long[] of(long[] unordered, long gap) {
        int n = unordered.length / 2;
        Integer[] order = new Integer[n];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (x, y) -> Long.compare(unordered[2 * x], unordered[2 * y]));
        long[] merged = new long[2 * n];
        int size = 0;
        for (int i : order) {
            size = append(merged, size, unordered[2 * i], unordered[2 * i + 1], gap);
        }
        return Arrays.copyOf(merged, size);
    }

    private static int append(long[] into, int size, long start, long end, long gap) {
        if (size > 0 && start - into[size - 1] <= gap) {
            into[size - 1] = Math.max(into[size - 1], end);
            return size;
        }
        into[size] = start;
        into[size + 1] = end;
        return size + 2;
    }

    /** Where both are; spans that only touch have nothing in common. */
    public static long[] intersect(long[] a, long[] b) {
        long[] common = new long[a.length + b.length];
        int size = 0;
        int i = 0;
        int j = 0;
        while (i < a.length && j < b.length) {
            long start = Math.max(a[i], b[j]);
            long end = Math.min(a[i + 1], b[j + 1]);
            if (start < end) {
                common[size++] = start;
                common[size++] = end;
            }
            if (a[i + 1] < b[j + 1]) {
                i += 2;
            } else {
                j += 2;
            }
        }
        return Arrays.copyOf(common, size);
    }

    public static long length(long[] spans) {
        long length = 0;
        for (int i = 0; i < spans.length; i += 2) {
            length += spans[i + 1] - spans[i];
        }
        return length;
    }

    /** Only the spans of at least this length. */
    public static long[] atLeast(long[] spans, long millis) {
        long[] kept = new long[spans.length];
        int size = 0;
        for (int i = 0; i < spans.length; i += 2) {
            if (spans[i + 1] - spans[i] >= millis) {
                kept[size++] = spans[i];
                kept[size++] = spans[i + 1];
            }
        }
        return Arrays.copyOf(kept, size);
    }

    public static int count(long[] spans) {
        return spans.length / 2;
    }
}
