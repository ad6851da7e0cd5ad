package org.aima.personclustering.core;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who is known, as the stores showed it at one time.
 *
 * @param recluster the last batch run that succeeded, empty when there is none
 * @param readMillis when reading began, epoch milliseconds
 * @param stamps of every person, by id: what tells that its document changed
 * @param merged ids that ended, and whose place they left to
 * @param spaces by name
 */
public record PersonSnapshot(
        String recluster,
        long readMillis,
        Map<String, String> stamps,
        Map<String, String> merged,
        Map<String, SpacePersons> spaces) {
    private static final int LONGEST_CHAIN = 100;

    /** The persons of a space, null when nobody is known there. */
    public @Nullable SpacePersons space(String name) {
        return spaces.get(name);
    }

    /** The id that stands for an id now. */
    public String resolve(String personId) {
        String id = personId;
        for (int i = 0; i < LONGEST_CHAIN && !stamps.containsKey(id); i++) {
            String next = merged.get(id);
            if (next == null) {
                break;
            }
            id = next;
        }
        return id;
    }
}
