package org.aima.personclustering.function;

import java.io.Serializable;
import java.util.List;
import org.aima.jobs.model.Reject;
import org.aima.personclustering.core.PersonChange;
import org.aima.personclustering.core.PersonJoin;

/** Where persons and the rows that carry their ids are kept. */
public interface PersonShelf extends AutoCloseable {

    /** Whether a batch is at work on the persons, so that nobody else may write. */
    boolean held();

    /** Makes decisions durable; idempotent. */
    Written join(List<PersonJoin> joins, long nowMillis);

    @Override
    void close();

    /**
     * What came of decisions: their number is that of written, already and rejects together.
     *
     * @param written rows that got a person
     * @param already rows that had one: what a batch or an earlier attempt decided stays
     */
    record Written(List<PersonChange> changes, List<Reject> rejects, int written, int already) {}

    /** Opens a shelf where it is used. */
    @FunctionalInterface
    interface Factory extends Serializable {
        PersonShelf open();
    }
}
