package org.aima.dossier.core;

/**
 * What a summary says of archived results.
 *
 * @param results one for each that is not restored, without time and size
 * @param facets what is only known of all together
 */
public record ArchivedResults(Detection[] results, Facet[] facets) {}
