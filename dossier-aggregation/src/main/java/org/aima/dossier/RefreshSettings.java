package org.aima.dossier;

import org.aima.dossier.core.Debounce;
import org.aima.jobs.config.Configuration;

/**
 * What a refresh needs to know beside the settings of a rebuild, validated.
 *
 * @param maxResults of a dossier that is recounted
 */
record RefreshSettings(
        String topic,
        String group,
        Debounce debounce,
        long maxResults,
        long auditIntervalMillis,
        int auditSample,
        long auditGraceMillis) {

    static RefreshSettings of(Configuration configuration) {
        return new RefreshSettings(
                configuration.get(DossierAggregationOptions.TOPIC),
                configuration.get(DossierAggregationOptions.GROUP),
                new Debounce(
                        configuration.get(DossierAggregationOptions.QUIET).toMillis(),
                        configuration.get(DossierAggregationOptions.MAX_WAIT).toMillis()),
                configuration.get(DossierAggregationOptions.MAX_RESULTS),
                configuration.get(DossierAggregationOptions.AUDIT_INTERVAL).toMillis(),
                configuration.get(DossierAggregationOptions.AUDIT_SAMPLE),
                configuration.get(DossierAggregationOptions.AUDIT_GRACE).toMillis());
    }
}
