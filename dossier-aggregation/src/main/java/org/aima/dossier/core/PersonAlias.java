package org.aima.dossier.core;

/** An id that was merged into another one. */
public record PersonAlias(String oldId, String newId) {}
