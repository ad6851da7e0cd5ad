package org.aima.personclustering;

import java.util.Map;
import org.aima.jobs.config.Configuration;
import org.aima.personclustering.core.LinkingParameters;
import org.aima.personclustering.core.PersonAssigner;

/**
 * What assign needs to know, validated.
 *
 * @param dimensions of the vectors, by collection
 * @param linking linking constants by embedding collection
 */
record AssignSettings(
        Map<String, Integer> dimensions,
        Map<String, LinkingParameters> linking,
        long refreshMillis,
        long roundMillis,
        long writeMillis,
        long rememberMillis,
        PersonAssigner.Limits limits) {
    private static final double MILLIS = 1_000;
    // Until then every task that names candidates has read a new person.
    private static final int YOUNG_REFRESHES = 3;
    // A decision the stores never show was overruled; a batch may hold writes back for hours.
    private static final long FORGET_MILLIS = 12 * 3_600_000L;

    static AssignSettings of(Configuration configuration, Map<String, Integer> dimensions) {
        long refresh = configuration.get(AssignOptions.REFRESH).toMillis();
        return new AssignSettings(
                dimensions,
                PersonClusteringSettings.linking(configuration),
                refresh,
                configuration.get(AssignOptions.ROUND).toMillis(),
                configuration.get(AssignOptions.WRITE).toMillis(),
                configuration.get(AssignOptions.REMEMBER).toMillis(),
                new PersonAssigner.Limits(
                        configuration.get(AssignOptions.SETTLE).toMillis(),
                        configuration.get(AssignOptions.PATIENCE).toMillis(),
                        configuration.get(AssignOptions.MOST_UNDECIDED),
                        configuration.get(AssignOptions.EXEMPLARS),
                        YOUNG_REFRESHES * refresh,
                        FORGET_MILLIS));
    }

    static double mergeGapSeconds(Configuration configuration) {
        return configuration.get(PersonClusteringOptions.MERGE_GAP).toMillis() / MILLIS;
    }
}
