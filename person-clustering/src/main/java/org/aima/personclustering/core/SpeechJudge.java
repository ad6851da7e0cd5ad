package org.aima.personclustering.core;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Decides which cluster of faces a cluster of voices belongs to, from the evidence of all media.
 *
 * <p>Before anything is seen, a voice is as likely nobody's face as it is one of the faces it was
 * heard with, all equally. It is joined to the likeliest face when that one's probability reaches
 * the given one; otherwise it stays alone.
 */
public final class SpeechJudge {
    private static final double NOBODY = 0.5;

    private final double minimumProbability;
    private final Map<String, Map<String, double[]>> pairs = new TreeMap<>();
    private final Map<String, Integer> pieces = new HashMap<>();

    /** The face of a voice. */
    public record Verdict(String voiceCluster, String faceCluster, double probability) {}

    public SpeechJudge(double minimumProbability) {
        this.minimumProbability = minimumProbability;
    }

    public void add(SpeechEvidence evidence) {
        if (evidence.faceCluster().isEmpty()) {
            pieces.merge(evidence.voiceCluster(), evidence.pieces(), Integer::sum);
            return;
        }
        double[] sum =
                pairs.computeIfAbsent(evidence.voiceCluster(), v -> new TreeMap<>())
                        .computeIfAbsent(evidence.faceCluster(), f -> new double[2]);
        sum[0] += rounded(evidence.weight());
        sum[1] += evidence.pieces();
    }

    // Multiples of a power of two add up exactly, in any order.
    private static double rounded(double weight) {
        return Math.rint(weight * (1 << 20)) / (1 << 20);
    }

    /** The voices that are joined, by voice cluster. */
    public Map<String, Verdict> verdicts() {
        Map<String, Verdict> verdicts = new TreeMap<>();
        pairs.forEach(
                (voice, faces) -> {
                    Verdict best = likeliest(voice, faces);
                    if (best.probability() >= minimumProbability) {
                        verdicts.put(voice, best);
                    }
                });
        return verdicts;
    }

    /** Voices that were heard while any face was seen. */
    public int voices() {
        return pieces.size();
    }

    private Verdict likeliest(String voice, Map<String, double[]> faces) {
        double prior = Math.log((1 - NOBODY) / faces.size());
        double total = Math.log(NOBODY);
        String best = "";
        double bestWeight = Double.NEGATIVE_INFINITY;
        for (Map.Entry<String, double[]> face : faces.entrySet()) {
            double elsewhere = pieces.getOrDefault(voice, 0) - face.getValue()[1];
            double weight =
                    prior + face.getValue()[0] + elsewhere * Math.log(1 - SpeechScorer.ON_SCREEN);
            if (weight > bestWeight) {
                best = face.getKey();
                bestWeight = weight;
            }
            double high = Math.max(total, weight);
            total = high + Math.log(Math.exp(total - high) + Math.exp(weight - high));
        }
        return new Verdict(voice, best, Math.exp(bestWeight - total));
    }
}
