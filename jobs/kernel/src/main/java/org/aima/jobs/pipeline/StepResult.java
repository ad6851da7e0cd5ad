package org.aima.jobs.pipeline;

import java.util.List;
import java.util.Map;
import org.aima.jobs.model.Figure;

/**
 * What a step leaves in the ledger.
 *
 * @param result for later phases, by name: texts, numbers, flags, lists and maps of these
 * @param figures for the report
 */
public record StepResult(Map<String, Object> result, List<Figure> figures) {

    public static StepResult nothing() {
        return new StepResult(Map.of(), List.of());
    }
}
