package org.aima.personclustering.core;

/**
 * What two clusters of one space must reach to be one person: the threshold that grows with the
 * number of vectors and falls with the size of the larger cluster, and the score it is compared
 * with. Linking in batches and one by one share it. Why so: docs/adr/0002-linking.md.
 */
public final class LinkScale {
    private static final double CANDIDATE_Z = 2.0;
    private static final double LOWEST_Z = 3.0;
    private static final double HIGHEST_Z = 7;
    private static final double LOOSENESS_FLOOR = 0.15;
    private static final double MAX_TAIL = 0.4;
    // Where so many are of low quality, confidence means something else there.
    private static final double MOST_WEAK = 0.3;

    private final ImpostorCalibration calibration;
    private final LinkingParameters parameters;
    private final int size;

    /**
     * @param size vectors of the space
     */
    public LinkScale(ImpostorCalibration calibration, LinkingParameters parameters, int size) {
        this.calibration = calibration;
        this.parameters = parameters;
        this.size = size;
    }

    public ImpostorCalibration calibration() {
        return calibration;
    }

    /** The score from which two clusters are one, by the size of the larger. */
    public double threshold(int larger) {
        return Math.tanh(calibration.spread() * clampedZ(larger) + fixedShift());
    }

    /** The least that {@link #threshold} can be. */
    double lowest() {
        return Math.tanh(calibration.spread() * LOWEST_Z + Math.min(0, fixedShift()));
    }

    /** The score of two clusters whose members are so similar on average. */
    public double score(double average, double looseness, double otherLooseness) {
        return calibration.normalised(average)
                / Math.pow(looseness * otherLooseness, parameters.sizeCorrection() / 2);
    }

    /**
     * 1 for a single vector, lower the wider a cluster spreads.
     *
     * @param meanSquare average similarity of a cluster's members with each other and themselves
     */
    public double looseness(double meanSquare) {
        return Math.max(calibration.normalised(meanSquare), LOOSENESS_FLOOR);
    }

    /** Similarity from which a pair is looked at. */
    public double candidate() {
        return calibration.similarityAt(CANDIDATE_Z);
    }

    /** Similarity from which a pair may ever be linked, whatever becomes of its clusters. */
    double linkable() {
        return calibration.similarityAt(LOWEST_Z);
    }

    /** Similarity that two single vectors need. */
    public double single() {
        return calibration.centre() + (1 - calibration.centre()) * threshold(1);
    }

    /** Whether the limit of quality says something, where so many vectors are below it. */
    static boolean qualityCounts(int below, int all) {
        return below <= MOST_WEAK * all;
    }

    private double clampedZ(int larger) {
        double tail =
                Math.min(
                        parameters.falseLinks() * Math.pow(larger, parameters.sizePrior()) / size,
                        MAX_TAIL);
        return Math.max(
                LOWEST_Z, Math.min(HIGHEST_Z, ImpostorCalibration.upperNormalQuantile(tail)));
    }

    // A threshold given by the operator shifts the whole scale, so that large clusters keep their
    // easier terms.
    private double fixedShift() {
        double fixed = parameters.fixedThreshold();
        if (Double.isNaN(fixed)) {
            return 0;
        }
        double v = Math.max(-0.999, Math.min(0.999, calibration.normalised(fixed)));
        return 0.5 * Math.log((1 + v) / (1 - v)) - calibration.spread() * clampedZ(1);
    }
}
