package org.aima.personclustering.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Clusters the vectors of one space by rounds of mutual-best merges under a calibrated threshold.
 *
 * <p>The k-NN graph only proposes which clusters are compared by {@link MergeRounds}, and a missing
 * edge says nothing. The threshold for a merge grows with the number of vectors and falls with the
 * size of the larger cluster, such that chance links stay at {@link LinkingParameters#falseLinks} a
 * vector. Of a large space the closest pairs come linked already, see {@link CellLinking}.
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
    private static final int MAX_PASSES = 6;
    private static final int MAX_PROPOSALS = 5;
    private static final double SPREAD_TOLERANCE = 0.005;
    private static final int MOST_SAMPLED = 1_000_000;
    private static final int FEWEST_CERTAIN = 2_000;
    // Faces of one picture share light and camera; they may widen the scale by so much only.
    static final double MOST_WIDENED = 1.15;

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
    private final SpillFile spill;
    private final List<CellMerges> linkedInCells = new ArrayList<>();
    private ImpostorCalibration calibration;
    private LinkScale scale;
    private int[][] samplePairs = new int[2][0];
    private double[] pairSimilarities = new double[0];
    private boolean thin;
    private final PairSample sample = new PairSample(MOST_SAMPLED);
    private double candidate = Double.POSITIVE_INFINITY;

    private final CertainPairs certain;
    private double[] certainStrangers = new double[0];
    private double widened = 1;
    private final boolean[] weak;
    private double ignoredLimit;
    private long[] weakEdges = new long[0];
    private int weakEdgeCount;
    private int weakJoined;

    private CalibratedLinking(
            VectorSet vectors, LinkingParameters parameters, int k, SpillFile spill) {
        this.vectors = vectors;
        this.parameters = parameters;
        this.k = k;
        this.size = vectors.size();
        this.spill = spill;
        this.calibration = new ImpostorCalibration(0, 1);
        this.scale = new LinkScale(calibration, parameters, size);
        this.certain = new CertainPairs(vectors);
        this.weak = weak();
        this.candidates = new PairList(size, spill);
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
        samplePairs = ImpostorCalibration.pairs(size);
        pairSimilarities = new double[samplePairs[0].length];
        for (int p = 0; p < pairSimilarities.length; p++) {
            pairSimilarities[p] = vectors.similarity(samplePairs[0][p], samplePairs[1][p]);
        }
        thin = pairSimilarities.length < ImpostorCalibration.FEWEST;
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
        sample.forEach(consumer);
        return sample.step();
    }

    /**
     * Takes in what was linked inside one cell beforehand, by {@link CellLinking}. Kept where no
     * decision of people and no picture is against it.
     */
    public void add(CellMerges linked) {
        linkedInCells.add(linked);
    }

    /**
     * Links under decisions of people; once.
     *
     * @param collection the collection the vectors' ids belong to
     */
    public Clustering cluster(Collection<LinkRule> decisions, String collection) {
        MergeRules decided = new MergeRules(vectors, decisions, collection);
        if (size < 2) {
            return new Clustering(
                    IntStream.range(0, size).toArray(),
                    ones(),
                    new ImpostorCalibration(0, 0.1),
                    Double.NaN,
                    0,
                    new Weak(0, 0, ignoredLimit),
                    evidence(decided),
                    contradictions);
        }
        for (MergeRules.Together group : decided.together()) {
            // What people decided about is as good as any other.
            Arrays.stream(group.members()).forEach(m -> weak[m] = false);
        }
        MergeRounds rounds = new MergeRounds(vectors, scale, decided, spill);
        joinWhatPeoplePutTogether(rounds, decided);
        joinWhatWasLinkedInCells(rounds);
        takeCandidates(rounds);
        rounds.begin();
        for (int pass = 0; pass < MAX_PASSES; pass++) {
            if (pass > 0) {
                if (thin || !recalibratedBy(rounds)) {
                    break;
                }
                rounds.rescale(scale);
            }
            rounds.link(0);
            for (int i = 0; i < MAX_PROPOSALS && rounds.propose(k / 2) && rounds.link(0); i++) {}
        }
        attachWeak(rounds, decided);
        return result(rounds, decided);
    }

    private void joinWhatWasLinkedInCells(MergeRounds rounds) {
        // Cells share no vector, but people may have joined some of theirs: hence the order.
        linkedInCells.sort(Comparator.comparingInt(CellMerges::cell));
        for (CellMerges linked : linkedInCells) {
            for (int i = 0; i < linked.into().length; i++) {
                rounds.join(vectors.indexOf(linked.into()[i]), vectors.indexOf(linked.from()[i]));
            }
        }
        linkedInCells.clear();
    }

    private void takeCandidates(MergeRounds rounds) {
        candidates.forEach(
                (a, b, similarity) -> {
                    if (weak[a] || weak[b]) {
                        addWeak(a, b);
                    } else {
                        sample.add(a, b, (float) similarity);
                        rounds.add(a, b, similarity);
                    }
                });
        candidates.clear();
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

    private void attachWeak(MergeRounds rounds, MergeRules decided) {
        for (int e = 0; e < weakEdgeCount; e++) {
            weakEdges[e] = weakEdges[e] & ~0xFFFFFFFFL | rounds.root((int) weakEdges[e]);
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
                double score = rounds.scoreOf(vector, cluster);
                if (score > bestScore
                        && score >= rounds.threshold(vector, cluster)
                        && !decided.forbidden(cluster, vector)) {
                    best = cluster;
                    bestScore = score;
                }
            }
            if (best >= 0) {
                rounds.attach(best, vector);
                weakJoined++;
            }
            start = e;
        }
    }

    private Evidence evidence(MergeRules decided) {
        double[] tracks = certain.tracks();
        double[] confirmed =
                certain.within(
                        decided.together().stream().map(MergeRules.Together::members).toList());
        return new Evidence(
                certainStrangers,
                tracks,
                confirmed,
                SimilarityCurve.of(calibration, tracks, confirmed));
    }

    private boolean recalibratedBy(MergeRounds rounds) {
        double[] strangers = new double[pairSimilarities.length];
        int found = 0;
        for (int p = 0; p < pairSimilarities.length; p++) {
            if (rounds.root(samplePairs[0][p]) != rounds.root(samplePairs[1][p])) {
                strangers[found++] = pairSimilarities[p];
            }
        }
        if (found < ImpostorCalibration.FEWEST) {
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
    }

    private void joinWhatPeoplePutTogether(MergeRounds rounds, MergeRules decided) {
        for (MergeRules.Together group : decided.together()) {
            for (int at = 1; at < group.members().length; at++) {
                int a = rounds.root(group.members()[0]);
                int b = rounds.root(group.members()[at]);
                if (a == b) {
                    continue;
                }
                if (decided.forbiddenByPeople(a, b)) {
                    contradictions.add(contradiction(decided, group, group.members()[at], a, b));
                    continue;
                }
                rounds.unite(a, b);
            }
        }
    }

    private String contradiction(
            MergeRules decided, MergeRules.Together group, int member, int a, int b) {
        String first = decided.personOf(a);
        String second = decided.personOf(b);
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

    private Clustering result(MergeRounds rounds, MergeRules decided) {
        int[] labels = new int[size];
        int[] smallest = new int[size];
        Arrays.fill(smallest, Integer.MAX_VALUE);
        for (int i = 0; i < size; i++) {
            labels[i] = rounds.root(i);
            smallest[labels[i]] = Math.min(smallest[labels[i]], i);
        }
        double[] similarities = new double[size];
        for (int i = 0; i < size; i++) {
            similarities[i] = rounds.similarityToMean(i);
            labels[i] = smallest[labels[i]];
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
                rounds.rounds(),
                new Weak(weakVectors, weakJoined, ignoredLimit),
                evidence(decided),
                contradictions);
    }

    private double[] ones() {
        double[] values = new double[size];
        Arrays.fill(values, 1);
        return values;
    }
}
