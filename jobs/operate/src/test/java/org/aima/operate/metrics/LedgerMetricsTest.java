package org.aima.operate.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.aima.jobs.pipeline.RunLedger.RunRecord;
import org.aima.jobs.pipeline.RunLedger.RunState;
import org.junit.jupiter.api.Test;

class LedgerMetricsTest {
    private static final Instant NOW = Instant.ofEpochSecond(10_000);

    private static RunRecord run(RunState state, long start, long end, Map<String, Object> more) {
        Map<String, Object> document = new HashMap<>(more);
        document.put("started_at", Date.from(Instant.ofEpochSecond(start)));
        if (end > 0) {
            document.put("ended_at", Date.from(Instant.ofEpochSecond(end)));
        }
        return new RunRecord("r" + start, "person-clustering", "recluster", state, "", document);
    }

    private static List<String> lines(RunRecord... newestFirst) {
        return new LedgerMetrics(List.of(newestFirst), NOW)
                .text()
                .lines()
                .filter(l -> !l.startsWith("#"))
                .map(l -> l.replace("{aima_job=\"person-clustering\",action=\"recluster\"", "{"))
                .toList();
    }

    @Test
    void newestSuccessStandsBehindALaterFailure() {
        assertThat(
                        lines(
                                run(RunState.FAILED, 900, 950, Map.of()),
                                run(
                                        RunState.SUCCEEDED,
                                        500,
                                        600,
                                        Map.of("counters", Map.of("read", 7))),
                                run(RunState.SUCCEEDED, 100, 200, Map.of())))
                .containsExactly(
                        "aima_job_last_success_timestamp_seconds{} 600",
                        "aima_job_last_end_timestamp_seconds{} 950",
                        "aima_job_last_run_succeeded{} 0",
                        "aima_job_last_run_duration_seconds{} 50",
                        "aima_ledger_read_timestamp_seconds 10000");
    }

    @Test
    void countersAreThoseOfTheNewestRunWithoutBinsOfCharts() {
        assertThat(
                        lines(
                                run(
                                        RunState.SUCCEEDED,
                                        500,
                                        600,
                                        Map.of(
                                                "counters",
                                                Map.of("read", 7L, "rejected", 2L, "size|3", 9L)))))
                .contains(
                        "aima_job_last_run_count{,counter=\"read\"} 7",
                        "aima_job_last_run_count{,counter=\"rejected\"} 2")
                .noneMatch(l -> l.contains("size|3"));
    }

    @Test
    void failedChecksAreCountedAndARunWithoutAReadBackHidesNothing() {
        Map<String, Object> checked =
                Map.of(
                        "verification",
                        List.of(
                                Map.of("passed", true),
                                Map.of("passed", false),
                                Map.of("passed", false)));
        assertThat(
                        lines(
                                run(RunState.REFUSED, 900, 950, Map.of()),
                                run(RunState.FAILED, 500, 600, checked)))
                .contains("aima_job_last_verification_differences{} 2");
    }

    @Test
    void runningRunShowsItsLease() {
        assertThat(
                        lines(
                                run(
                                        RunState.RUNNING,
                                        900,
                                        0,
                                        Map.of(
                                                "lease",
                                                Map.of(
                                                        "fence",
                                                        4L,
                                                        "expires_at",
                                                        Date.from(
                                                                Instant.ofEpochMilli(960_500)))))))
                .containsExactly(
                        "aima_job_running_since_timestamp_seconds{} 900",
                        "aima_job_lease_expires_timestamp_seconds{} 960.500",
                        "aima_job_lease_fence{} 4",
                        "aima_ledger_read_timestamp_seconds 10000");
    }

    @Test
    void lostLeaseIsTold() {
        assertThat(lines(run(RunState.FAILED, 900, 950, Map.of("lease", Map.of("lost", true)))))
                .contains("aima_job_last_lease_lost_timestamp_seconds{} 950");
    }

    @Test
    void plansAreLeftOutAndUndoneRunsAreNoFailure() {
        assertThat(
                        lines(
                                run(RunState.PLANNED, 900, 950, Map.of("plan_only", true)),
                                run(RunState.UNDONE, 500, 600, Map.of())))
                .contains("aima_job_last_run_succeeded{} 1")
                .noneMatch(l -> l.contains("950") || l.contains("last_success"));
    }

    @Test
    void labelsAreEscapedAndStreamsAreFoundByTheirFlinkName() {
        LedgerMetrics metrics = new LedgerMetrics(List.of(), NOW);
        metrics.savepoint("person-clustering:assign a\"b", Instant.ofEpochSecond(5));
        metrics.savepoint("dossier\\x:a\"b run", Instant.ofEpochSecond(6));
        metrics.savepoint("somebody else's job", Instant.ofEpochSecond(7));
        assertThat(metrics.text())
                .contains(
                        "_savepoint_timestamp_seconds{aima_job=\"person-clustering\",action=\"assign\"}"
                                + " 5\n",
                        "{aima_job=\"dossier\\\\x\",action=\"a\\\"b\"} 6\n")
                .doesNotContain(" 7\n");
    }
}
