package org.aima.stores.kafka;

/**
 * One record of a topic.
 *
 * @param timestampMillis when it was written, epoch milliseconds
 * @param value empty for a tombstone
 */
public record TopicRecord(int partition, long offset, long timestampMillis, byte[] value) {}
