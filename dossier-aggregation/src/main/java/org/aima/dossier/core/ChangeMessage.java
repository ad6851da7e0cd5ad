package org.aima.dossier.core;

/**
 * A record of the topic of changes, not yet read.
 *
 * @param writtenAtMillis when it was written to the topic, epoch milliseconds
 */
public record ChangeMessage(int partition, long offset, long writtenAtMillis, byte[] value) {

    /** Where it is in the topic. */
    public String position() {
        return partition + "/" + offset;
    }
}
