package org.aima.dossier.core;

import java.io.Serializable;

/**
 * Constants of the formulas; {@link DossierFormulas} says what they do.
 *
 * @param gapMillis time ranges at most this far apart are one
 * @param stillMillis what a sighting without time counts
 * @param weights of a person's relevance
 * @param coAppearanceMillis two persons must be seen together this long
 * @param speechMillis speech must go on this long
 * @param objectResults an object must be detected this often
 * @param objectConfidence with this mean confidence
 * @param sceneMillis a scene must last this long
 * @param companions persons of one medium, those longest on screen, whose co-appearances are told
 * @param maxEvents events listed in a dossier
 * @param maxBytes of persons and events in a dossier's document
 * @param pageReferences time ranges of one page of appearances
 */
public record AggregationRules(
        long gapMillis,
        long stillMillis,
        Weights weights,
        long coAppearanceMillis,
        long speechMillis,
        long objectResults,
        double objectConfidence,
        long sceneMillis,
        int companions,
        int maxEvents,
        int maxBytes,
        int pageReferences)
        implements Serializable {

    /** What counts how much for a person's relevance; not all may be zero. */
    public record Weights(double screen, double speech, double spread, double prominence)
            implements Serializable {}

    public static final AggregationRules DEFAULT =
            new AggregationRules(
                    1_000,
                    1_000,
                    new Weights(0.4, 0.3, 0.2, 0.1),
                    1_000,
                    5_000,
                    2,
                    0.5,
                    1_000,
                    50,
                    500,
                    8 << 20,
                    5_000);
}
