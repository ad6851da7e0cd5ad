package org.aima.personclustering.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * Clusters the vectors of one space by rounds of mutual-best merges under a calibrated threshold.
 *
 * <p>A cluster is the sum of its unit vectors and their number, so the average similarity of two
 * clusters is exact; the k-NN graph only proposes which clusters are compared, and a missing edge
 * says nothing. The threshold for a merge grows with the number of vectors and falls with the size
 * of the larger cluster, such that chance links stay at {@link LinkingParameters#falseLinks} a
 * vector.
 *
 * <p>Guarantees: the result depends on the set of vectors and their ids only. Edges and sums lie in
 * a {@link SpillFile}; the heap holds about 60 bytes a vector. Time: a round reads every edge once
 * and computes those at clusters that just changed; tens of rounds. Why this method:
 * docs/adr/0002-linking.md.
 *
 * <p>Vectors of low quality take no part in this: when all is linked, each joins the cluster that
 * it passes the threshold of by the widest score, without becoming part of the cluster's sum. They
 * never bring two clusters together, and none that fits no cluster is linked to another.
 */
public final class CalibratedLinking {
    private static final int SATELLITE_RATIO = 8;
    private static final double[] LEVELS = {0.8, 0.7, 0.6, 0.5, 0.45, 0.4, 0.35, 0.3};
    private static final int MAX_PASSES = 6;
    private static final int MAX_PROPOSALS = 5;
    private static final double SPREAD_TOLERANCE = 0.005;
    private static final int FEWEST_STRANGERS = 200;
    private static final int SAMPLED = 500_000;
    private static final int BUCKET_EDGES = 1 << 14;
    private static final int FEWEST_CERTAIN = 2_000;
    // Faces of one picture share light and camera; they may widen the scale by so much only.
    private static final double MOST_WIDENED = 1.15;

    /**
     * The outcome.
     *
     * @param labels for each vector the smallest index in its cluster
     * @param similarities cosine of each vector with its cluster's mean
     * @param threshold similarity that two single vectors needed
     * @param weak vectors of low quality, and how many of them joined a cluster
     * @param evidence what was certain about similarities beforehand
     * @param contradictions decisions of people that could not be kept, each with its reason
     */
    public record Clustering(
            int[] labels,
            double[] similarities,
            ImpostorCalibration calibration,
            double threshold,
            int rounds,
            Weak weak,
            Evidence evidence,
            List<String> contradictions) {}

    /**
     * Vectors of low quality.
     *
     * @param ignoredLimit share of the vectors below the limit when that was so large that the
     *     limit was not used, else 0
     */
    public record Weak(int vectors, int joined, double ignoredLimit) {}

    /**
     * What was certain about similarities.
     *
     * @param strangers similarities of faces side by side in one picture
     * @param tracks similarities within tracks
     * @param confirmed similarities within confirmed persons
     */
    public record Evidence(
            double[] strangers, double[] tracks, double[] confirmed, SimilarityCurve curve) {

        /** Share of the certain strangers at least so similar; NaN when there are none. */
        public double falseMatches(double similarity) {
            return strangers.length == 0
                    ? Double.NaN
                    : (double) Arrays.stream(strangers).filter(s -> s >= similarity).count()
                            / strangers.length;
        }
    }

    private final VectorSet vectors;
    private final LinkingParameters parameters;
    private final PairList candidates;
    private final List<String> contradictions = new ArrayList<>();
    private final int k;
    private final int size;
    private final int[] parent;
    private final int[] count;
    private final ClusterSums sums;
    private final double[] looseness;
    private final double[] thresholdByCount;
    private ImpostorCalibration calibration;
    private LinkScale scale;
    private MergeRules rules;
    private int[][] samplePairs = new int[2][0];
    private double[] pairSimilarities = new double[0];
    private boolean thin;
    private int sampleStep = 1;
    private int[] sampledLeft = new int[0];
    private int[] sampledRight = new int[0];
    private float[] sampledSimilarity = new float[0];
    private double candidate = Double.POSITIVE_INFINITY;

    private final EdgeList edges;
    private final CertainPairs certain;
    private double[] certainStrangers = new double[0];
    private double widened = 1;
    private final boolean[] weak;
    private double ignoredLimit;
    private long[] weakEdges = new long[0];
    private int weakEdgeCount;
    private int weakJoined;
    private final float[] scratch;
    private int active;
    private int rounds;

    private CalibratedLinking(
            VectorSet vectors, LinkingParameters parameters, int k, SpillFile spill) {
        this.vectors = vectors;
        this.parameters = parameters;
        this.k = k;
        this.size = vectors.size();
        this.parent = new int[size];
        Arrays.setAll(parent, i -> i);
        this.count = new int[size];
        Arrays.fill(count, 1);
        this.sums = new ClusterSums(vectors, spill);
        this.looseness = new double[size];
        Arrays.fill(looseness, 1);
        this.thresholdByCount = new double[size + 1];
        this.calibration = new ImpostorCalibration(0, 1);
        this.scale = new LinkScale(calibration, parameters, size);
        this.edges = new EdgeList(spill);
        this.certain = new CertainPairs(vectors);
        this.weak = weak();
        this.scratch = new float[vectors.dimension()];
        this.candidates = new PairList(size, spill);
        this.rules = new MergeRules(vectors, List.of(), "");
        calibrate();
    }

    /**
     * @param neighbours the k nearest neighbours of every vector as pairs
     */
    public static Clustering cluster(
            VectorSet vectors, Neighbours neighbours, int k, LinkingParameters parameters) {
        return cluster(vectors, neighbours, k, parameters, List.of(), "");
    }

    /**
     * As above, under decisions of people. What they put together is one cluster before anything is
     * linked; what they keep apart, and two faces side by side in one picture, never becomes one.
     *
     * @param collection the collection the vectors' ids belong to
     */
    public static Clustering cluster(
            VectorSet vectors,
            Neighbours neighbours,
            int k,
            LinkingParameters parameters,
            Collection<LinkRule> rules,
            String collection) {
        CalibratedLinking linking = begin(vectors, parameters, k, SpillFile.onHeap());
        neighbours.forEach(linking::add);
        return linking.cluster(rules, collection);
    }

    /** The k-NN graph as a stream of directed pairs of vector indexes. */
    @FunctionalInterface
    public interface Neighbours {
        void forEach(PairConsumer consumer);
    }

    /** Receives one directed pair. */
    @FunctionalInterface
    public interface PairConsumer {
        void accept(int from, int to, float similarity);
    }

    /**
     * Prepares linking: measures strangers, so that neighbours can be judged as they come.
     *
     * @param spill where pairs, edges and sums lie; stays open until the clustering is done
     */
    public static CalibratedLinking begin(
            VectorSet vectors, LinkingParameters parameters, int k, SpillFile spill) {
        return new CalibratedLinking(vectors, parameters, k, spill);
    }

    private void calibrate() {
        if (size < 2) {
            return;
        }
        samplePairs = samplePairs(size);
        pairSimilarities = new double[samplePairs[0].length];
        for (int p = 0; p < pairSimilarities.length; p++) {
            pairSimilarities[p] = vectors.similarity(samplePairs[0][p], samplePairs[1][p]);
        }
        thin = pairSimilarities.length < FEWEST_STRANGERS;
        recalibrate(
                thin
                        ? parameters.prior()
                        : ImpostorCalibration.estimate(pairSimilarities.clone(), true));
        certainStrangers = certain.strangers();
        if (!thin && certainStrangers.length >= FEWEST_CERTAIN) {
            double spread = ImpostorCalibration.estimate(certainStrangers.clone(), false).spread();
            widened = Math.max(1, Math.min(MOST_WIDENED, spread / calibration.spread()));
            recalibrate(calibration.widened(widened));
        }
        candidate = scale.candidate();
    }

    private boolean[] weak() {
        boolean[] found = new boolean[size];
        int below = 0;
        for (int i = 0; i < size; i++) {
            found[i] = vectors.quality(i) < parameters.minimumQuality();
            below += found[i] ? 1 : 0;
        }
        if (!LinkScale.qualityCounts(below, size)) {
            ignoredLimit = (double) below / size;
            Arrays.fill(found, false);
        }
        return found;
    }

    /** Takes in a pair of neighbours; whether it may propose a link. */
    public boolean add(int from, int to, float similarity) {
        if (similarity < candidate || from == to) {
            return false;
        }
        candidates.add(from, to, similarity);
        return true;
    }

    /** Similarity from which a pair may ever be linked, whatever becomes of its clusters. */
    public double linkable() {
        return scale.linkable();
    }

    /** Whether a pair was taken in; before {@link #cluster}. */
    public boolean knows(int a, int b) {
        return candidates.contains(a, b);
    }

    /**
     * Receives a fixed sample of the pairs that were taken in, after {@link #cluster}.
     *
     * @return how many pairs each stands for
     */
    public int forEachSampled(PairConsumer consumer) {
        for (int i = 0; i < sampledLeft.length; i++) {
            consumer.accept(sampledLeft[i], sampledRight[i], sampledSimilarity[i]);
        }
        return sampleStep;
    }

    /**
     * Links under decisions of people; once.
     *
     * @param collection the collection the vectors' ids belong to
     */
    public Clustering cluster(Collection<LinkRule> decisions, String collection) {
        rules = new MergeRules(vectors, decisions, collection);
        if (size < 2) {
            return new Clustering(
                    parent.clone(),
                    ones(),
                    new ImpostorCalibration(0, 0.1),
                    Double.NaN,
                    0,
                    new Weak(0, 0, ignoredLimit),
                    evidence(),
                    contradictions);
        }
        for (MergeRules.Together group : rules.together()) {
            // What people decided about is as good as any other.
            Arrays.stream(group.members()).forEach(m -> weak[m] = false);
        }
        takeCandidates();
        joinWhatPeoplePutTogether();
        for (int pass = 0; pass < MAX_PASSES; pass++) {
            if (pass > 0) {
                if (thin || !recalibratedBy(samplePairs, pairSimilarities)) {
                    break;
                }
                wakeAll();
            }
            link();
            for (int i = 0; i < MAX_PROPOSALS && propose() && link(); i++) {}
        }
        attachWeak();
        return result();
    }

    private void takeCandidates() {
        candidates.forEach(
                (a, b, similarity) -> {
                    if (weak[a] || weak[b]) {
                        addWeak(a, b);
                    } else {
                        // Of two single vectors the average is the similarity, and looseness is 1.
                        edges.add(a, b, (float) calibration.normalised(similarity));
                    }
                });
        candidates.clear();
        active = edges.size();
        sampleStep = Math.max(1, edges.size() / SAMPLED);
        int sampled = (edges.size() + sampleStep - 1) / sampleStep;
        sampledLeft = new int[sampled];
        sampledRight = new int[sampled];
        sampledSimilarity = new float[sampled];
        for (int i = 0; i < sampled; i++) {
            int edge = i * sampleStep;
            sampledLeft[i] = edges.left(edge);
            sampledRight[i] = edges.right(edge);
            sampledSimilarity[i] = (float) calibration.denormalised(edges.score(edge));
        }
    }

    private void addWeak(int a, int b) {
        if (weak[a] && weak[b]) {
            return;
        }
        if (weakEdgeCount == weakEdges.length) {
            weakEdges = Arrays.copyOf(weakEdges, Math.max(64, weakEdgeCount + weakEdgeCount / 2));
        }
        weakEdges[weakEdgeCount++] = weak[a] ? (long) a << 32 | b : (long) b << 32 | a;
    }

    private void attachWeak() {
        for (int e = 0; e < weakEdgeCount; e++) {
            weakEdges[e] = weakEdges[e] & ~0xFFFFFFFFL | root((int) weakEdges[e]);
        }
        Arrays.sort(weakEdges, 0, weakEdgeCount);
        for (int start = 0; start < weakEdgeCount; ) {
            int vector = (int) (weakEdges[start] >>> 32);
            int best = -1;
            double bestScore = Double.NEGATIVE_INFINITY;
            int e = start;
            for (; e < weakEdgeCount && (int) (weakEdges[e] >>> 32) == vector; e++) {
                int cluster = (int) weakEdges[e];
                if (e > start && weakEdges[e] == weakEdges[e - 1]) {
                    continue;
                }
                double score = scoreOf(vector, cluster);
                if (score > bestScore
                        && score >= threshold(vector, cluster)
                        && !rules.forbidden(cluster, vector)) {
                    best = cluster;
                    bestScore = score;
                }
            }
            if (best >= 0) {
                parent[vector] = best;
                rules.merged(best, vector);
                weakJoined++;
            }
            start = e;
        }
    }

    private Evidence evidence() {
        double[] tracks = certain.tracks();
        double[] confirmed =
                certain.within(
                        rules.together().stream().map(MergeRules.Together::members).toList());
        return new Evidence(
                certainStrangers,
                tracks,
                confirmed,
                SimilarityCurve.of(calibration, tracks, confirmed));
    }

    private void wakeAll() {
        for (int e = 0; e < edges.size(); e++) {
            edges.score(e, Float.NaN);
        }
        active = edges.size();
    }

    private boolean recalibratedBy(int[][] pairs, double[] similarities) {
        double[] strangers = new double[similarities.length];
        int found = 0;
        for (int p = 0; p < similarities.length; p++) {
            if (root(pairs[0][p]) != root(pairs[1][p])) {
                strangers[found++] = similarities[p];
            }
        }
        if (found < FEWEST_STRANGERS) {
            return false;
        }
        double before = calibration.spread();
        ImpostorCalibration next =
                ImpostorCalibration.estimate(Arrays.copyOf(strangers, found), false)
                        .widened(widened);
        if (Math.abs(next.spread() / before - 1) < SPREAD_TOLERANCE) {
            return false;
        }
        recalibrate(next);
        return true;
    }

    private void recalibrate(ImpostorCalibration next) {
        calibration = next;
        scale = new LinkScale(next, parameters, size);
        Arrays.fill(thresholdByCount, Double.NaN);
        for (int i = 0; i < size; i++) {
            if (parent[i] == i) {
                looseness[i] = loosenessOf(i);
            }
        }
    }

    // 1 for a single vector, lower the wider a cluster spreads.
    private double loosenessOf(int cluster) {
        double meanSquare =
                count[cluster] == 1
                        ? 1
                        : sums.dot(cluster, cluster) / ((double) count[cluster] * count[cluster]);
        return scale.looseness(meanSquare);
    }

    private double threshold(int a, int b) {
        int larger = Math.max(count[a], count[b]);
        double known = thresholdByCount[larger];
        if (Double.isNaN(known)) {
            known = scale.threshold(larger);
            thresholdByCount[larger] = known;
        }
        return known;
    }

    private double scoreOf(int a, int b) {
        double average = sums.dot(a, b) / ((double) count[a] * count[b]);
        return scale.score(average, looseness[a], looseness[b]);
    }

    private void joinWhatPeoplePutTogether() {
        boolean[] changed = new boolean[size];
        for (MergeRules.Together group : rules.together()) {
            for (int at = 1; at < group.members().length; at++) {
                int a = root(group.members()[0]);
                int b = root(group.members()[at]);
                if (a == b) {
                    continue;
                }
                if (rules.forbiddenByPeople(a, b)) {
                    contradictions.add(contradiction(group, group.members()[at], a, b));
                    continue;
                }
                mergeInto(Math.min(a, b), Math.max(a, b));
                changed[Math.min(a, b)] = true;
            }
        }
        for (int a = 0; a < size; a++) {
            changed[a] &= parent[a] == a;
            if (changed[a]) {
                looseness[a] = loosenessOf(a);
            }
        }
        relabel(changed);
    }

    private String contradiction(MergeRules.Together group, int member, int a, int b) {
        String first = rules.personOf(a);
        String second = rules.personOf(b);
        return group.source()
                + " puts "
                + vectors.id(group.members()[0])
                + " and "
                + vectors.id(member)
                + " together, but "
                + (!first.isEmpty() && !second.isEmpty() && !first.equals(second)
                        ? "they belong to the confirmed persons " + first + " and " + second
                        : "a constraint keeps them apart");
    }

    /** Merges until no edge passes its threshold; tells whether anything was merged. */
    private boolean link() {
        boolean merged = false;
        double lowest = scale.lowest();
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

    private int root(int index) {
        int at = index;
        while (parent[at] != at) {
            parent[at] = parent[parent[at]];
            at = parent[at];
        }
        return at;
    }

    /**
     * Compares all clusters of at least k/2 members with each other: the neighbour lists of a
     * cluster larger than k can be filled by its own members, so that nothing leads to its other
     * half.
     */
    private boolean propose() {
        int[] large = new int[size];
        int found = 0;
        for (int i = 0; i < size; i++) {
            if (parent[i] == i && count[i] >= k / 2) {
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

    private Clustering result() {
        int[] labels = new int[size];
        int[] smallest = new int[size];
        Arrays.fill(smallest, Integer.MAX_VALUE);
        for (int i = 0; i < size; i++) {
            labels[i] = root(i);
            smallest[labels[i]] = Math.min(smallest[labels[i]], i);
        }
        double[] similarities = new double[size];
        for (int i = 0; i < size; i++) {
            int cluster = labels[i];
            if (cluster == i && count[cluster] == 1) {
                similarities[i] = 1;
            } else {
                vectors.read(i, scratch);
                similarities[i] =
                        sums.dot(cluster, scratch) / Math.sqrt(sums.dot(cluster, cluster));
            }
            labels[i] = smallest[cluster];
        }
        int weakVectors = 0;
        for (boolean low : weak) {
            weakVectors += low ? 1 : 0;
        }
        return new Clustering(
                labels,
                similarities,
                calibration,
                scale.single(),
                rounds,
                new Weak(weakVectors, weakJoined, ignoredLimit),
                evidence(),
                contradictions);
    }

    private double[] ones() {
        double[] values = new double[size];
        Arrays.fill(values, 1);
        return values;
    }

    private static int[][] samplePairs(int n) {
        if ((long) n * (n - 1) / 2 <= ImpostorCalibration.PAIRS) {
            int total = n * (n - 1) / 2;
            int[][] pairs = new int[2][total];
            int at = 0;
            for (int i = 0; i < n; i++) {
                for (int j = i + 1; j < n; j++) {
                    pairs[0][at] = i;
                    pairs[1][at++] = j;
                }
            }
            return pairs;
        }
        int[][] pairs = new int[2][ImpostorCalibration.PAIRS];
        int at = 0;
        for (int i = 0; i < ImpostorCalibration.PAIRS; i++) {
            int a = (int) Long.remainderUnsigned(mix(2L * i), n);
            int b = (int) Long.remainderUnsigned(mix(2L * i + 1), n);
            if (a != b) {
                pairs[0][at] = a;
                pairs[1][at++] = b;
            }
        }
        return new int[][] {Arrays.copyOf(pairs[0], at), Arrays.copyOf(pairs[1], at)};
    }

    // SplitMix64 (Steele, Lea, Flood 2014): a fixed sample, the same on every machine.
    private static long mix(long x) {
        long z = (x + 1) * 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
