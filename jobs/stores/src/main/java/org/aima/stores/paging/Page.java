package org.aima.stores.paging;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows in ascending order of key and what is left to read after them.
 *
 * @param rest null when the range is exhausted
 */
public record Page<T>(List<Keyed<T>> rows, @Nullable KeyRange rest) {

    /** A row with the key by which reading resumes after it. */
    public record Keyed<T>(String key, T value) {}
}
