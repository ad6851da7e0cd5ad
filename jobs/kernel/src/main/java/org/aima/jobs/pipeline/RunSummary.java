package org.aima.jobs.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The figures a job left in the {@code summary} of its ledger document and in its phases (of one
 * name the later phase's holds), and the counters in them.
 */
public final class RunSummary {
    /** Figures with these prefixes are the data of charts, not counters of their own. */
    private static final List<String> CHART_PREFIXES =
            List.of("similarity.", "persons.size.", "partition.");

    private RunSummary() {}

    /** Figures by name: a number for a count, a text for a fact. */
    public static Map<String, Object> figures(Map<String, Object> ledgerDocument) {
        List<Object> rows = new ArrayList<>();
        if (ledgerDocument.get("summary") instanceof List<?> summary) {
            rows.addAll(summary);
        }
        rows.addAll(RunPhases.figureRows(ledgerDocument));
        Map<String, Object> figures = new TreeMap<>();
        for (Object row : rows) {
            if (row instanceof Map<?, ?> figure
                    && figure.get("name") instanceof String name
                    && figure.get("value") != null) {
                figures.put(name, figure.get("value"));
            }
        }
        return figures;
    }

    /**
     * Counts by name; {@code read = written + unchanged + rejected} are always among them. Dots
     * become underscores, as the names of document fields need them.
     */
    public static Map<String, Long> counters(Map<String, Object> figures) {
        Map<String, Long> counters = new TreeMap<>();
        for (String always : List.of("read", "written", "unchanged", "rejected")) {
            counters.put(always, 0L);
        }
        figures.forEach(
                (name, value) -> {
                    if (value instanceof Number number
                            && CHART_PREFIXES.stream().noneMatch(name::startsWith)) {
                        counters.put(name.replace('.', '_'), number.longValue());
                    }
                });
        return counters;
    }
}
