package org.aima.dossier.core;

/**
 * What a medium adds to the metadata of the dossiers it is in.
 *
 * @param found whether there is such a medium
 * @param transcribedMillis how long somebody's words were recognised
 */
public record MediumPart(
        MediumInfo info, boolean found, TypeCount[] types, long transcribedMillis) {}
