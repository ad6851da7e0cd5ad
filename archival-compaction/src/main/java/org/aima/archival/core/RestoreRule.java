package org.aima.archival.core;

import java.io.Serializable;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which archived results are brought back.
 *
 * @param media results of these media
 * @param persons results of these persons
 * @param results these results
 * @param fromMillis results from this time on, epoch milliseconds
 * @param toMillis results before this time, epoch milliseconds
 * @param holdUntilMillis until when they are not archived again
 */
public record RestoreRule(
        List<String> media,
        List<String> persons,
        List<String> results,
        long fromMillis,
        long toMillis,
        long holdUntilMillis)
        implements Serializable {

    /** Whether anything but time narrows it down. */
    public boolean byId() {
        return !media.isEmpty() || !persons.isEmpty() || !results.isEmpty();
    }

    /** Whether a row of a file that was searched by id is meant. */
    public boolean wants(ResultFields fields, @Nullable String personId) {
        Long time = fields.timestampMillis();
        boolean inTime = time != null && time >= fromMillis && time < toMillis;
        boolean named =
                !byId()
                        || contains(media, fields.mediaId())
                        || contains(persons, personId)
                        || contains(persons, fields.ownPersonId())
                        || contains(results, fields.resultId());
        return inTime && named;
    }

    private static boolean contains(List<String> ids, @Nullable String id) {
        return id != null && Set.copyOf(ids).contains(id);
    }
}
