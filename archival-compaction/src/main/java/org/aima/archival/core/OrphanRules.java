package org.aima.archival.core;

import java.util.Collection;
import java.util.List;
import java.util.Set;

/** Which objects under the data prefix are left over from runs that crashed. */
public final class OrphanRules {

    private OrphanRules() {}

    /** An object of a listing. */
    public record Listed(String key, long bytes, long modifiedMillis) {}

    /**
     * Objects that no manifest names and that are older than the floor.
     *
     * <p>Nothing is an orphan when the listing lacks a file that is part of the archive: a listing
     * that is incomplete or empty proves nothing about what it does show.
     *
     * @param named keys that any manifest ever named
     * @param live keys of the files that are the archive now
     * @param nowMillis the store's idea of now, epoch milliseconds
     * @throws IllegalStateException when the listing cannot be trusted
     */
    public static List<Listed> orphans(
            Collection<Listed> listing,
            Set<String> named,
            Collection<String> live,
            long nowMillis,
            long ageFloorMillis) {
        Set<String> listed =
                listing.stream()
                        .map(Listed::key)
                        .collect(java.util.stream.Collectors.toUnmodifiableSet());
        long missing = live.stream().filter(k -> !listed.contains(k)).count();
        if (missing > 0) {
            throw new IllegalStateException(
                    "the listing lacks "
                            + missing
                            + " files that manifests name; nothing is deleted by it");
        }
        return listing.stream()
                .filter(o -> o.key().startsWith(Partition.ROOT))
                .filter(o -> !named.contains(o.key()))
                .filter(o -> nowMillis - o.modifiedMillis() >= ageFloorMillis)
                .toList();
    }
}
