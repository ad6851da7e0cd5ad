package org.aima.dossier.function;

import java.util.List;
import java.util.Set;
import org.aima.dossier.core.ChangeEvent;

/** Tells which dossiers a change concerns, by what the stores hold now. */
public interface DossierFinder extends AutoCloseable {

    Found find(List<ChangeEvent> events);

    @Override
    void close();

    /**
     * The dossiers.
     *
     * @param rows documents that were read to find them
     */
    record Found(Set<String> dossierIds, long rows) {}
}
