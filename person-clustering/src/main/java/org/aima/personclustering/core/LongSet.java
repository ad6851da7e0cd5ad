package org.aima.personclustering.core;

import java.util.Arrays;

/** A set of non-negative longs without boxing; grows, never shrinks. */
final class LongSet {
    private static final long FREE = -1;
    private static final int SMALLEST = 16;

    private long[] slots;
    private int used;

    LongSet(int expected) {
        slots = new long[Integer.highestOneBit(Math.max(SMALLEST, expected * 2 - 1)) * 2];
        Arrays.fill(slots, FREE);
    }

    /** Adds a value; false when it was there. */
    boolean add(long value) {
        if (used * 2L >= slots.length) {
            grow();
        }
        int at = slot(value);
        while (slots[at] != FREE) {
            if (slots[at] == value) {
                return false;
            }
            at = (at + 1) & (slots.length - 1);
        }
        slots[at] = value;
        used++;
        return true;
    }

    private int slot(long value) {
        long hash = value * 0x9E3779B97F4A7C15L;
        return (int) (hash >>> 32) & (slots.length - 1);
    }

    private void grow() {
        long[] before = slots;
        slots = new long[before.length * 2];
        Arrays.fill(slots, FREE);
        used = 0;
        for (long value : before) {
            if (value != FREE) {
                add(value);
            }
        }
    }
}
