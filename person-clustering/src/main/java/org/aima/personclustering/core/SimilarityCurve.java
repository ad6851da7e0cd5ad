package org.aima.personclustering.core;

import java.util.Arrays;
import java.util.Locale;

/**
 * How likely two vectors of a given similarity are one person, when one and the other are equally
 * likely beforehand.
 *
 * <p>The density of strangers is the calibrated one ({@link ImpostorCalibration}). That of one
 * person comes from pairs that are certain: of confirmed persons, else of tracks, whose pictures
 * are more alike than a person's in general; with fewer than {@value #FEWEST} of both it is a
 * prior, as measured on Labeled Faces in the Wild. The ratio of the two is made monotone by pooling
 * adjacent violators (Ayer et al. 1955), because more similar never means less likely.
 *
 * @param similarities ascending, the middle of each bin
 * @param probabilities beside them, 0 to 1
 * @param basis what the density of one person rests on
 */
public record SimilarityCurve(double[] similarities, double[] probabilities, String basis) {
    static final int FEWEST = 200;

    private static final double BIN = 0.05;
    private static final int BINS = 40;
    // Median .66 and quartiles .57 to .74 of pairs of one person, strangers' centre at 0.
    private static final double PRIOR_MEAN = 0.79;
    private static final double PRIOR_SPREAD = 0.22;
    private static final double SMOOTHING = 0.5;
    private static final double RAREST = 1e-12;

    /**
     * @param tracks similarities of pairs of one track
     * @param confirmed similarities of pairs of one confirmed person
     */
    static SimilarityCurve of(ImpostorCalibration strangers, double[] tracks, double[] confirmed) {
        double[] certain = confirmed.length >= FEWEST ? confirmed : tracks;
        boolean measured = certain.length >= FEWEST;
        double[] middles = new double[BINS];
        double[] ratios = new double[BINS];
        double[] counts = new double[BINS];
        Arrays.fill(counts, SMOOTHING);
        for (double similarity : certain) {
            counts[bin(similarity)]++;
        }
        double total = Arrays.stream(counts).sum();
        for (int b = 0; b < BINS; b++) {
            double from = -1 + b * BIN;
            middles[b] = from + BIN / 2;
            double foreign = mass(strangers, from, 0, strangers.spread());
            double same =
                    measured ? counts[b] / total : mass(strangers, from, PRIOR_MEAN, PRIOR_SPREAD);
            ratios[b] = Math.log(Math.max(same, RAREST) / Math.max(foreign, RAREST));
        }
        // Below the centre of strangers both densities are guesses; no pair is likelier there.
        int centre = bin(strangers.centre());
        Arrays.fill(ratios, 0, centre, ratios[centre]);
        double[] monotone = pooled(ratios);
        double[] probabilities = Arrays.stream(monotone).map(r -> 1 / (1 + Math.exp(-r))).toArray();
        return new SimilarityCurve(
                middles,
                probabilities,
                measured
                        ? certain.length
                                + (certain == confirmed
                                        ? " pairs of confirmed persons"
                                        : " pairs of tracks")
                        : "the prior: only "
                                + confirmed.length
                                + " pairs of confirmed persons and "
                                + tracks.length
                                + " of tracks");
    }

    private static int bin(double similarity) {
        return (int) Math.max(0, Math.min(BINS - 1, Math.floor((similarity + 1) / BIN)));
    }

    private static double mass(ImpostorCalibration scale, double from, double mean, double spread) {
        return normalCdf((scale.scaled(from + BIN) - mean) / spread)
                - normalCdf((scale.scaled(from) - mean) / spread);
    }

    // Zelen and Severo 1964, in Abramowitz and Stegun 26.2.17; absolute error below 7.5e-8.
    private static double normalCdf(double x) {
        double t = 1 / (1 + 0.2316419 * Math.abs(x));
        double tail =
                Math.exp(-x * x / 2)
                        / Math.sqrt(2 * Math.PI)
                        * t
                        * (0.319381530
                                + t
                                        * (-0.356563782
                                                + t
                                                        * (1.781477937
                                                                + t
                                                                        * (-1.821255978
                                                                                + t
                                                                                        * 1.330274429))));
        return x >= 0 ? 1 - tail : tail;
    }

    private static double[] pooled(double[] values) {
        double[] level = new double[values.length];
        int[] width = new int[values.length];
        int blocks = 0;
        for (double value : values) {
            level[blocks] = value;
            width[blocks] = 1;
            while (blocks > 0 && level[blocks - 1] > level[blocks]) {
                int both = width[blocks - 1] + width[blocks];
                level[blocks - 1] =
                        (level[blocks - 1] * width[blocks - 1] + level[blocks] * width[blocks])
                                / both;
                width[blocks - 1] = both;
                blocks--;
            }
            blocks++;
        }
        double[] monotone = new double[values.length];
        int at = 0;
        for (int b = 0; b < blocks; b++) {
            Arrays.fill(monotone, at, at + width[b], level[b]);
            at += width[b];
        }
        return monotone;
    }

    /** The probability at a similarity. */
    public double at(double similarity) {
        return probabilities[bin(similarity)];
    }

    /** The lowest bin whose probability reaches a level, for people to read. */
    public String reaches(double probability) {
        for (int b = 0; b < probabilities.length; b++) {
            if (probabilities[b] >= probability) {
                return String.format(Locale.ROOT, "%.2f", similarities[b] - BIN / 2);
            }
        }
        return "none";
    }
}
