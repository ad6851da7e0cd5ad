package org.aima.archival.core;

/**
 * A result older than the cut-off, as MongoDB holds it.
 *
 * @param mediaId empty when the document has none that is text
 * @param document its bytes
 */
public record Candidate(String mediaId, byte[] document) {}
