package org.aima.personclustering.core;

import java.util.HashMap;
import java.util.Map;

/**
 * Agreement of clusters with known identities, in percent.
 *
 * @param pairwise F of the decision "same person" over all pairs
 * @param bcubed F of each vector's own precision and recall, averaged
 */
record ClusterScores(double pairwise, double bcubed) {
    private static final double PERCENT = 100;

    /** Both maps are keyed by embedding id and hold the same keys. */
    static ClusterScores of(Map<String, String> clusterById, Map<String, String> identityById) {
        Map<String, Map<String, Integer>> shared = new HashMap<>();
        Map<String, Integer> clusters = new HashMap<>();
        Map<String, Integer> identities = new HashMap<>();
        identityById.forEach(
                (id, identity) -> {
                    String cluster = clusterById.get(id);
                    shared.computeIfAbsent(cluster, c -> new HashMap<>())
                            .merge(identity, 1, Integer::sum);
                    clusters.merge(cluster, 1, Integer::sum);
                    identities.merge(identity, 1, Integer::sum);
                });
        double both = 0;
        double precision = 0;
        double recall = 0;
        for (Map.Entry<String, Map<String, Integer>> cluster : shared.entrySet()) {
            for (Map.Entry<String, Integer> cell : cluster.getValue().entrySet()) {
                double n = cell.getValue();
                both += pairs(n);
                precision += n * n / clusters.get(cluster.getKey());
                recall += n * n / identities.get(cell.getKey());
            }
        }
        double found = clusters.values().stream().mapToDouble(ClusterScores::pairs).sum();
        double wanted = identities.values().stream().mapToDouble(ClusterScores::pairs).sum();
        int all = identityById.size();
        return new ClusterScores(
                PERCENT * harmonic(both / found, both / wanted),
                PERCENT * harmonic(precision / all, recall / all));
    }

    private static double pairs(double n) {
        return n * (n - 1) / 2;
    }

    private static double harmonic(double a, double b) {
        return 2 * a * b / (a + b);
    }
}
