package org.aima.archival.core;

import java.io.Serializable;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which rows a rewritten file no longer has.
 *
 * @param kind what the rewriting is for
 * @param personIds rows of these persons go
 * @param mediaIds rows of these media go
 * @param resultIds these rows go
 * @param retention rows whose time is up go
 * @param nowMillis the run's one clock reading, epoch milliseconds
 */
public record RewriteRule(
        Manifest.Kind kind,
        List<String> personIds,
        List<String> mediaIds,
        List<String> resultIds,
        Retention retention,
        long nowMillis)
        implements Serializable {
    private static final Retention FOREVER = Retention.parse("none", Retention.FOREVER);

    public static RewriteRule compact(long nowMillis) {
        return new RewriteRule(
                Manifest.Kind.COMPACT, List.of(), List.of(), List.of(), FOREVER, nowMillis);
    }

    public static RewriteRule expire(Retention retention, long nowMillis) {
        return new RewriteRule(
                Manifest.Kind.EXPIRE, List.of(), List.of(), List.of(), retention, nowMillis);
    }

    public static RewriteRule erase(
            Set<String> personIds, Set<String> mediaIds, Set<String> resultIds, long nowMillis) {
        return new RewriteRule(
                Manifest.Kind.ERASE,
                List.copyOf(new TreeSet<>(personIds)),
                List.copyOf(new TreeSet<>(mediaIds)),
                List.copyOf(new TreeSet<>(resultIds)),
                FOREVER,
                nowMillis);
    }

    /** The same rule, quick to ask. */
    public Matcher matcher() {
        return new Matcher(this);
    }

    /** Answers for one task. */
    public static final class Matcher {
        private final RewriteRule rule;
        private final Set<String> persons;
        private final Set<String> media;
        private final Set<String> results;

        Matcher(RewriteRule rule) {
            this.rule = rule;
            this.persons = new HashSet<>(rule.personIds());
            this.media = new HashSet<>(rule.mediaIds());
            this.results = new HashSet<>(rule.resultIds());
        }

        /** Whether a row is taken out. */
        public boolean drops(ResultFields fields, @Nullable String personId) {
            return personId != null && persons.contains(personId)
                    || fields.ownPersonId() != null && persons.contains(fields.ownPersonId())
                    || fields.mediaId() != null && media.contains(fields.mediaId())
                    || fields.resultId() != null && results.contains(fields.resultId())
                    || expired(fields);
        }

        private boolean expired(ResultFields fields) {
            Long time = fields.timestampMillis();
            return time != null
                    && rule.retention()
                            .limit(
                                    String.valueOf(fields.analysisType()),
                                    Instant.ofEpochMilli(rule.nowMillis()))
                            .map(limit -> time < limit.toEpochMilli())
                            .orElse(false);
        }
    }
}
