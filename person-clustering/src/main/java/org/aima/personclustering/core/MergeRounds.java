package org.aima.personclustering.core;

import java.util.Arrays;

/**
 * Rounds of mutual-best merges over a graph of vectors, under a scale and under rules.
 *
 * <p>Two clusters become one when each is the other's best and their score passes {@link
 * LinkScale#threshold}. A cluster is the sum of its unit vectors and their number, so the average
 * similarity of two is exact. What a round does depends on the vectors and their order only. For
 * one thread.
 */
final class MergeRounds {
    private static final int SATELLITE_RATIO = 8;
    private static final double[] LEVELS = {0.8, 0.7, 0.6, 0.5, 0.45, 0.4, 0.35, 0.3};
    private static final int BUCKET_EDGES = 1 << 14;

    private final UnitVectors vectors;
    private final int size;
    private final float[] scratch;
    private final MergeRules rules;
    private final int[] parent;
    private final int[] count;
    private final ClusterSums sums;
    private final EdgeList edges;
    private final double[] looseness;
    private final double[] thresholdByCount;
    private final boolean[] joined;
    private LinkScale scale;
    private int active;
    private int rounds;

    /**
     * @param spill where edges and sums lie
     */
    MergeRounds(UnitVectors vectors, LinkScale scale, MergeRules rules, SpillFile spill) {
        this.vectors = vectors;
        this.size = vectors.size();
        this.scratch = new float[vectors.dimension()];
        this.rules = rules;
        this.scale = scale;
        this.parent = new int[size];
        Arrays.setAll(parent, i -> i);
        this.count = new int[size];
        Arrays.fill(count, 1);
        this.sums = new ClusterSums(vectors, spill);
        this.edges = new EdgeList(spill);
        this.looseness = new double[size];
        Arrays.fill(looseness, 1);
        this.thresholdByCount = new double[size + 1];
        Arrays.fill(thresholdByCount, Double.NaN);
        this.joined = new boolean[size];
    }

    /** Makes one cluster of two, whatever their score, unless a rule keeps them apart. */
    boolean join(int a, int b) {
        int first = root(a);
        int second = root(b);
        if (first == second) {
            return true;
        }
        if (rules.forbidden(first, second)) {
            return false;
        }
        unite(first, second);
        return true;
    }

    /** Makes one cluster of two roots, whatever the rules say. */
    void unite(int a, int b) {
        mergeInto(Math.min(a, b), Math.max(a, b));
        joined[Math.min(a, b)] = true;
    }

    /**
     * Takes in a pair that may be linked.
     *
     * @param similarity of the two vectors
     */
    void add(int a, int b, double similarity) {
        if (root(a) != root(b)) {
            // Of two single vectors the average is the similarity, and looseness is 1.
            edges.add(a, b, (float) scale.calibration().normalised(similarity));
        }
    }

    /** To be called when all that was joined beforehand and all pairs are known. */
    void begin() {
        active = edges.size();
        for (int a = 0; a < size; a++) {
            joined[a] &= parent[a] == a;
            if (joined[a]) {
                looseness[a] = loosenessOf(a);
            }
        }
        relabel(joined);
    }

    /** Rounds that merged something. */
    int rounds() {
        return rounds;
    }

    /** The cosine of a vector with its cluster's mean; 1 for a cluster of one. */
    double similarityToMean(int index) {
        int cluster = root(index);
        if (cluster == index && count[cluster] == 1) {
            return 1;
        }
        vectors.read(index, scratch);
        return sums.dot(cluster, scratch) / Math.sqrt(sums.dot(cluster, cluster));
    }

    /** Puts a vector into a cluster without making it part of the cluster's sum. */
    void attach(int root, int vector) {
        parent[vector] = root;
        rules.merged(root, vector);
    }

    /** Measures everything by another scale; the next {@link #link} looks at every pair again. */
    void rescale(LinkScale next) {
        scale = next;
        Arrays.fill(thresholdByCount, Double.NaN);
        for (int i = 0; i < size; i++) {
            if (parent[i] == i) {
                looseness[i] = loosenessOf(i);
            }
        }
        wakeAll();
    }

    private void wakeAll() {
        for (int e = 0; e < edges.size(); e++) {
            edges.score(e, Float.NaN);
        }
        active = edges.size();
    }

    // 1 for a single vector, lower the wider a cluster spreads.
    private double loosenessOf(int cluster) {
        double meanSquare =
                count[cluster] == 1
                        ? 1
                        : sums.dot(cluster, cluster) / ((double) count[cluster] * count[cluster]);
        return scale.looseness(meanSquare);
    }

    /** What the score of two roots must reach. */
    double threshold(int a, int b) {
        int larger = Math.max(count[a], count[b]);
        double known = thresholdByCount[larger];
        if (Double.isNaN(known)) {
            known = scale.threshold(larger);
            thresholdByCount[larger] = known;
        }
        return known;
    }

    /** The score of two roots. */
    double scoreOf(int a, int b) {
        double average = sums.dot(a, b) / ((double) count[a] * count[b]);
        return scale.score(average, looseness[a], looseness[b]);
    }

    /**
     * Merges until no edge of at least the given score passes its threshold; tells whether anything
     * was merged.
     */
    boolean link(double floor) {
        boolean merged = false;
        double lowest = Math.max(floor, scale.lowest());
        int[] best = new int[size];
        double[] bestScore = new double[size];
        for (int step = 0; step <= LEVELS.length; step++) {
            double level = step < LEVELS.length ? LEVELS[step] : lowest;
            if (level < lowest) {
                continue;
            }
            while (mergeRound(level, best, bestScore)) {
                merged = true;
                rounds++;
            }
        }
        return merged;
    }

    private boolean mergeRound(double level, int[] best, double[] bestScore) {
        Arrays.fill(best, -1);
        scoreActive();
        for (int e = 0; e < active; e++) {
            float score = edges.score(e);
            if (score >= level) {
                int a = edges.left(e);
                int b = edges.right(e);
                if (score >= threshold(a, b) && !rules.forbidden(a, b)) {
                    consider(best, bestScore, a, b, score);
                    consider(best, bestScore, b, a, score);
                }
            }
        }
        int[] target = new int[size];
        Arrays.setAll(target, i -> i);
        boolean any = false;
        boolean[] mutual = new boolean[size];
        for (int a = 0; a < size; a++) {
            if (best[a] >= 0 && best[best[a]] == a) {
                target[a] = Math.min(a, best[a]);
                mutual[a] = true;
                any = true;
            }
        }
        if (!any) {
            return false;
        }
        boolean[] satellite = new boolean[size];
        for (int a = 0; a < size; a++) {
            satellite[a] =
                    best[a] >= 0
                            && !mutual[a]
                            && (long) SATELLITE_RATIO * count[a] <= count[best[a]];
        }
        boolean[] changed = new boolean[size];
        for (int a = 0; a < size; a++) {
            if (parent[a] == a && target[a] != a) {
                mergeInto(target[a], a);
                changed[target[a]] = true;
            }
        }
        for (int a = 0; a < size; a++) {
            // What its target took in meanwhile may forbid the satellite.
            if (satellite[a] && !satellite[best[a]] && !rules.forbidden(target[best[a]], a)) {
                mergeInto(target[best[a]], a);
                changed[target[best[a]]] = true;
            }
        }
        for (int a = 0; a < size; a++) {
            if (changed[a]) {
                looseness[a] = loosenessOf(a);
            }
        }
        relabel(changed);
        return true;
    }

    private static void consider(int[] best, double[] bestScore, int a, int other, double score) {
        if (best[a] < 0 || score > bestScore[a] || (score == bestScore[a] && other < best[a])) {
            best[a] = other;
            bestScore[a] = score;
        }
    }

    /**
     * Computes what is not known and lets edges sleep that no level reaches: only a change of one
     * of their clusters can make them matter.
     */
    private void scoreActive() {
        double lowest = scale.lowest();
        int awake = 0;
        for (int e = 0; e < active; e++) {
            float score = edges.score(e);
            if (Float.isNaN(score)) {
                score = (float) scoreOf(edges.left(e), edges.right(e));
                edges.score(e, score);
            }
            if (score >= lowest) {
                if (e > awake) {
                    edges.swap(awake, e);
                }
                awake++;
            }
        }
        active = awake;
    }

    private void mergeInto(int target, int source) {
        sums.merge(target, source);
        count[target] += count[source];
        parent[source] = target;
        rules.merged(target, source);
    }

    /**
     * Brings edges up to date after merges: those between unchanged clusters stay as they are, the
     * others are made distinct and active. Works in place; its scratch memory is one bucket.
     *
     * @param changed roots that took others in
     */
    private void relabel(boolean[] changed) {
        for (int a = 0; a < size; a++) {
            // An index that was a root before this round and is none any more changed as well.
            changed[a] |= parent[a] != a && changed[root(a)];
        }
        int end = edges.size();
        end = settle(active, end, changed);
        int settledActive = active;
        // Active edges that changed trade places with settled ones behind them.
        int kept = 0;
        for (int e = 0; e < settledActive; e++) {
            if (!touched(e, changed)) {
                if (e > kept) {
                    edges.swap(kept, e);
                }
                kept++;
            }
        }
        // [0, kept) active, [kept, active) touched, [active, end) asleep, [end, size) touched.
        int touchedActive = active - kept;
        int asleep = end - active;
        int moved = Math.min(touchedActive, asleep);
        for (int i = 0; i < moved; i++) {
            edges.swap(kept + i, end - 1 - i);
        }
        int from = kept + asleep;
        for (int e = from; e < edges.size(); e++) {
            edges.set(e, root(edges.left(e)), root(edges.right(e)), Float.NaN);
        }
        edges.truncate(distinct(from, edges.size()));
        // Touched edges go before the sleeping ones again.
        int fresh = edges.size() - from;
        moved = Math.min(fresh, asleep);
        for (int i = 0; i < moved; i++) {
            edges.swap(kept + i, edges.size() - 1 - i);
        }
        active = kept + fresh;
    }

    /** Moves edges at changed clusters to the end of a range; returns where they begin. */
    private int settle(int from, int to, boolean[] changed) {
        int at = from;
        int end = to;
        while (at < end) {
            if (touched(at, changed)) {
                end--;
                if (end > at) {
                    edges.swap(at, end);
                }
            } else {
                at++;
            }
        }
        return end;
    }

    private boolean touched(int edge, boolean[] changed) {
        return changed[edges.left(edge)] || changed[edges.right(edge)];
    }

    /** Drops repeated edges and those inside a cluster from a range; returns its new end. */
    private int distinct(int from, int to) {
        int buckets = (to - from) / BUCKET_EDGES + 1;
        int[] ends = sortIntoBuckets(from, to, buckets);
        int kept = from;
        int start = from;
        long[] keys = new long[0];
        for (int end : ends) {
            if (keys.length < end - start) {
                keys = new long[end - start];
            }
            int found = 0;
            for (int e = start; e < end; e++) {
                if (edges.left(e) != edges.right(e)) {
                    keys[found++] = edges.key(e);
                }
            }
            Arrays.sort(keys, 0, found);
            for (int i = 0; i < found; i++) {
                if (i == 0 || keys[i] != keys[i - 1]) {
                    edges.set(kept++, (int) (keys[i] >>> 32), (int) keys[i], Float.NaN);
                }
            }
            start = end;
        }
        return kept;
    }

    // Equal edges fall into one bucket; a counting sort in place (McIlroy, Bostic, McIlroy 1993).
    private int[] sortIntoBuckets(int from, int to, int buckets) {
        int[] ends = new int[buckets];
        for (int e = from; e < to; e++) {
            ends[bucket(e, buckets)]++;
        }
        int[] next = new int[buckets];
        int at = from;
        for (int b = 0; b < buckets; b++) {
            next[b] = at;
            at += ends[b];
            ends[b] = at;
        }
        for (int b = 0; b < buckets; b++) {
            while (next[b] < ends[b]) {
                int home = bucket(next[b], buckets);
                if (home == b) {
                    next[b]++;
                } else {
                    edges.swap(next[b], next[home]++);
                }
            }
        }
        return ends;
    }

    private int bucket(int edge, int buckets) {
        return (int) Long.remainderUnsigned(mix(edges.key(edge)), buckets);
    }

    /** The vector that stands for an index's cluster. */
    int root(int index) {
        int at = index;
        while (parent[at] != at) {
            parent[at] = parent[parent[at]];
            at = parent[at];
        }
        return at;
    }

    /**
     * Compares all clusters of at least so many members with each other: the neighbour lists of a
     * cluster larger than k can be filled by its own members, so that nothing leads to its other
     * half.
     */
    boolean propose(int fewest) {
        int[] large = new int[size];
        int found = 0;
        for (int i = 0; i < size; i++) {
            if (parent[i] == i && count[i] >= fewest) {
                large[found++] = i;
            }
        }
        boolean[] isLarge = new boolean[size];
        for (int i = 0; i < found; i++) {
            isLarge[large[i]] = true;
        }
        LongSet present = new LongSet(found);
        for (int e = 0; e < edges.size(); e++) {
            if (isLarge[edges.left(e)] && isLarge[edges.right(e)]) {
                present.add(edges.key(e));
            }
        }
        int before = edges.size();
        for (int i = 0; i < found; i++) {
            for (int j = i + 1; j < found; j++) {
                double value = scoreOf(large[i], large[j]);
                if (value >= threshold(large[i], large[j])
                        && !rules.forbidden(large[i], large[j])
                        && present.add((long) large[i] << 32 | large[j])) {
                    edges.add(large[i], large[j], (float) value);
                    edges.swap(active++, edges.size() - 1);
                }
            }
        }
        return edges.size() > before;
    }

    // SplitMix64 (Steele, Lea, Flood 2014): spreads keys the same way on every machine.
    static long mix(long x) {
        long z = (x + 1) * 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
