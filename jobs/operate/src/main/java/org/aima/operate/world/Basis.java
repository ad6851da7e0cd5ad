package org.aima.operate.world;

import java.util.SplittableRandom;

/**
 * Orthogonal directions with decaying weights: random vectors over it have a low effective
 * dimension, as real embeddings have, and so look alike more often than in the whole space.
 */
final class Basis {
    private final float[][] directions;
    private final int dimension;

    /**
     * @param decay weights fall as {@code exp(-k / decay)}; the effective dimension is about twice
     *     that
     */
    Basis(int dimension, int rank, double decay, SplittableRandom random) {
        this.dimension = dimension;
        double[][] vectors = new double[rank][dimension];
        double energy = 0;
        for (int k = 0; k < rank; k++) {
            energy += Math.exp(-k / decay);
            for (int i = 0; i < dimension; i++) {
                vectors[k][i] = random.nextGaussian();
            }
            for (int j = 0; j < k; j++) {
                double overlap = dot(vectors[k], vectors[j]);
                for (int i = 0; i < dimension; i++) {
                    vectors[k][i] -= overlap * vectors[j][i];
                }
            }
            double length = Math.sqrt(dot(vectors[k], vectors[k]));
            for (int i = 0; i < dimension; i++) {
                vectors[k][i] /= length;
            }
        }
        this.directions = new float[rank][dimension];
        for (int k = 0; k < rank; k++) {
            double weight = Math.sqrt(Math.exp(-k / decay) / energy);
            for (int i = 0; i < dimension; i++) {
                directions[k][i] = (float) (weight * vectors[k][i]);
            }
        }
    }

    int rank() {
        return directions.length;
    }

    /** Adds {@code scale * latent} to a vector; a Gaussian latent adds a length of about scale. */
    void addTo(float[] vector, double[] latent, double scale) {
        for (int k = 0; k < directions.length; k++) {
            float factor = (float) (scale * latent[k]);
            float[] direction = directions[k];
            for (int i = 0; i < dimension; i++) {
                vector[i] += factor * direction[i];
            }
        }
    }

    static void addGaussian(double[] latent, SplittableRandom random, double scale) {
        for (int k = 0; k < latent.length; k++) {
            latent[k] += scale * random.nextGaussian();
        }
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    static void normalize(float[] vector) {
        double sum = 0;
        for (float v : vector) {
            sum += (double) v * v;
        }
        float factor = (float) (1 / Math.sqrt(sum));
        for (int i = 0; i < vector.length; i++) {
            vector[i] *= factor;
        }
    }
}
