package org.aima.dossier.core;

/**
 * Time ranges of an item that its dossier's document has no room for.
 *
 * @param pageId derived from the content
 * @param document its BSON, {@code _id} included
 */
public record AppearancePage(String pageId, byte[] document) {}
