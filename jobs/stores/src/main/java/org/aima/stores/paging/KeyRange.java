package org.aima.stores.paging;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * The keys still to be read in one scope (a collection or a partition): {@code after < key <=
 * upTo}.
 *
 * @param scope what the reader needs to find the rows, in its own words
 * @param after the last key already read, or null from the start
 * @param upTo the last key of the range, or null to the end
 */
public record KeyRange(String scope, @Nullable String after, @Nullable String upTo)
        implements Serializable {

    /** What is left once everything up to and including {@code key} was read. */
    public KeyRange resumeAfter(String key) {
        return new KeyRange(scope, key, upTo);
    }
}
