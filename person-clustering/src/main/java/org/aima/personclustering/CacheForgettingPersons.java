package org.aima.personclustering;

import java.util.List;
import java.util.stream.Stream;
import org.aima.personclustering.core.PersonChange;
import org.aima.personclustering.core.PersonJoin;
import org.aima.personclustering.function.PersonShelf;
import org.aima.stores.redis.CachedCopies;
import org.jspecify.annotations.Nullable;

/**
 * A shelf of persons that deletes the copies a cache holds of those it changes: before, so that a
 * failure in between leaves no old copy, and after, for readers that fetched the old person
 * meanwhile.
 */
final class CacheForgettingPersons implements PersonShelf {
    private final PersonShelf shelf;
    private final CachedCopies.Keys keys;
    private final CachedCopies copies;

    /** The shelf itself where nothing is cached. */
    static PersonShelf over(PersonShelf shelf, CachedCopies.@Nullable Keys keys) {
        return keys == null ? shelf : new CacheForgettingPersons(shelf, keys);
    }

    private CacheForgettingPersons(PersonShelf shelf, CachedCopies.Keys keys) {
        this.shelf = shelf;
        this.keys = keys;
        this.copies = keys.open();
    }

    @Override
    public boolean held() {
        return shelf.held();
    }

    @Override
    public Written join(List<PersonJoin> joins, long nowMillis) {
        List<String> asked = joins.stream().map(PersonJoin::personId).toList();
        copies.forget(keys, asked);
        Written written = shelf.join(joins, nowMillis);
        // Persons that were merged meanwhile are followed: those written may be others.
        copies.forget(
                keys,
                Stream.concat(
                                asked.stream(),
                                written.changes().stream().map(PersonChange::personId))
                        .toList());
        return written;
    }

    @Override
    public void close() {
        copies.close();
        shelf.close();
    }
}
