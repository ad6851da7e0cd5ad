package org.aima.archival.core;

/**
 * A result to be archived.
 *
 * @param slice which part of its partition
 * @param personId empty when nobody's
 * @param document canonical BSON, without {@code restored_from}
 */
public record SelectedResult(
        String analysisType, int year, int month, int slice, String personId, byte[] document) {

    public Partition partition() {
        return new Partition(analysisType, year, month);
    }

    /** What is written by one task. */
    public String group() {
        return slice + "/" + year + "/" + month + "/" + analysisType;
    }
}
