package org.aima.dossier.core;

import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A dossier's media added up.
 *
 * @param analysed media with at least one result
 * @param missing the first of the media that do not exist, in order of id
 */
public record DossierSums(
        long listed,
        long found,
        long analysed,
        long durationMillis,
        long transcribedMillis,
        TypeCount[] types,
        NamedCount[] mediaTypes,
        NamedCount[] months,
        String[] missing) {
    private static final int NAMED_MISSING = 20;

    public static DossierSums nothing() {
        return new DossierSums(
                0,
                0,
                0,
                0,
                0,
                new TypeCount[0],
                new NamedCount[0],
                new NamedCount[0],
                new String[0]);
    }

    /** With one more medium. */
    public DossierSums plus(MediumPart part) {
        long results = 0;
        Map<String, TypeCount> sums = new TreeMap<>();
        for (TypeCount type : types) {
            sums.put(type.type(), type);
        }
        for (TypeCount type : part.types()) {
            results += type.results();
            sums.merge(type.type(), type, TypeCount::plus);
        }
        MediumInfo info = part.info();
        return new DossierSums(
                listed + 1,
                found + (part.found() ? 1 : 0),
                analysed + (results > 0 ? 1 : 0),
                durationMillis + info.durationMillis(),
                transcribedMillis + part.transcribedMillis(),
                sums.values().toArray(TypeCount[]::new),
                part.found()
                        ? NamedCount.plus(mediaTypes, new NamedCount(info.type(), 1, results))
                        : mediaTypes,
                info.month().isEmpty()
                        ? months
                        : NamedCount.plus(months, new NamedCount(info.month(), 1, results)),
                part.found() ? missing : withMissing(info.mediaId()));
    }

    private String[] withMissing(String mediaId) {
        SortedSet<String> ids = new TreeSet<>(List.of(missing));
        ids.add(mediaId);
        return ids.stream().limit(NAMED_MISSING).toArray(String[]::new);
    }

    long results() {
        long results = 0;
        for (TypeCount type : types) {
            results += type.results();
        }
        return results;
    }
}
