package org.aima.archival.parquet;

import org.jspecify.annotations.Nullable;

/**
 * A row of an archive file; every other column follows from the document.
 *
 * @param document canonical BSON
 * @param personId the person the result belonged to when it was archived
 */
public record ArchiveRow(byte[] document, @Nullable String personId) {}
