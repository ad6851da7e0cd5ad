package org.aima.dossier.core;

/**
 * A dossier that waits for its recount.
 *
 * @param firstMillis when the first of its changes was seen
 * @param lastMillis when the last was
 * @param oldestMillis when the oldest of them was told, by the clock of the topic
 */
public record Waiting(long firstMillis, long lastMillis, long oldestMillis) {}
