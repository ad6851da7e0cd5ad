package org.aima.operate.run;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** Turns figures whose names follow a pattern into the data of the report's charts. */
final class Distributions {
    private static final String SIMILARITY = "similarity.";
    private static final String PROBABILITY = "probability.";
    private static final String SIZE = "persons.size.";
    private static final String REJECTED = "rejected.";

    private Distributions() {}

    static Map<String, Map<String, Long>> of(Map<String, Object> figures) {
        Map<String, Map<String, Long>> charts = new LinkedHashMap<>();
        Map<String, Long> changes = new LinkedHashMap<>();
        for (String kind : new String[] {"created", "updated", "merged", "unchanged"}) {
            if (figures.get("persons." + kind) instanceof Number number) {
                changes.put(kind, number.longValue());
            }
        }
        put(charts, "What changed: persons", changes);
        put(
                charts,
                "Cluster sizes: persons by number of faces and voices",
                prefixed(figures, SIZE));
        for (String collection : new String[] {"face_embeddings", "voice_embeddings"}) {
            String title = "Similarities of neighbours in " + collection;
            put(charts, title, prefixed(figures, SIMILARITY + collection + ".within."));
            put(
                    charts,
                    title + " (between)",
                    prefixed(figures, SIMILARITY + collection + ".between."));
        }
        Map<String, Map<String, Long>> curves = new TreeMap<>();
        prefixed(figures, PROBABILITY)
                .forEach(
                        (name, percent) -> {
                            int bar = name.lastIndexOf('|');
                            if (bar > 0) {
                                curves.computeIfAbsent(name.substring(0, bar), s -> new TreeMap<>())
                                        .put(name.substring(bar + 1), percent);
                            }
                        });
        curves.forEach(
                (space, curve) ->
                        put(
                                charts,
                                "Probability of one person by similarity, percent: " + space,
                                curve));
        put(charts, "Rows by partition of the target", prefixed(figures, "partition."));
        put(charts, "Dead letters by reason", prefixed(figures, REJECTED));
        put(charts, "Held back by reason", prefixed(figures, "held."));
        put(charts, "To be archived by analysis type", prefixed(figures, "plan.type."));
        put(charts, "Erased: found by place", foundByPlace(figures));
        return charts;
    }

    private static Map<String, Long> foundByPlace(Map<String, Object> figures) {
        Map<String, Long> found = new TreeMap<>();
        prefixed(figures, "erase.")
                .forEach(
                        (name, amount) -> {
                            if (name.endsWith(".found")) {
                                found.put(name.substring(0, name.length() - 6), amount);
                            }
                        });
        return found;
    }

    private static void put(
            Map<String, Map<String, Long>> charts, String title, Map<String, Long> data) {
        if (!data.isEmpty()) {
            charts.put(title, data);
        }
    }

    private static Map<String, Long> prefixed(Map<String, Object> figures, String prefix) {
        Map<String, Long> data = new TreeMap<>();
        figures.forEach(
                (name, value) -> {
                    if (name.startsWith(prefix) && value instanceof Number number) {
                        data.put(name.substring(prefix.length()), number.longValue());
                    }
                });
        return data;
    }
}
