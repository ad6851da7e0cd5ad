package org.aima.personclustering.core;

/**
 * What one medium says about a cluster of voices and a cluster of faces being one person.
 *
 * @param faceCluster empty for every face that is not seen in this medium
 * @param weight logarithm of the likelihood ratio against chance; of a face that is named, what it
 *     has above a face that is not seen
 * @param pieces pieces of speech it rests on
 */
public record SpeechEvidence(String voiceCluster, String faceCluster, double weight, int pieces) {}
