package org.aima.archival.function;

/**
 * What became of a committed file's documents.
 *
 * @param archived documents that are in the archive only
 * @param changed documents that are another version in MongoDB and stay there
 * @param damaged whether the file was not what the manifest says, so that nothing was deleted
 */
public record FileOutcome(
        long manifest, String key, long archived, long changed, boolean damaged) {}
