package org.aima.backfill;

import java.util.Map;
import java.util.Optional;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.jobs.pipeline.RunLedger.RunRecord;
import org.aima.jobs.pipeline.RunLedger.RunState;
import org.aima.jobs.pipeline.RunPhases;

/**
 * Which collections a run reads and writes, as its ledger entry tells; names change with the
 * cut-over.
 *
 * @param addressed what clients use: an alias, or a collection's name
 * @param alias whether {@code addressed} was an alias before the run
 * @param source the source's name now
 * @param target the target's name
 */
record RepartitionRun(
        String addressed,
        boolean alias,
        String source,
        String target,
        boolean switched,
        boolean undone) {
    static final String PLAN = "plan";
    static final String SNAPSHOT = "snapshot";
    static final String COPY = "copy";
    static final String INDEX = "index";
    static final String LOAD = "load";
    static final String VERIFY = "verify";
    static final String CATCH_UP = "catch-up";
    static final String GATE = "gate";
    static final String CUT_OVER = "cut-over";
    static final String KEEP_OLD = "keep-old";

    static RepartitionRun of(RunLedger ledger, String runId) {
        RunRecord run =
                ledger.find(runId)
                        .orElseThrow(
                                () ->
                                        AimaException.usage(
                                                "there is no run " + runId + "; see: aima status"));
        return of(run.document(), run.state() == RunState.UNDONE);
    }

    private static RepartitionRun of(Map<String, Object> document, boolean undone) {
        Map<String, Object> plan = RunPhases.result(document, PLAN);
        if (plan.isEmpty()) {
            throw AimaException.refused(
                    "the run has not come past its plan: there is nothing to compare or undo");
        }
        String source = text(plan, "source");
        boolean switched = RunPhases.done(document, CUT_OVER);
        Optional<String> kept =
                switched && !undone
                        ? Optional.of(text(RunPhases.result(document, CUT_OVER), "kept"))
                        : Optional.empty();
        return new RepartitionRun(
                text(plan, "addressed"),
                Boolean.TRUE.equals(plan.get("alias")),
                kept.orElse(source),
                text(plan, "target"),
                switched,
                undone);
    }

    static String text(Map<String, Object> result, String name) {
        Object value = result.get(name);
        return value == null ? "" : value.toString();
    }
}
