package org.aima.jobs.evaluation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How well a clustering agrees with known identities; counts and scores are over labelled vectors.
 *
 * @param labelled vectors that have a cluster and an identity
 * @param singletons clusters of one labelled vector
 * @param nmi normalised mutual information, by the arithmetic mean of the entropies
 */
public record Evaluation(
        long labelled,
        int clusters,
        int singletons,
        int identities,
        Score pairwise,
        Score bcubed,
        double nmi) {

    /**
     * Precision, recall and their harmonic mean; where nothing was claimed precision is 1, where
     * nothing was to be found recall is 1.
     */
    public record Score(double precision, double recall, double f) {
        static Score of(double precision, double recall) {
            double sum = precision + recall;
            return new Score(precision, recall, sum == 0 ? 0 : 2 * precision * recall / sum);
        }
    }

    /**
     * How one identity was found.
     *
     * @param vectors of the identity
     * @param pieces clusters they lie in
     * @param cluster the one that holds most of them
     * @param found how many it holds
     * @param strangers labelled vectors of other identities in it
     */
    public record Fit(
            String identity, long vectors, int pieces, String cluster, long found, long strangers) {

        /** Vectors of it elsewhere and vectors of others with it. */
        public long wrong() {
            return vectors - found + strangers;
        }
    }

    /** Counts vectors by cluster and identity; the scores follow from these counts alone. */
    public static final class Contingency {
        private final Map<String, Integer> clusterNumbers = new HashMap<>();
        private final Map<String, Integer> identityNumbers = new HashMap<>();
        private final Map<Long, Long> cells = new HashMap<>();

        /** Adds a vector. */
        public void add(String cluster, String identity) {
            int row = clusterNumbers.computeIfAbsent(cluster, c -> clusterNumbers.size());
            int column = identityNumbers.computeIfAbsent(identity, i -> identityNumbers.size());
            cells.merge((long) row << Integer.SIZE | column, 1L, Long::sum);
        }

        /** Scores what was added so far. */
        public Evaluation evaluate() {
            long[] clusterSizes = new long[clusterNumbers.size()];
            long[] identitySizes = new long[identityNumbers.size()];
            long total = 0;
            for (Map.Entry<Long, Long> cell : cells.entrySet()) {
                clusterSizes[row(cell)] += cell.getValue();
                identitySizes[column(cell)] += cell.getValue();
                total += cell.getValue();
            }
            return new Evaluation(
                    total,
                    clusterSizes.length,
                    (int) Arrays.stream(clusterSizes).filter(s -> s == 1).count(),
                    identitySizes.length,
                    pairwise(clusterSizes, identitySizes),
                    bcubed(clusterSizes, identitySizes, total),
                    nmi(clusterSizes, identitySizes, total));
        }

        /**
         * The identities that were found worst, most vectors wrong first; one that is a cluster of
         * its own is not listed.
         */
        public List<Fit> worst(int limit) {
            long[] clusterSizes = new long[clusterNumbers.size()];
            long[] identitySizes = new long[identityNumbers.size()];
            long[] most = new long[identitySizes.length];
            int[] pieces = new int[identitySizes.length];
            for (Map.Entry<Long, Long> cell : cells.entrySet()) {
                clusterSizes[row(cell)] += cell.getValue();
                identitySizes[column(cell)] += cell.getValue();
                pieces[column(cell)]++;
                most[column(cell)] = Math.max(most[column(cell)], cell.getValue());
            }
            // Of two clusters with as many of an identity, the purer one, then the first by name.
            Map<Integer, String> main = new HashMap<>();
            Map<String, Long> sizes = new HashMap<>();
            clusterNumbers.forEach((name, number) -> sizes.put(name, clusterSizes[number]));
            String[] names = new String[clusterSizes.length];
            clusterNumbers.forEach((name, number) -> names[number] = name);
            for (Map.Entry<Long, Long> cell : cells.entrySet()) {
                if (cell.getValue() == most[column(cell)]) {
                    main.merge(
                            column(cell),
                            names[row(cell)],
                            (x, y) -> {
                                int bySize = Long.compare(size(sizes, x), size(sizes, y));
                                return bySize < 0 || bySize == 0 && x.compareTo(y) <= 0 ? x : y;
                            });
                }
            }
            List<Fit> fits = new ArrayList<>();
            identityNumbers.forEach(
                    (identity, number) -> {
                        String cluster = main.getOrDefault(number, "");
                        long own = most[number];
                        Fit fit =
                                new Fit(
                                        identity,
                                        identitySizes[number],
                                        pieces[number],
                                        cluster,
                                        own,
                                        size(sizes, cluster) - own);
                        if (fit.wrong() > 0) {
                            fits.add(fit);
                        }
                    });
            fits.sort(Comparator.comparingLong(Fit::wrong).reversed().thenComparing(Fit::identity));
            return fits.subList(0, Math.min(limit, fits.size()));
        }

        private static long size(Map<String, Long> sizes, String cluster) {
            return sizes.getOrDefault(cluster, 0L);
        }

        private Score pairwise(long[] clusterSizes, long[] identitySizes) {
            long together = cells.values().stream().mapToLong(Contingency::pairs).sum();
            long claimed = Arrays.stream(clusterSizes).map(Contingency::pairs).sum();
            long wanted = Arrays.stream(identitySizes).map(Contingency::pairs).sum();
            return Score.of(share(together, claimed), share(together, wanted));
        }

        private static long pairs(long n) {
            return n * (n - 1) / 2;
        }

        private static double share(double part, double whole) {
            return whole == 0 ? 1 : part / whole;
        }

        private Score bcubed(long[] clusterSizes, long[] identitySizes, long total) {
            // Summed as whole numbers by denominator: no order of input shows in the last digit.
            Map<Long, Long> byClusterSize = new TreeMap<>();
            Map<Long, Long> byIdentitySize = new TreeMap<>();
            for (Map.Entry<Long, Long> cell : cells.entrySet()) {
                long square = cell.getValue() * cell.getValue();
                byClusterSize.merge(clusterSizes[row(cell)], square, Long::sum);
                byIdentitySize.merge(identitySizes[column(cell)], square, Long::sum);
            }
            return Score.of(mean(byClusterSize, total), mean(byIdentitySize, total));
        }

        private static double mean(Map<Long, Long> squaresBySize, long total) {
            double sum = 0;
            for (Map.Entry<Long, Long> entry : squaresBySize.entrySet()) {
                sum += (double) entry.getValue() / entry.getKey();
            }
            return share(sum, total);
        }

        private double nmi(long[] clusterSizes, long[] identitySizes, long total) {
            double entropies = entropy(clusterSizes, total) + entropy(identitySizes, total);
            if (entropies == 0) {
                return 1;
            }
            double[] terms =
                    cells.entrySet().stream()
                            .mapToDouble(
                                    cell -> {
                                        double n = cell.getValue();
                                        double expected =
                                                (double) clusterSizes[row(cell)]
                                                        * identitySizes[column(cell)];
                                        return n / total * Math.log(n * total / expected);
                                    })
                            .sorted()
                            .toArray();
            double information = Arrays.stream(terms).sum();
            return Math.max(0, Math.min(1, 2 * information / entropies));
        }

        private static double entropy(long[] sizes, long total) {
            return Arrays.stream(sizes)
                    .sorted()
                    .mapToDouble(s -> -(double) s / total * Math.log((double) s / total))
                    .sum();
        }

        private static int row(Map.Entry<Long, Long> cell) {
            return (int) (cell.getKey() >>> Integer.SIZE);
        }

        private static int column(Map.Entry<Long, Long> cell) {
            return (int) (long) cell.getKey();
        }
    }
}
