package org.aima.dossier.function;

import java.util.List;

/** All dossiers in a fixed order, to be gone through in turns. */
public interface DossierRota extends AutoCloseable {

    /**
     * The next dossiers.
     *
     * @param after where the last turn ended, empty for the beginning
     */
    Turn next(String after, int count);

    @Override
    void close();

    /**
     * One turn.
     *
     * @param end where it ended; empty when it came to the end of all dossiers
     */
    record Turn(List<String> dossierIds, String end) {}
}
