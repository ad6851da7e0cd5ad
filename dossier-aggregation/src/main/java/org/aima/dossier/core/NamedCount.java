package org.aima.dossier.core;

import java.util.Map;
import java.util.TreeMap;

/** Two counts under a name, such as media and results of a month. */
public record NamedCount(String name, long media, long results) {

    /** Both lists as one, in order of name. */
    static NamedCount[] plus(NamedCount[] a, NamedCount... b) {
        Map<String, NamedCount> sums = new TreeMap<>();
        for (NamedCount[] list : new NamedCount[][] {a, b}) {
            for (NamedCount count : list) {
                sums.merge(
                        count.name(),
                        count,
                        (x, y) ->
                                new NamedCount(
                                        x.name(),
                                        x.media() + y.media(),
                                        x.results() + y.results()));
            }
        }
        return sums.values().toArray(NamedCount[]::new);
    }
}
