package org.aima.stores.paging;

import java.util.List;

/** Reads a collection in ranges of its primary key; used by one thread at a time. */
public interface PageReader<T> extends AutoCloseable {

    /**
     * Ranges that together hold every key that exists now exactly once. They are frozen: keys that
     * appear later fall into one of them or are not read, but never twice.
     */
    List<KeyRange> ranges();

    /**
     * The next rows of a range in ascending order of key, bounded in bytes. Reading the same range
     * again gives the same rows as long as the store does not change.
     */
    Page<T> read(KeyRange range);

    @Override
    void close();
}
