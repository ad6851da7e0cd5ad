package org.aima.stores;

import java.util.List;

/** Where a run notes what it is about to replace in rows, before it does. */
public interface RowJournal extends AutoCloseable {

    /**
     * Notes the value of one field in some rows before and after a change; durable on return,
     * idempotent.
     *
     * @param ids primary keys
     * @param before values beside them
     * @param after values beside them
     */
    void note(
            String collection,
            String partition,
            List<String> ids,
            List<String> before,
            List<String> after);

    @Override
    void close();
}
