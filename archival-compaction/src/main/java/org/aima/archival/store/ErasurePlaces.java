package org.aima.archival.store;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Every place beside the archive's files in which a person or medium can be. Each method looks, and
 * removes unless told only to look; idempotent.
 */
public interface ErasurePlaces extends AutoCloseable {

    /** The places in the order in which they are looked at. */
    List<String> names();

    /**
     * Looks at one place.
     *
     * @param removing false to count only
     */
    Found visit(String place, Subjects subjects, boolean removing);

    @Override
    void close();

    /**
     * What was found, and what is left of it afterwards.
     *
     * @param detail by kind of thing, for the report
     */
    record Found(long found, long removed, Map<String, Long> detail) {}

    /** Whom and what the erasure is about. */
    record Subjects(Set<String> persons, Set<String> media, Set<String> results)
            implements Serializable {}

    /** Opens the places where they are used; holds references to secrets, never secrets. */
    @FunctionalInterface
    interface Factory extends Serializable {
        ErasurePlaces open();
    }
}
