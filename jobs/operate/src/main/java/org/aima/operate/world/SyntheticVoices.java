package org.aima.operate.world;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Voices with the similarities of an encoder that ends in ReLU, as measured on LibriSpeech: never
 * negative, half of the components 0, strangers .55 alike on average, one speaker .95.
 */
final class SyntheticVoices implements VectorSource {
    private static final int DIMENSION = 256;
    private static final double PERSON_DECAY = 17;
    private static final int PERSON_RANK = 128;
    private static final double NOISE_DECAY = 60;
    private static final double MEAN_SPREAD = 0.77;
    private static final double MEAN = 0.08;
    private static final double NOISE = 0.085;
    private static final double BAD_SEGMENTS = 0.016;

    private final Seeds seeds;
    private final String model;
    private final Basis persons;
    private final Basis noises;
    private final float[] mean = new float[DIMENSION];
    private final double[] personLatent = new double[PERSON_RANK];
    private final double[] noiseLatent = new double[DIMENSION];

    SyntheticVoices(Seeds seeds, String model) {
        this.seeds = seeds;
        this.model = model;
        SplittableRandom random = seeds.random(Seeds.Purpose.BASIS, 1);
        this.persons = new Basis(DIMENSION, PERSON_RANK, PERSON_DECAY, random);
        this.noises = new Basis(DIMENSION, DIMENSION, NOISE_DECAY, random);
        int[] order = Population.shuffled(DIMENSION, random);
        for (int i = 0; i < DIMENSION; i++) {
            // Evenly spread quantiles: the share of zeros must not depend on the seed.
            double u = (order[i] + 0.5) / DIMENSION;
            mean[i] = (float) (MEAN + MEAN_SPREAD * gaussianQuantile(u));
        }
    }

    @Override
    public int dimension() {
        return DIMENSION;
    }

    @Override
    public String model() {
        return model;
    }

    @Override
    public double fill(int person, long row, long track, long frame, float[] vector) {
        SplittableRandom self = seeds.random(Seeds.Purpose.LOBE, -1L - person);
        Arrays.fill(personLatent, 0);
        Basis.addGaussian(personLatent, self, 1);
        SplittableRandom segment = seeds.random(Seeds.Purpose.FRAME, frame);
        boolean bad = segment.nextDouble() < BAD_SEGMENTS;
        double noise =
                bad
                        ? 0.7 + 0.3 * segment.nextDouble()
                        : Math.min(0.5, NOISE * Math.exp(0.5 * segment.nextGaussian()));
        Arrays.fill(noiseLatent, 0);
        Basis.addGaussian(noiseLatent, segment, 1);
        System.arraycopy(mean, 0, vector, 0, DIMENSION);
        persons.addTo(vector, personLatent, Math.sqrt((1 - noise) * DIMENSION));
        noises.addTo(vector, noiseLatent, Math.sqrt(noise * DIMENSION));
        for (int i = 0; i < DIMENSION; i++) {
            vector[i] = Math.max(0, vector[i]);
        }
        Basis.normalize(vector);
        return Math.max(0.3, 0.99 - 0.6 * noise);
    }

    /** By bisection of the distribution function; only the mean is made with it. */
    private static double gaussianQuantile(double u) {
        double low = -6;
        double high = 6;
        for (int round = 0; round < 60; round++) {
            double middle = (low + high) / 2;
            if (distribution(middle) < u) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private static double distribution(double x) {
        double step = 0.01;
        double sum = 0;
        for (double t = -8; t < x; t += step) {
            sum += Math.exp(-t * t / 2);
        }
        return sum * step / Math.sqrt(2 * Math.PI);
    }
}
