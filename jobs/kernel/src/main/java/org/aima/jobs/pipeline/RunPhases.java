package org.aima.jobs.pipeline;

import java.time.Clock;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.aima.jobs.model.Figure;
import org.aima.jobs.pipeline.RunLedger.Lease;
import org.jspecify.annotations.Nullable;

/**
 * The course of a run in its ledger document: {@code course} lists the phases, {@code phases} holds
 * for each one {state (running, done), started_at, ended_at, notes, result, figures}.
 *
 * <p>Every write goes through {@link RunLedger#record} and so carries the fence.
 */
public final class RunPhases {
    private static final String COURSE = "course";
    private static final String PHASES = "phases";
    private static final List<RunPhase> PLAIN =
            List.of(RunPhase.graph("run"), RunPhase.verify("verify"));
    private static final List<RunPhase> PLAIN_PLAN = List.of(RunPhase.graph("run"));

    private RunPhases() {}

    /** The course of an action that is one graph and its read-back. */
    public static List<RunPhase> plain(boolean planOnly) {
        return planOnly ? PLAIN_PLAN : PLAIN;
    }

    /** Notes the course of a run, unless one is noted already, and returns the one that holds. */
    public static List<RunPhase> plan(RunLedger ledger, Lease lease, List<RunPhase> course) {
        Map<String, Object> document = document(ledger, lease);
        if (document.get(COURSE) instanceof List<?>) {
            return of(document);
        }
        ledger.record(
                lease,
                Map.of(
                        COURSE,
                        course.stream()
                                .map(p -> Map.of("name", p.name(), "kind", p.kind().name()))
                                .toList()));
        return course;
    }

    /** The course of a run as it was noted; a plain one for runs that are older than courses. */
    public static List<RunPhase> of(Map<String, Object> document) {
        List<RunPhase> course = new ArrayList<>();
        if (document.get(COURSE) instanceof List<?> rows) {
            for (Object row : rows) {
                if (row instanceof Map<?, ?> phase) {
                    course.add(
                            new RunPhase(
                                    String.valueOf(phase.get("name")),
                                    RunPhase.Kind.valueOf(String.valueOf(phase.get("kind")))));
                }
            }
        }
        return course.isEmpty()
                ? plain(Boolean.TRUE.equals(document.get("plan_only")))
                : List.copyOf(course);
    }

    /** Whether a phase was done to its end. */
    public static boolean done(Map<String, Object> document, String phase) {
        return "done".equals(entry(document, phase).get("state"));
    }

    /** Whether a phase was begun and not done to its end. */
    public static boolean running(Map<String, Object> document, String phase) {
        return "running".equals(entry(document, phase).get("state"));
    }

    /** When a phase began and ended, epoch milliseconds; 0 for what did not happen. */
    public static long[] times(Map<String, Object> document, String phase) {
        Map<String, Object> entry = entry(document, phase);
        return new long[] {millis(entry.get("started_at")), millis(entry.get("ended_at"))};
    }

    private static long millis(@Nullable Object at) {
        return at instanceof Date date ? date.getTime() : 0;
    }

    /** What a phase left; empty before it is done. */
    public static Map<String, Object> result(Map<String, Object> document, String phase) {
        return done(document, phase) ? part(document, phase, "result") : Map.of();
    }

    /** Marks a phase as begun; one that was interrupted keeps its first beginning and its notes. */
    public static void begin(RunLedger ledger, Lease lease, String phase, Clock clock) {
        if (!running(document(ledger, lease), phase)) {
            ledger.record(
                    lease,
                    Map.of(
                            field(phase, "state"),
                            "running",
                            field(phase, "started_at"),
                            Date.from(clock.instant())));
        }
    }

    /** Marks a phase as done, with what it leaves; idempotent. */
    public static void end(
            RunLedger ledger, Lease lease, String phase, StepResult result, Clock clock) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put(field(phase, "state"), "done");
        fields.put(field(phase, "ended_at"), Date.from(clock.instant()));
        fields.put(field(phase, "result"), result.result());
        fields.put(field(phase, "figures"), rows(result.figures()));
        ledger.record(lease, fields);
    }

    /** Forgets what was done, so that a run that failed is done again from its first phase. */
    public static void restart(RunLedger ledger, Lease lease) {
        ledger.record(lease, Map.of(PHASES, Map.of()));
    }

    /** A phase's view of the ledger. */
    public static StepJournal journal(RunLedger ledger, Lease lease, String phase) {
        return new StepJournal() {
            @Override
            public Map<String, Object> resultOf(String other) {
                return result(document(ledger, lease), other);
            }

            @Override
            public Map<String, Object> notes() {
                return part(document(ledger, lease), phase, "notes");
            }

            @Override
            public void note(Map<String, Object> fields) {
                Map<String, Object> named = new LinkedHashMap<>();
                fields.forEach((name, value) -> named.put(field(phase, "notes." + name), value));
                ledger.record(lease, named);
            }
        };
    }

    /** Rows of all phases' figures in order, as the summary of a graph holds them. */
    static List<Object> figureRows(Map<String, Object> document) {
        List<Object> rows = new ArrayList<>();
        for (RunPhase phase : of(document)) {
            if (entry(document, phase.name()).get("figures") instanceof List<?> figures) {
                rows.addAll(figures);
            }
        }
        return rows;
    }

    private static List<Map<String, Object>> rows(List<Figure> figures) {
        return figures.stream()
                .map(
                        f ->
                                Map.<String, Object>of(
                                        "name",
                                        f.name(),
                                        "value",
                                        f.text().isEmpty() ? (Object) f.amount() : f.text()))
                .toList();
    }

    private static String field(String phase, String name) {
        return PHASES + "." + phase + "." + name;
    }

    private static Map<String, Object> document(RunLedger ledger, Lease lease) {
        return ledger.find(lease.runId()).map(RunLedger.RunRecord::document).orElse(Map.of());
    }

    private static Map<String, Object> entry(Map<String, Object> document, String phase) {
        return part(document.get(PHASES), phase);
    }

    private static Map<String, Object> part(
            Map<String, Object> document, String phase, String name) {
        return part(entry(document, phase), name);
    }

    private static Map<String, Object> part(@Nullable Object parent, String name) {
        Map<String, Object> out = new LinkedHashMap<>();
        if (parent instanceof Map<?, ?> map && map.get(name) instanceof Map<?, ?> found) {
            found.forEach((key, value) -> out.put(String.valueOf(key), value));
        }
        return out;
    }
}
