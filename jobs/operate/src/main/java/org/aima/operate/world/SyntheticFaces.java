package org.aima.operate.world;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Faces with the similarities of real ones, as measured on Labeled Faces in the Wild: between
 * strangers .01 on average and .35 for one pair in a thousand, .66 for most pairs of one person.
 *
 * <p>A person has several lobes (age, pose); people of one group look alike, some very much; a
 * track shares most of its noise; blurred faces lose their person and drift in one direction.
 */
final class SyntheticFaces implements VectorSource {
    private static final int DIMENSION = 512;
    private static final int RANK = 256;
    private static final double DECAY = 50;
    private static final int GROUPS = 12;
    private static final double COMMON = 0.008;
    private static final double LOOK_ALIKES = 0.35;
    private static final double GROUP = 0.03;
    private static final double GROUP_OF_LOOK_ALIKES = 0.30;
    private static final double LOBE = 0.13;
    private static final int MAX_LOBES = 4;
    private static final double TRACK_SHARE = 0.6;
    private static final double BLURRED_TRACKS = 0.012;
    private static final double BLUR_DIRECTION = 0.25;

    private final Seeds seeds;
    private final String model;
    private final Basis basis;
    private final float[] common = new float[DIMENSION];
    private final float[] blur = new float[DIMENSION];
    private final double[][] groups;
    private final double[] latent;

    SyntheticFaces(Seeds seeds, String model) {
        this.seeds = seeds;
        this.model = model;
        SplittableRandom random = seeds.random(Seeds.Purpose.BASIS, 0);
        this.basis = new Basis(DIMENSION, RANK, DECAY, random);
        for (int i = 0; i < DIMENSION; i++) {
            common[i] = (float) random.nextGaussian();
            blur[i] = (float) random.nextGaussian();
        }
        Basis.normalize(common);
        Basis.normalize(blur);
        this.groups = new double[GROUPS][RANK];
        for (double[] group : groups) {
            Basis.addGaussian(group, random, 1);
        }
        this.latent = new double[RANK];
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
        SplittableRandom self = seeds.random(Seeds.Purpose.LOBE, 2L * person);
        double group = self.nextDouble() < LOOK_ALIKES ? GROUP_OF_LOOK_ALIKES : GROUP;
        double[] groupLatent = groups[self.nextInt(GROUPS)];
        double personNoise = 0.19 + 0.17 * self.nextDouble();
        int lobes = 1 + self.nextInt(MAX_LOBES);

        SplittableRandom tracked = seeds.random(Seeds.Purpose.TRACK, track);
        int lobe = tracked.nextInt(lobes);
        boolean blurred = tracked.nextDouble() < BLURRED_TRACKS;
        double noise =
                blurred
                        ? 0.6 + 0.38 * tracked.nextDouble()
                        : Math.min(0.8, personNoise * Math.exp(0.33 * tracked.nextGaussian()));

        double signal = 1 - noise;
        Arrays.fill(latent, 0);
        double own = Math.sqrt(signal * (1 - LOBE));
        Basis.addGaussian(latent, self, own * Math.sqrt(1 - COMMON - group));
        for (int k = 0; k < RANK; k++) {
            latent[k] += own * Math.sqrt(group) * groupLatent[k];
        }
        Basis.addGaussian(
                latent,
                seeds.random(Seeds.Purpose.LOBE, 2L * ((long) person * MAX_LOBES + lobe) + 1),
                Math.sqrt(signal * LOBE));
        double spread = blurred ? noise * (1 - BLUR_DIRECTION) : noise;
        Basis.addGaussian(latent, tracked, Math.sqrt(spread * TRACK_SHARE));
        SplittableRandom framed = seeds.random(Seeds.Purpose.FRAME, frame);
        Basis.addGaussian(latent, framed, Math.sqrt(spread * (1 - TRACK_SHARE)));

        double commonScale = own * Math.sqrt(COMMON);
        double blurScale = blurred ? Math.sqrt(noise * BLUR_DIRECTION) : 0;
        for (int i = 0; i < DIMENSION; i++) {
            vector[i] = (float) (commonScale * common[i] + blurScale * blur[i]);
        }
        basis.addTo(vector, latent, 1);
        Basis.normalize(vector);
        return Math.max(0.3, Math.min(0.999, 1.02 - 0.6 * noise * noise - 0.1 * noise));
    }
}
