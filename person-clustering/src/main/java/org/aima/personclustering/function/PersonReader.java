package org.aima.personclustering.function;

import java.io.Serializable;
import org.aima.personclustering.core.PersonSnapshot;
import org.jspecify.annotations.Nullable;

/** Reads who is known, with vectors. */
public interface PersonReader extends AutoCloseable {

    /**
     * Everything the stores show now.
     *
     * @param before what was read last: only what changed since is read again; null reads all
     */
    PersonSnapshot read(@Nullable PersonSnapshot before);

    @Override
    void close();

    /** Opens a reader where it is used. */
    @FunctionalInterface
    interface Factory extends Serializable {
        PersonReader open();
    }
}
