package org.aima.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.aima.jobs.model.Figure;
import org.aima.jobs.pipeline.RunLedger.Lease;
import org.aima.jobs.pipeline.RunLedger.RunRecord;
import org.junit.jupiter.api.Test;

/** The course of a run as its document holds it. */
class RunPhasesTest {
    private static final Clock CLOCK = Clock.fixed(Instant.ofEpochMilli(5_000), ZoneOffset.UTC);
    private static final Lease HELD = new Lease("r", "t", "h", 1, 0);

    private final OneDocument ledger = new OneDocument();

    private Map<String, Object> document() {
        return ledger.find("r").orElseThrow().document();
    }

    @Test
    void documentWithoutCourseIsOneGraphAndItsReadBack() {
        assertThat(RunPhases.of(Map.of()))
                .containsExactly(RunPhase.graph("run"), RunPhase.verify("verify"));
        assertThat(RunPhases.of(Map.of("plan_only", true))).containsExactly(RunPhase.graph("run"));
    }

    @Test
    void firstCourseNotedStays() {
        List<RunPhase> first = List.of(RunPhase.step("a"), RunPhase.graph("b"));
        assertThat(RunPhases.plan(ledger, HELD, first)).isEqualTo(first);
        assertThat(RunPhases.plan(ledger, HELD, List.of(RunPhase.step("c")))).isEqualTo(first);
        assertThat(RunPhases.of(document())).isEqualTo(first);
    }

    @Test
    void phaseKeepsItsFirstBeginningAndItsNotesUntilItIsDone() {
        RunPhases.begin(ledger, HELD, "a", CLOCK);
        RunPhases.journal(ledger, HELD, "a").note(Map.of("at", 3));
        RunPhases.begin(ledger, HELD, "a", Clock.offset(CLOCK, Duration.ofSeconds(9)));
        assertThat(RunPhases.running(document(), "a")).isTrue();
        assertThat(RunPhases.times(document(), "a")).containsExactly(5_000, 0);
        assertThat(RunPhases.journal(ledger, HELD, "a").notes()).containsEntry("at", 3);
        assertThat(RunPhases.journal(ledger, HELD, "b").resultOf("a")).isEmpty();

        RunPhases.end(
                ledger,
                HELD,
                "a",
                new StepResult(Map.of("rows", 7L), List.of(Figure.count("read", 7))),
                CLOCK);
        assertThat(RunPhases.done(document(), "a")).isTrue();
        assertThat(RunPhases.journal(ledger, HELD, "b").resultOf("a")).containsEntry("rows", 7L);
    }

    @Test
    void figuresOfLaterPhasesHold() {
        RunPhases.plan(ledger, HELD, List.of(RunPhase.step("a"), RunPhase.step("b")));
        for (String phase : List.of("b", "a")) {
            RunPhases.end(
                    ledger,
                    HELD,
                    phase,
                    new StepResult(Map.of(), List.of(Figure.fact("last", phase))),
                    CLOCK);
        }
        assertThat(RunSummary.figures(document())).containsEntry("last", "b");
    }

    @Test
    void restartForgetsWhatWasDone() {
        RunPhases.end(ledger, HELD, "a", StepResult.nothing(), CLOCK);
        RunPhases.restart(ledger, HELD);
        assertThat(RunPhases.done(document(), "a")).isFalse();
    }

    @Test
    void namesThatCouldNotBeFieldsAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> RunPhase.step("a.b"));
        assertThatIllegalArgumentException().isThrownBy(() -> RunPhase.step("$a"));
    }

    /** A ledger of one document whose fields with dots are nested, as in MongoDB. */
    private static final class OneDocument implements RunLedger {
        private final Map<String, Object> document = new LinkedHashMap<>();

        @Override
        @SuppressWarnings("unchecked")
        public void record(Lease held, Map<String, Object> fields) {
            fields.forEach(
                    (path, value) -> {
                        String[] names = path.split("\\.");
                        Map<String, Object> at = document;
                        for (int i = 0; i < names.length - 1; i++) {
                            at =
                                    (Map<String, Object>)
                                            at.computeIfAbsent(
                                                    names[i], k -> new LinkedHashMap<>());
                        }
                        at.put(
                                names[names.length - 1],
                                value instanceof Map<?, ?> map
                                        ? new LinkedHashMap<>((Map<String, Object>) map)
                                        : value);
                    });
        }

        @Override
        public Optional<RunRecord> find(String runId) {
            return Optional.of(
                    new RunRecord(runId, "j", "a", RunState.RUNNING, "", Map.copyOf(document)));
        }

        @Override
        public Lease begin(RunRequest request, Duration lease, Predicate<RunRecord> stillActive) {
            return HELD;
        }

        @Override
        public Lease adopt(String runId, String holder, Duration lease) {
            return HELD;
        }

        @Override
        public Lease advance(Lease held, RunRequest request, Duration lease) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void renew(Lease held, Duration lease) {}

        @Override
        public void finish(Lease held, RunState state, Map<String, Object> fields) {}

        @Override
        public void undone(Lease held, String runId) {}

        @Override
        public List<RunRecord> latest(int limit) {
            return List.of();
        }

        @Override
        public void audit(String runId, String phase, Map<String, Object> what) {}

        @Override
        public void close() {}
    }
}
