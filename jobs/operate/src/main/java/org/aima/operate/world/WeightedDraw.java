package org.aima.operate.world;

import java.util.SplittableRandom;

/** Draws from numbered items by their remaining counts, in logarithmic time (a Fenwick tree). */
final class WeightedDraw {
    private final long[] tree;
    private final long[] remaining;
    private final int highest;
    private long total;

    WeightedDraw(long[] counts) {
        this.remaining = counts.clone();
        this.tree = new long[counts.length + 1];
        for (int i = 0; i < counts.length; i++) {
            add(i, counts[i]);
        }
        this.highest = Integer.highestOneBit(Math.max(1, counts.length));
    }

    long total() {
        return total;
    }

    long remaining(int item) {
        return remaining[item];
    }

    void take(int item) {
        remaining[item]--;
        add(item, -1);
    }

    private void add(int item, long amount) {
        total += amount;
        for (int i = item + 1; i < tree.length; i += i & -i) {
            tree[i] += amount;
        }
    }

    /** An item with something left; there must be one. */
    int draw(SplittableRandom random) {
        long rank = random.nextLong(total);
        int position = 0;
        for (int step = highest; step > 0; step >>= 1) {
            int next = position + step;
            if (next < tree.length && tree[next] <= rank) {
                position = next;
                rank -= tree[next];
            }
        }
        return position;
    }
}
