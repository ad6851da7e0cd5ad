package org.aima.operate.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.ExitCode;
import org.aima.jobs.pipeline.RunLedger.RunState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SlotPlannerTest {
    private static final Instant NOW = Instant.parse("2026-03-02T02:10:00Z");

    private final Map<String, RunState> ledger = new HashMap<>();

    private SlotPlanner.Plan plan(SlotLength length, MissedSlots policy) {
        return new SlotPlanner(length, policy, 7)
                .plan(NOW, slot -> Optional.ofNullable(ledger.get(slot.label())));
    }

    private static List<String> labels(List<Slot> slots) {
        return slots.stream().map(Slot::label).toList();
    }

    @ParameterizedTest
    @CsvSource({
        "HOUR, 2026-03-02T02, 2026-03-02T02:00:00Z, 2026-03-02T01",
        "DAY, 2026-03-02, 2026-03-02T00:00:00Z, 2026-03-01",
        "WEEK, 2026-03-02, 2026-03-02T00:00:00Z, 2026-02-23",
        "MONTH, 2026-03, 2026-03-01T00:00:00Z, 2026-02"
    })
    void presentSlotIsNamedByItsBeginningAndFollowsTheOneBefore(
            SlotLength length, String label, Instant begins, String before) {
        ledger.put(before, RunState.SUCCEEDED);
        assertThat(plan(length, MissedSlots.CATCH_UP).due())
                .containsExactly(new Slot(label, begins));
        ledger.put(before, RunState.FAILED);
        assertThat(labels(plan(length, MissedSlots.CATCH_UP).due())).containsExactly(before, label);
    }

    @Test
    void schedulesThatNeverRanOweThePresentSlotOnly() {
        assertThat(labels(plan(SlotLength.DAY, MissedSlots.CATCH_UP).due()))
                .containsExactly("2026-03-02");
    }

    @Test
    void missedSlotsAreCaughtUpOldestFirst() {
        ledger.put("2026-02-26", RunState.SUCCEEDED);
        ledger.put("2026-02-28", RunState.FAILED);
        SlotPlanner.Plan plan = plan(SlotLength.DAY, MissedSlots.CATCH_UP);
        assertThat(labels(plan.due()))
                .containsExactly("2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02");
        assertThat(plan.skipped()).isEmpty();
    }

    @Test
    void missedSlotsAreSkippedAndNamed() {
        ledger.put("2026-02-27", RunState.UNDONE);
        SlotPlanner.Plan plan = plan(SlotLength.DAY, MissedSlots.SKIP);
        assertThat(labels(plan.due())).containsExactly("2026-03-02");
        assertThat(labels(plan.skipped())).containsExactly("2026-02-28", "2026-03-01");
    }

    @Test
    void firstSlotThatWasTriedAndFailedIsOwed() {
        ledger.put("2026-02-28", RunState.REFUSED);
        assertThat(labels(plan(SlotLength.DAY, MissedSlots.CATCH_UP).due()))
                .containsExactly("2026-02-28", "2026-03-01", "2026-03-02");
    }

    @Test
    void slotThatIsDoneOwesNothingBeforeIt() {
        ledger.put("2026-03-02", RunState.SUCCEEDED);
        ledger.put("2026-02-27", RunState.SUCCEEDED);
        assertThat(labels(plan(SlotLength.DAY, MissedSlots.CATCH_UP).due()))
                .containsExactly("2026-03-02");
    }

    @Test
    void moreMissedSlotsThanAllowedAreRefusedWithARemedy() {
        ledger.put("2026-02-21", RunState.SUCCEEDED);
        assertThatExceptionOfType(AimaException.class)
                .isThrownBy(() -> plan(SlotLength.DAY, MissedSlots.CATCH_UP))
                .matches(e -> e.exitCode() == ExitCode.REFUSED)
                .withMessageContaining("8 slots were missed, 2026-02-22 to 2026-03-01")
                .withMessageContaining("--missed=skip");
    }

    @Test
    void settingsAreFilledFromTheSlotAndNotFromTheClock() {
        Slot slot = new Slot("2026-03-02", Instant.parse("2026-03-02T00:00:00Z"));
        assertThat(slot.runId("archival-compaction-archive"))
                .isEqualTo("archival-compaction-archive-2026-03-02");
        assertThat(slot.fill("cutoff={slot-P180D}")).isEqualTo("cutoff=2025-09-03T00:00:00Z");
        assertThat(slot.fill("from={slot-PT6H} to={slot}"))
                .isEqualTo("from=2026-03-01T18:00:00Z to=2026-03-02T00:00:00Z");
        assertThat(slot.fill("from=s3://b/{date}/")).isEqualTo("from=s3://b/2026-03-02/");
        assertThat(slot.fill("a=b")).isEqualTo("a=b");
        for (String bad : List.of("x={slot+P1D}", "x={slot-1d}", "x={slots}")) {
            assertThatExceptionOfType(AimaException.class)
                    .isThrownBy(() -> slot.fill(bad))
                    .matches(e -> e.exitCode() == ExitCode.BAD_USAGE)
                    .withMessageContaining(bad);
        }
    }
}
