package org.aima.personclustering.core;

import java.util.Arrays;

/**
 * Every n-th of a number of pairs that is not known beforehand: whenever there is no room, every
 * second one goes. The same for the same pairs in the same order.
 */
final class PairSample {
    private static final int FEWEST = 1 << 10;

    private final int most;
    private int[] left = new int[FEWEST];
    private int[] right = new int[FEWEST];
    private float[] similarity = new float[FEWEST];
    private int size;
    private int step = 1;
    private int skipped;

    /**
     * @param most pairs ever held, an even number; at least half as many are held once more came
     */
    PairSample(int most) {
        this.most = most;
    }

    void add(int a, int b, float value) {
        if (skipped > 0) {
            skipped--;
            return;
        }
        if (size == most) {
            halve();
        }
        if (size == left.length) {
            int longer = Math.min(most, 2 * size);
            left = Arrays.copyOf(left, longer);
            right = Arrays.copyOf(right, longer);
            similarity = Arrays.copyOf(similarity, longer);
        }
        left[size] = a;
        right[size] = b;
        similarity[size++] = value;
        skipped = step - 1;
    }

    // The pair that finds no room is the most-th: a multiple of the doubled step as well.
    private void halve() {
        size /= 2;
        for (int i = 0; i < size; i++) {
            left[i] = left[2 * i];
            right[i] = right[2 * i];
            similarity[i] = similarity[2 * i];
        }
        step *= 2;
    }

    /** How many pairs each stands for. */
    int step() {
        return step;
    }

    void forEach(CalibratedLinking.PairConsumer consumer) {
        for (int i = 0; i < size; i++) {
            consumer.accept(left[i], right[i], similarity[i]);
        }
    }
}
