package org.aima.personclustering;

import java.util.Map;
import org.aima.jobs.config.Configuration;
import org.aima.personclustering.core.LinkingParameters;
import org.aima.personclustering.core.Modality;
import org.aima.personclustering.function.IdentityOperator;

/**
 * What a recluster needs to know, validated.
 *
 * @param k neighbours of each vector
 * @param blocks number of blocks by embedding collection
 * @param linking linking constants by embedding collection
 * @param rows rows by embedding collection as counted before the run
 * @param exactUpTo collections of at most so many rows are compared pair by pair
 * @param searchers requests to Milvus at one time when it finds the neighbours, 0 when Flink does
 * @param probes cells in which the neighbours of a vector are looked for
 */
record PersonClusteringSettings(
        int k,
        Map<String, Integer> blocks,
        Map<String, LinkingParameters> linking,
        Map<String, Long> rows,
        long exactUpTo,
        int searchers,
        int probes,
        double minimumRecall,
        double mergeGapSeconds,
        double minimumSupport,
        double maxMoved,
        double minimumSpeech) {

    private static final double MILLIS = 1_000;

    /**
     * @param rows rows by embedding collection as counted before the run; they only choose how many
     *     blocks there are
     */
    static PersonClusteringSettings of(Configuration configuration, Map<String, Long> rows) {
        int blockRows = configuration.get(PersonClusteringOptions.BLOCK_ROWS);
        return new PersonClusteringSettings(
                configuration.get(PersonClusteringOptions.NEIGHBOURS),
                Map.of(
                        Modality.FACE.collection(), blocks(rows, Modality.FACE, blockRows),
                        Modality.VOICE.collection(), blocks(rows, Modality.VOICE, blockRows)),
                linking(configuration),
                Map.copyOf(rows),
                configuration.get(PersonClusteringOptions.EXACT_UP_TO),
                configuration.get(PersonClusteringOptions.SOURCE).equals("milvus")
                        ? configuration.get(PersonClusteringOptions.SEARCHERS)
                        : 0,
                configuration.get(PersonClusteringOptions.PROBES),
                configuration.get(PersonClusteringOptions.MINIMUM_RECALL),
                configuration.get(PersonClusteringOptions.MERGE_GAP).toMillis() / MILLIS,
                configuration.get(PersonClusteringOptions.MINIMUM_SUPPORT),
                configuration.get(PersonClusteringOptions.MAX_MOVED),
                configuration.get(PersonClusteringOptions.MINIMUM_SPEECH));
    }

    /**
     * @param enforce false to tell only
     */
    IdentityOperator.Rules identity(boolean enforce) {
        return new IdentityOperator.Rules(maxMoved, enforce, minimumSpeech);
    }

    /** Linking constants by embedding collection. */
    static Map<String, LinkingParameters> linking(Configuration configuration) {
        return Map.of(
                Modality.FACE.collection(),
                linking(
                        configuration,
                        Modality.FACE,
                        configuration.get(PersonClusteringOptions.THRESHOLD_FACE)),
                Modality.VOICE.collection(),
                linking(
                        configuration,
                        Modality.VOICE,
                        configuration.get(PersonClusteringOptions.THRESHOLD_VOICE)));
    }

    private static int blocks(Map<String, Long> rows, Modality modality, int blockRows) {
        long count = rows.getOrDefault(modality.collection(), 0L);
        return (int) Math.max(1, (count + blockRows - 1) / blockRows);
    }

    private static LinkingParameters linking(
            Configuration configuration, Modality modality, String threshold) {
        return new LinkingParameters(
                configuration.get(PersonClusteringOptions.FALSE_LINKS),
                LinkingParameters.DEFAULT.sizePrior(),
                LinkingParameters.DEFAULT.sizeCorrection(),
                // What a diarizer calls confidence says little about the voice.
                modality == Modality.FACE
                        ? configuration.get(PersonClusteringOptions.MINIMUM_QUALITY)
                        : 0,
                threshold.equals("auto") ? Double.NaN : Double.parseDouble(threshold),
                LinkingParameters.priorOf(modality));
    }
}
