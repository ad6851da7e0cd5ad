package org.aima.dossier.core;

/**
 * A dossier as it is stored.
 *
 * @param problem empty, or the reason word why it cannot be rebuilt
 * @param mediaIds without duplicates
 * @param version of what was last published, 0 when nothing was
 * @param document its BSON
 */
public record StoredDossier(
        String dossierId,
        String problem,
        String problemDetail,
        String[] mediaIds,
        long version,
        byte[] document) {}
