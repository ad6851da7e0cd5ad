package org.aima.dossier.core;

/**
 * What an event says has changed: a hint where to look, never the truth about it.
 *
 * @param mediaIds media whose content or results changed
 * @param personIds persons that changed, those that are gone included
 * @param dossierIds dossiers that were edited
 * @param atMillis when the event was written, epoch milliseconds
 */
public record ChangeEvent(
        String[] mediaIds, String[] personIds, String[] dossierIds, long atMillis) {}
