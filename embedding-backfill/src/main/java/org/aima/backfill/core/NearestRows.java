package org.aima.backfill.core;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The exact nearest rows of a few vectors among all rows that are offered, by the metric of the
 * index. Rows may be offered by several threads.
 */
public final class NearestRows {
    private final List<float[]> queries;
    private final List<PriorityQueue<Scored>> nearest = new ArrayList<>();
    private final double[] norms;
    private final int k;
    private final String metric;

    /**
     * @param metric COSINE, IP or L2
     */
    public NearestRows(List<float[]> queries, int k, String metric) {
        this.queries = List.copyOf(queries);
        this.k = k;
        this.metric = metric;
        this.norms = new double[queries.size()];
        for (int q = 0; q < queries.size(); q++) {
            nearest.add(new PriorityQueue<>());
            norms[q] = Math.sqrt(dot(queries.get(q), queries.get(q)));
        }
    }

    private record Scored(double score, String id) implements Comparable<Scored> {
        @Override
        public int compareTo(Scored other) {
            int byScore = Double.compare(score, other.score);
            return byScore != 0 ? byScore : other.id.compareTo(id);
        }
    }

    public void offer(String id, float[] vector) {
        double norm = metric.equals("IP") ? 1 : Math.sqrt(dot(vector, vector));
        for (int q = 0; q < queries.size(); q++) {
            double product = dot(queries.get(q), vector);
            double score =
                    switch (metric) {
                        case "IP" -> product;
                        case "L2" -> 2 * product - norm * norm;
                        default -> norm == 0 ? -1 : product / norm / Math.max(norms[q], 1e-30);
                    };
            PriorityQueue<Scored> best = nearest.get(q);
            synchronized (best) {
                if (best.size() < k) {
                    best.add(new Scored(score, id));
                } else if (best.element().compareTo(new Scored(score, id)) < 0) {
                    best.remove();
                    best.add(new Scored(score, id));
                }
            }
        }
    }

    private static double dot(float[] a, float[] b) {
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        int i = 0;
        for (; i + 3 < a.length; i += 4) {
            s0 += a[i] * b[i];
            s1 += a[i + 1] * b[i + 1];
            s2 += a[i + 2] * b[i + 2];
            s3 += a[i + 3] * b[i + 3];
        }
        for (; i < a.length; i++) {
            s0 += a[i] * b[i];
        }
        return (double) s0 + s1 + s2 + s3;
    }

    /** Keys of the nearest rows of each query. */
    public List<Set<String>> found() {
        return nearest.stream()
                .map(best -> best.stream().map(Scored::id).collect(Collectors.toSet()))
                .toList();
    }

    /** The share of the true neighbours that were found, over all queries; 1 without any. */
    public static double recall(List<Set<String>> truth, List<Set<String>> answers) {
        long all = 0;
        long hits = 0;
        for (int q = 0; q < truth.size(); q++) {
            all += truth.get(q).size();
            hits += truth.get(q).stream().filter(answers.get(q)::contains).count();
        }
        return all == 0 ? 1 : (double) hits / all;
    }
}
