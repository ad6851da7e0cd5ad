package org.aima.operate.world;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * How many faces and voices each person has: a few have very many, most have one.
 *
 * <p>Not everyone is seen and heard: some have no voice, some are only heard.
 */
record Population(long[] faces, long[] voices) {
    // Fitted to Labeled Faces in the Wild: the largest person holds some percent of all faces.
    private static final double EXPONENT = 1.6;
    private static final double OFFSET = 10;
    private static final int ALWAYS_BOTH = 10;
    private static final double SPEAKERS = 0.8;
    private static final double ROWS_OF_SPEAKER = 4;
    private static final double ONLY_HEARD = 0.12;

    static Population of(int persons, long faces, long voices, Seeds seeds) {
        double[] faceWeights = new double[persons];
        double[] voiceWeights = new double[persons];
        // Few rows belong to few speakers: a voice heard once in all proves nothing.
        double speakers = Math.min(SPEAKERS, voices / (ROWS_OF_SPEAKER * Math.max(1, persons)));
        for (int p = 0; p < persons; p++) {
            double weight = Math.pow(p + OFFSET, -EXPONENT);
            SplittableRandom random = seeds.random(Seeds.Purpose.PERSON, p);
            boolean heard = random.nextDouble() < speakers;
            boolean seen = !heard || random.nextDouble() >= ONLY_HEARD;
            faceWeights[p] = seen || p < ALWAYS_BOTH ? weight : 0;
            voiceWeights[p] = heard || p < ALWAYS_BOTH ? weight : 0;
        }
        return new Population(share(faceWeights, faces), share(voiceWeights, voices));
    }

    /**
     * Shares rows out by weight: everyone with a weight gets one as long as they last, the rest
     * goes by weight, and the sum is exact.
     */
    static long[] share(double[] weights, long rows) {
        long[] shares = new long[weights.length];
        long left = rows;
        for (int i = 0; i < weights.length && left > 0; i++) {
            if (weights[i] > 0) {
                shares[i] = 1;
                left--;
            }
        }
        double low = 0;
        double high = 2.0 * rows / Math.max(Double.MIN_NORMAL, smallest(weights)) + 1;
        for (int round = 0; round < 200; round++) {
            double scale = (low + high) / 2;
            if (extra(weights, scale) > left) {
                high = scale;
            } else {
                low = scale;
            }
        }
        if (left == 0) {
            return shares;
        }
        for (int i = 0; i < weights.length; i++) {
            long more = (long) Math.max(0, Math.floor(weights[i] * low) - 1);
            shares[i] += more;
            left -= more;
        }
        for (int i = 0; left > 0; i = (i + 1) % weights.length) {
            if (weights[i] > 0) {
                shares[i]++;
                left--;
            }
        }
        return shares;
    }

    private static double extra(double[] weights, double scale) {
        double sum = 0;
        for (double weight : weights) {
            sum += Math.max(0, Math.floor(weight * scale) - 1);
        }
        return sum;
    }

    private static double smallest(double[] weights) {
        return Arrays.stream(weights).filter(w -> w > 0).min().orElse(1);
    }

    /** A random order of {@code 0 .. n-1}. */
    static int[] shuffled(int n, SplittableRandom random) {
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            int other = random.nextInt(i + 1);
            order[i] = order[other];
            order[other] = i;
        }
        return order;
    }
}
