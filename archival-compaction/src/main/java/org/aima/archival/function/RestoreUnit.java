package org.aima.archival.function;

import org.aima.archival.core.ArchivedFile;

/**
 * Part of a restore: single results by their pointers, or the matching rows of a file.
 *
 * @param resultIds results to fetch by one ranged read each; empty to search the file
 * @param file in which to search; null with result ids
 */
public record RestoreUnit(String[] resultIds, @org.jspecify.annotations.Nullable ArchivedFile file)
        implements java.io.Serializable {}
