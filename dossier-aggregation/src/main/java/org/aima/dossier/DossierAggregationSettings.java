package org.aima.dossier;

import org.aima.dossier.core.AggregationRules;
import org.aima.jobs.config.Configuration;

/**
 * What a rebuild needs to know, validated.
 *
 * @param rules the constants of the formulas
 * @param historyVersions former versions that are kept
 */
record DossierAggregationSettings(AggregationRules rules, int historyVersions) {

    static DossierAggregationSettings of(Configuration configuration) {
        return new DossierAggregationSettings(
                new AggregationRules(
                        configuration.get(DossierAggregationOptions.MERGE_GAP).toMillis(),
                        configuration.get(DossierAggregationOptions.STILL).toMillis(),
                        new AggregationRules.Weights(
                                configuration.get(DossierAggregationOptions.WEIGHT_SCREEN),
                                configuration.get(DossierAggregationOptions.WEIGHT_SPEECH),
                                configuration.get(DossierAggregationOptions.WEIGHT_SPREAD),
                                configuration.get(DossierAggregationOptions.WEIGHT_PROMINENCE)),
                        configuration.get(DossierAggregationOptions.CO_APPEARANCE).toMillis(),
                        configuration.get(DossierAggregationOptions.SPEECH).toMillis(),
                        configuration.get(DossierAggregationOptions.OBJECT_RESULTS),
                        configuration.get(DossierAggregationOptions.OBJECT_CONFIDENCE),
                        configuration.get(DossierAggregationOptions.SCENE).toMillis(),
                        configuration.get(DossierAggregationOptions.COMPANIONS),
                        configuration.get(DossierAggregationOptions.MAX_EVENTS),
                        configuration.get(DossierAggregationOptions.MAX_BYTES),
                        configuration.get(DossierAggregationOptions.PAGE_REFERENCES)),
                configuration.get(DossierAggregationOptions.HISTORY));
    }
}
