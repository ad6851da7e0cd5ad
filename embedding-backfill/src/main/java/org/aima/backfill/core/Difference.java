package org.aima.backfill.core;

/**
 * One key that two collections do not hold alike.
 *
 * @param expectedPartition empty when the key should not be there
 * @param foundPartition empty when the key is not there
 * @param expected hash of the expected content, 0 without one
 * @param found hash of the content that is there, 0 without one
 */
public record Difference(
        Kind kind,
        String key,
        String expectedPartition,
        String foundPartition,
        long expected,
        long found) {

    /** In which way they differ. */
    public enum Kind {
        /** Expected and not there. */
        MISSING,
        /** There and not expected. */
        EXTRA,
        /** Another vector or another field. */
        CHANGED,
        /** The right content in the wrong partition. */
        MISPLACED,
        /** More than once there. */
        DOUBLED
    }
}
