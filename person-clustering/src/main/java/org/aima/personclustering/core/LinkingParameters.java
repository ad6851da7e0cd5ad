package org.aima.personclustering.core;

import java.io.Serializable;

/**
 * The constants of linking; one setting serves every model and size, see docs/adr/0002-linking.md.
 *
 * @param falseLinks links to strangers a single vector may expect by chance over a whole space
 * @param sizePrior how strongly a large cluster attracts, 0 (not) to 1 (in proportion to its size)
 * @param sizeCorrection 0 links by average similarity, 1 by cosine of the centred means
 * @param minimumQuality vectors of lower {@link Observation#quality} join clusters and never bridge
 *     them; 0 for none
 * @param fixedThreshold similarity that two single vectors need, NaN to derive it from the data
 * @param prior used when a space has too few pairs to calibrate from
 */
public record LinkingParameters(
        double falseLinks,
        double sizePrior,
        double sizeCorrection,
        double minimumQuality,
        double fixedThreshold,
        ImpostorCalibration prior)
        implements Serializable {
    /** As measured on a face model (strangers around 0). */
    public static final ImpostorCalibration FACE_PRIOR = new ImpostorCalibration(0.01, 0.109);

    /** As measured on a voice model that ends in ReLU (strangers around .54). */
    public static final ImpostorCalibration VOICE_PRIOR = new ImpostorCalibration(0.54, 0.160);

    public static final LinkingParameters DEFAULT =
            new LinkingParameters(0.01, 0.75, 0.5, 0, Double.NaN, FACE_PRIOR);

    /** The prior of a modality. */
    public static ImpostorCalibration priorOf(Modality modality) {
        return modality == Modality.FACE ? FACE_PRIOR : VOICE_PRIOR;
    }
}
