package org.aima.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.ExitCode;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.jobs.pipeline.RunLedger.Lease;
import org.aima.jobs.pipeline.RunLedger.RunRequest;
import org.aima.jobs.pipeline.RunLedger.RunState;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every ledger promises; a clock that tests move stands for time that passes. */
public abstract class RunLedgerContract {
    private static final Duration LEASE = Duration.ofSeconds(60);

    private final SettableClock clock = new SettableClock();
    private final String target = "target-" + UUID.randomUUID();
    private RunLedger ledger;

    /** A ledger that goes by this clock. */
    protected abstract RunLedger open(Clock ledgerClock);

    @BeforeEach
    void open() {
        ledger = open(clock);
    }

    @AfterEach
    void close() {
        ledger.close();
    }

    private RunRequest request(String runId) {
        return new RunRequest(
                runId,
                "job",
                "action",
                target,
                "holder of " + runId,
                false,
                "test",
                Map.of("some.key", "value", "other", "1"));
    }

    private Lease begin(String runId) {
        return ledger.begin(request(runId), LEASE, run -> false);
    }

    private String run(String name) {
        return target + "-" + name;
    }

    private static void assertRefused(String naming, ThrowingCallable call) {
        assertThatExceptionOfType(AimaException.class)
                .isThrownBy(call)
                .matches(e -> e.exitCode() == ExitCode.REFUSED)
                .withMessageContaining(naming);
    }

    private void leaseExpires() {
        clock.advance(LEASE.plusSeconds(1));
    }

    @Test
    void begunRunIsFoundAsRunning() {
        Lease lease = begin(run("a"));
        var record = ledger.find(run("a")).orElseThrow();
        assertThat(record.state()).isEqualTo(RunState.RUNNING);
        assertThat(record.job()).isEqualTo("job");
        assertThat(record.document())
                .containsKeys("started_at", "config", "config_sha256", "lease");
        assertThat(lease.submittedAtMillis()).isEqualTo(clock.millis());
        assertThat(ledger.find(run("never"))).isEmpty();
    }

    @Test
    void ofEightThreadsOneGetsTheLease() throws Exception {
        int threads = 8;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        CyclicBarrier barrier = new CyclicBarrier(threads);
        List<Future<String>> attempts = new ArrayList<>();
        try {
            for (int t = 0; t < threads; t++) {
                String runId = run("t" + t);
                attempts.add(
                        pool.submit(
                                () -> {
                                    barrier.await();
                                    try {
                                        return begin(runId).runId();
                                    } catch (AimaException e) {
                                        assertThat(e.exitCode()).isEqualTo(ExitCode.REFUSED);
                                        return "refused";
                                    }
                                }));
            }
            List<String> outcomes = new ArrayList<>();
            for (Future<String> attempt : attempts) {
                outcomes.add(attempt.get());
            }
            assertThat(outcomes).filteredOn(o -> !o.equals("refused")).hasSize(1);
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void ofEightThreadsOneTakesAnExpiredLeaseOver() throws Exception {
        Lease dead = begin(run("dead"));
        leaseExpires();
        int threads = 8;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        CyclicBarrier barrier = new CyclicBarrier(threads);
        List<Future<Long>> attempts = new ArrayList<>();
        try {
            for (int t = 0; t < threads; t++) {
                String runId = run("t" + t);
                attempts.add(
                        pool.submit(
                                () -> {
                                    barrier.await();
                                    try {
                                        return begin(runId).fence();
                                    } catch (AimaException e) {
                                        return -1L;
                                    }
                                }));
            }
            List<Long> fences = new ArrayList<>();
            for (Future<Long> attempt : attempts) {
                fences.add(attempt.get());
            }
            assertThat(fences)
                    .filteredOn(f -> f >= 0)
                    .singleElement()
                    .matches(f -> f > dead.fence());
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void secondRunOnOneTargetIsRefusedWithTheHoldersName() {
        begin(run("a"));
        assertRefused("holder of " + run("a"), () -> begin(run("b")));
        assertThat(ledger.find(run("b"))).isEmpty();
    }

    @Test
    void renewedLeaseDoesNotExpire() {
        Lease lease = begin(run("a"));
        clock.advance(LEASE.minusSeconds(1));
        ledger.renew(lease, LEASE);
        clock.advance(LEASE.minusSeconds(1));
        assertRefused(run("a"), () -> begin(run("b")));
    }

    @Test
    void finishedRunFreesTheTargetAndLaterFencesAreLarger() {
        Lease first = begin(run("a"));
        ledger.finish(first, RunState.SUCCEEDED, Map.of());
        Lease second = begin(run("b"));
        assertThat(second.fence()).isGreaterThan(first.fence());
    }

    @Test
    void expiredLeaseIsTakenOverWithALargerFence() {
        Lease first = begin(run("a"));
        leaseExpires();
        Lease second = begin(run("b"));
        assertThat(second.fence()).isGreaterThan(first.fence());
    }

    @Test
    void activeHolderKeepsAnExpiredLease() {
        begin(run("a"));
        leaseExpires();
        List<String> asked = new ArrayList<>();
        assertRefused(
                run("a"),
                () ->
                        ledger.begin(
                                request(run("b")),
                                LEASE,
                                present -> {
                                    asked.add(present.runId());
                                    return true;
                                }));
        assertThat(asked).containsExactly(run("a"));
    }

    @Test
    void staleHoldersWritesAreRefusedAndChangeNothing() {
        Lease stale = begin(run("a"));
        leaseExpires();
        begin(run("b"));
        Document before = new Document(ledger.find(run("a")).orElseThrow().document());
        assertRefused("lease", () -> ledger.renew(stale, LEASE));
        assertRefused("lease", () -> ledger.record(stale, Map.of("counters", 1)));
        assertRefused("lease", () -> ledger.finish(stale, RunState.SUCCEEDED, Map.of()));
        assertThat(ledger.find(run("a")).orElseThrow().document()).isEqualTo(before);
        assertRefused(run("b"), () -> begin(run("c")));
    }

    @Test
    void runThatLostItsTargetIsNotShownAsRunning() {
        begin(run("a"));
        leaseExpires();
        begin(run("b"));
        assertThat(ledger.find(run("a")).orElseThrow().state()).isEqualTo(RunState.FAILED);
    }

    @Test
    void sameRunIdResumesTheRunAndFencesItsFormerHolder() {
        Lease first = begin(run("a"));
        ledger.record(first, Map.of("flink_job_id", "1234"));
        clock.advance(Duration.ofSeconds(5));
        Lease again = begin(run("a"));
        assertThat(again.fence()).isGreaterThan(first.fence());
        assertThat(again.submittedAtMillis()).isEqualTo(first.submittedAtMillis());
        assertThat(ledger.find(run("a")).orElseThrow().flinkJobId()).isEqualTo("1234");
        assertRefused("lease", () -> ledger.record(first, Map.of("x", 1)));
        ledger.record(again, Map.of("x", 2));
    }

    @Test
    void adoptedRunKeepsItsFenceUnderAnotherHolder() {
        Lease first = begin(run("a"));
        Lease adopted = ledger.adopt(run("a"), "other holder", LEASE);
        assertThat(adopted.fence()).isEqualTo(first.fence());
        assertThat(adopted.submittedAtMillis()).isEqualTo(first.submittedAtMillis());
        ledger.record(first, Map.of("written", 1));
        assertRefused("other holder", () -> begin(run("b")));
    }

    @Test
    void runWhoseTargetWasTakenOverCannotBeAdopted() {
        begin(run("a"));
        leaseExpires();
        begin(run("b"));
        assertRefused("lease", () -> ledger.adopt(run("a"), "other holder", LEASE));
        assertThatExceptionOfType(AimaException.class)
                .isThrownBy(() -> ledger.adopt(run("never"), "other holder", LEASE))
                .matches(e -> e.exitCode() == ExitCode.BAD_USAGE);
    }

    @Test
    void advancedLeaseRefusesTheFormerCodesWritesAndNotTheNewOnes() {
        Lease first = begin(run("a"));
        Lease advanced = ledger.advance(first, request(run("a")), LEASE);
        assertThat(advanced.fence()).isGreaterThan(first.fence());
        assertThat(advanced.submittedAtMillis()).isEqualTo(first.submittedAtMillis());
        assertRefused("lease", () -> ledger.record(first, Map.of("x", 1)));
        assertRefused("lease", () -> ledger.renew(first, LEASE));
        ledger.record(advanced, Map.of("x", 2));
        assertThat(ledger.find(run("a")).orElseThrow().document()).containsEntry("x", 2);
        assertThat(ledger.adopt(run("a"), "other holder", LEASE).fence())
                .isEqualTo(advanced.fence());
    }

    @Test
    void ofTwoWithOneLeaseOneAdvances() {
        Lease lease = begin(run("a"));
        ledger.advance(lease, request(run("a")), LEASE);
        assertRefused("lease", () -> ledger.advance(lease, request(run("a")), LEASE));
    }

    @Test
    void lostLeaseCannotBeAdvanced() {
        Lease lease = begin(run("a"));
        leaseExpires();
        begin(run("b"));
        assertRefused("lease", () -> ledger.advance(lease, request(run("a")), LEASE));
    }

    @Test
    void endedRunIsRefused() {
        for (RunState state : List.of(RunState.SUCCEEDED, RunState.PLANNED, RunState.UNDONE)) {
            String id = run(state.name());
            ledger.finish(begin(id), state, Map.of());
            assertRefused(id, () -> begin(id));
        }
    }

    @Test
    void failedRunMayBeTakenUpAgain() {
        ledger.finish(begin(run("a")), RunState.FAILED, Map.of("error", "it broke"));
        begin(run("a"));
        var record = ledger.find(run("a")).orElseThrow();
        assertThat(record.state()).isEqualTo(RunState.RUNNING);
        assertThat(record.document()).containsEntry("error", null).containsEntry("ended_at", null);
    }

    @Test
    void finishTwiceIsFinishOnce() {
        Lease lease = begin(run("a"));
        ledger.finish(lease, RunState.SUCCEEDED, Map.of("n", 1));
        ledger.finish(lease, RunState.SUCCEEDED, Map.of("n", 1));
        Lease next = begin(run("b"));
        // The late repetition of an ended run must not free what its successor holds.
        ledger.finish(lease, RunState.SUCCEEDED, Map.of("n", 1));
        assertRefused(run("b"), () -> begin(run("c")));
        ledger.renew(next, LEASE);
    }

    @Test
    void verifyingKeepsTheLease() {
        Lease lease = begin(run("a"));
        ledger.finish(lease, RunState.VERIFYING, Map.of());
        assertRefused(run("a"), () -> begin(run("b")));
        ledger.finish(lease, RunState.SUCCEEDED, Map.of());
        assertThat(ledger.find(run("a")).orElseThrow().state()).isEqualTo(RunState.SUCCEEDED);
    }

    @Test
    void latestRunsComeFirst() {
        clock.advance(Duration.ofDays(1));
        ledger.finish(begin(run("a")), RunState.SUCCEEDED, Map.of());
        clock.advance(Duration.ofSeconds(1));
        begin(run("b"));
        assertThat(ledger.latest(2)).extracting(r -> r.runId()).containsExactly(run("b"), run("a"));
    }

    @Test
    void fieldsAreSetByPathAndKeepTheirNeighbours() {
        Lease lease = begin(run("a"));
        ledger.record(lease, Map.of("stream.versions.1", Map.of("state", "running")));
        ledger.record(lease, Map.of("stream.versions.2", Map.of("state", "starting")));
        ledger.record(lease, Map.of("stream.current", 2, "stream.versions.1.state", "stopped"));
        Document stream = (Document) ledger.find(run("a")).orElseThrow().document().get("stream");
        assertThat(stream)
                .isEqualTo(
                        new Document(
                                        "versions",
                                        new Document("1", new Document("state", "stopped"))
                                                .append("2", new Document("state", "starting")))
                                .append("current", 2));
    }

    private static final class SettableClock extends Clock {
        private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");

        void advance(Duration by) {
            now = instant().plus(by);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }
}
