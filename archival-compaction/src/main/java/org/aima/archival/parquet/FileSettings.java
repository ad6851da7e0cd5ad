package org.aima.archival.parquet;

import java.io.Serializable;

/**
 * How files are written.
 *
 * @param targetBytes at which a file is closed and the next one begun
 * @param rowGroupBytes of a row group before compression; a writer's memory follows from it
 * @param pageBytes of a page before compression: what one ranged read fetches
 * @param zstdLevel 1 to 19
 */
public record FileSettings(long targetBytes, long rowGroupBytes, int pageBytes, int zstdLevel)
        implements Serializable {}
