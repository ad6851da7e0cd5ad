package org.aima.personclustering.core;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Decides which cluster of faces a cluster of voices belongs to, from the evidence of all media.
 *
 * <p>Before anything is seen, a voice is nobody's face with a probability that is estimated from
 * all voices (expectation-maximisation; {@link #NOBODY} counts as much as {@link #NOBODY_VOICES} of
 * them), else one of the faces it was heard with, all equally. Persons have one voice as a rule, so
 * voices compete: a face that is another's with probability P is left to this one with {@code 1 - P
 * (1 - second)} (mean-field rounds; a second cluster of one voice remains possible). A voice is
 * joined to the likeliest face when that one's probability reaches the given one; otherwise it
 * stays alone.
 */
public final class SpeechJudge {
    private static final double NOBODY = 0.4;
    private static final double NOBODY_VOICES = 20;
    // However often people are filmed, some are not.
    private static final double NOBODY_AT_LEAST = 0.05;
    private static final double SECOND_VOICE = 0.05;
    private static final int ROUNDS = 6;

    private final double minimumProbability;
    private final Map<String, Heard> voices = new TreeMap<>();

    /** The face of a voice. */
    public record Verdict(String voiceCluster, String faceCluster, double probability) {}

    /** What is known of a voice; weights and probabilities are by face. */
    private static final class Heard {
        private double unseen;
        private final Map<String, Double> weights = new TreeMap<>();
        private Map<String, Double> probabilities = Map.of();
    }

    public SpeechJudge(double minimumProbability) {
        this.minimumProbability = minimumProbability;
    }

    public void add(SpeechEvidence evidence) {
        Heard heard = voices.computeIfAbsent(evidence.voiceCluster(), v -> new Heard());
        double weight = rounded(evidence.weight());
        if (evidence.faceCluster().isEmpty()) {
            heard.unseen += weight;
        } else {
            heard.weights.merge(evidence.faceCluster(), weight, Double::sum);
        }
    }

    // Multiples of a power of two add up exactly, in any order.
    private static double rounded(double weight) {
        return Math.rint(weight * (1 << 20)) / (1 << 20);
    }

    /** The voices that are joined, by voice cluster. */
    public Map<String, Verdict> verdicts() {
        Map<String, Double> left = Map.of();
        double nobody = NOBODY;
        for (int round = 0; round < ROUNDS; round++) {
            Map<String, Double> after = new HashMap<>();
            double unfilmed = NOBODY * NOBODY_VOICES;
            for (Heard heard : voices.values()) {
                heard.probabilities = probabilities(heard, left, nobody);
                double filmed = 0;
                for (Map.Entry<String, Double> face : heard.probabilities.entrySet()) {
                    after.merge(face.getKey(), left(face.getValue()), Double::sum);
                    filmed += face.getValue();
                }
                unfilmed += 1 - filmed;
            }
            left = after;
            nobody = Math.max(NOBODY_AT_LEAST, unfilmed / (NOBODY_VOICES + voices.size()));
        }
        Map<String, Verdict> verdicts = new TreeMap<>();
        voices.forEach(
                (voice, heard) ->
                        heard.probabilities.entrySet().stream()
                                .max(Map.Entry.comparingByValue())
                                .filter(face -> face.getValue() >= minimumProbability)
                                .ifPresent(
                                        face ->
                                                verdicts.put(
                                                        voice,
                                                        new Verdict(
                                                                voice,
                                                                face.getKey(),
                                                                face.getValue()))));
        voices.values().forEach(heard -> heard.probabilities = Map.of());
        return verdicts;
    }

    /** Voices that were heard while any face was seen. */
    public int voices() {
        return voices.size();
    }

    /** Logarithm of the share of a face that a voice leaves to others. */
    private static double left(double probability) {
        return Math.log(1 - probability * (1 - SECOND_VOICE));
    }

    private static Map<String, Double> probabilities(
            Heard heard, Map<String, Double> left, double nobody) {
        Map<String, Double> logarithms = new TreeMap<>();
        double total = Math.log(nobody);
        for (Map.Entry<String, Double> face : heard.weights.entrySet()) {
            double own = left(heard.probabilities.getOrDefault(face.getKey(), 0.0));
            double value =
                    Math.log((1 - nobody) / heard.weights.size())
                            + heard.unseen
                            + face.getValue()
                            + left.getOrDefault(face.getKey(), 0.0)
                            - own;
            logarithms.put(face.getKey(), value);
            double high = Math.max(total, value);
            total = high + Math.log(Math.exp(total - high) + Math.exp(value - high));
        }
        double all = total;
        logarithms.replaceAll((face, value) -> Math.exp(value - all));
        return logarithms;
    }
}
