package org.aima.dossier.function;

import java.util.List;
import org.aima.dossier.core.AppearancePage;
import org.aima.dossier.core.DossierWrite;
import org.jspecify.annotations.Nullable;

/** Recounts one dossier from the stores. */
public interface DossierCounter extends AutoCloseable {

    Counted count(String dossierId);

    @Override
    void close();

    /**
     * What a recount gave.
     *
     * @param write null when there is no such dossier or it cannot be counted
     * @param problem empty, or the reason word why it cannot be counted
     * @param pages what has to be stored before the write
     * @param rows documents that were read
     */
    record Counted(
            @Nullable DossierWrite write,
            String problem,
            String problemDetail,
            List<AppearancePage> pages,
            long rows) {}
}
