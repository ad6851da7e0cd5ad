package org.aima.operate.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.ExitCode;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.jobs.pipeline.RunLedger.Lease;
import org.aima.jobs.pipeline.RunLedger.RunRequest;
import org.aima.jobs.pipeline.RunLedger.RunState;
import org.aima.operate.stream.SavepointJudge.Verdict;
import org.aima.operate.stream.StreamVersion.State;
import org.aima.operate.stream.VersionChange.Outcome;
import org.aima.stores.memory.InMemoryRunLedger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Changes of versions, interrupted at every step. */
class VersionChangeTest {
    private static final String RUN = "counts-1";
    private static final int MANY = 200;

    private MovingClock clock;
    private InMemoryRunLedger ledger;
    private SimulatedCluster cluster;

    @BeforeEach
    void startFirstVersion() {
        clock = new MovingClock();
        ledger = new InMemoryRunLedger(clock);
        cluster = new SimulatedCluster();
        Lease lease =
                ledger.begin(
                        new RunRequest(
                                RUN, "counts", "count", "collection", "test", false, "1", Map.of()),
                        RunLedger.LEASE,
                        r -> false);
        StreamVersion first = version("good").numbered(1, 0).startedAs("job-1", "");
        Map<String, Object> fields = new LinkedHashMap<>(StreamRecord.current(1));
        fields.putAll(StreamRecord.fields(first.in(State.RUNNING)));
        fields.putAll(StreamRecord.change("", 0));
        fields.put("flink_job_id", "job-1");
        ledger.record(lease, fields);
        cluster.submit(new StreamCluster.Start(RUN, lease.fence(), 0, first, "", false));
    }

    private static StreamVersion version(String behaviour) {
        return new StreamVersion(
                0,
                "sha-" + behaviour,
                "conf",
                List.of("a=b"),
                behaviour,
                Map.of("a.b", "c"),
                Map.of("0123", "counter"),
                0,
                "",
                "",
                State.STARTING);
    }

    private static Verdict judge(StreamVersion version) {
        return version.codeVersion().equals("does not fit")
                ? new Verdict(false, List.of("counter: lost"), "{}")
                : new Verdict(true, List.of(), "{}");
    }

    private VersionChange change() {
        return change(ledger, cluster);
    }

    private VersionChange change(RunLedger used, StreamCluster asked) {
        return new VersionChange(
                used,
                asked,
                (version, savepoint, drop) -> judge(version),
                new Pace(
                        Duration.ofSeconds(12),
                        Duration.ofSeconds(4),
                        3,
                        false,
                        clock,
                        clock::advance),
                new PrintStream(OutputStream.nullOutputStream()),
                "test");
    }

    private StreamRecord stream() {
        return StreamRecord.of(ledger.find(RUN).orElseThrow());
    }

    private Outcome upgrade(String behaviour) {
        return change().upgrade(RUN, version(behaviour), Set.of(), false);
    }

    /** One version runs, the ledger says which, and nothing is left to do. */
    private void assertRuns(int number) {
        StreamRecord stream = stream();
        assertThat(stream.change()).isEmpty();
        assertThat(stream.current()).isEqualTo(number);
        assertThat(stream.running().state()).isEqualTo(State.RUNNING);
        assertThat(cluster.running())
                .singleElement()
                .satisfies(
                        start -> {
                            assertThat(start.version().number()).isEqualTo(number);
                            assertThat(start.version().flinkJob())
                                    .isEqualTo(stream.running().flinkJob())
                                    .isEqualTo(ledger.find(RUN).orElseThrow().flinkJobId());
                        });
        assertThat(cluster.most()).isEqualTo(1);
        assertThat(ledger.find(RUN).orElseThrow().state()).isEqualTo(RunState.RUNNING);
    }

    @Test
    void newVersionTakesOverFromTheSavepoint() {
        Outcome outcome = upgrade("good");
        assertThat(outcome.outcome()).isEqualTo("upgraded");
        assertThat(outcome.exitCode(false)).isEqualTo(ExitCode.DONE);
        assertRuns(2);
        assertThat(cluster.running().get(0).savepoint())
                .isEqualTo("/savepoints/" + RUN + "/savepoint-1");
        assertThat(stream().savepoints())
                .extracting(StreamRecord.SavepointEntry::path)
                .containsExactly("/savepoints/" + RUN + "/savepoint-1");
        assertThat(stream().referred()).contains("/savepoints/" + RUN + "/savepoint-1");
        assertThat(stream().version(1).state()).isEqualTo(State.STOPPED);
        assertThat(ledger.find(RUN + "-upgrade-1").orElseThrow().state())
                .isEqualTo(RunState.SUCCEEDED);
        assertThat(ledger.audited(RUN + "-upgrade-1")).hasSize(2);
    }

    @Test
    void everyStartHasALargerFence() {
        long first = cluster.running().get(0).fence();
        upgrade("good");
        assertThat(cluster.running().get(0).fence()).isGreaterThan(first);
    }

    @Test
    void idleSourceIsNoReasonToGoBack() {
        assertThat(upgrade("is idle").outcome()).isEqualTo("upgraded");
        assertRuns(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "fails",
                "never checkpoints",
                "reads nothing",
                "restarts",
                "cannot start",
                "does not fit"
            })
    void versionThatIsNotWellIsReplacedByTheFormerOne(String behaviour) {
        Outcome outcome = upgrade(behaviour);
        assertThat(outcome.outcome()).isEqualTo("rolled back");
        assertThat(outcome.why()).isNotBlank();
        assertThat(outcome.exitCode(false)).isEqualTo(ExitCode.FAILED);
        assertRuns(1);
        assertThat(cluster.running().get(0).savepoint())
                .isEqualTo("/savepoints/" + RUN + "/savepoint-1");
        assertThat(ledger.find(RUN + "-upgrade-1").orElseThrow().state())
                .isEqualTo(RunState.FAILED);
        assertThat(upgrade("good").outcome()).isEqualTo("upgraded");
        assertThat(stream().running().follows()).isEqualTo(1);
    }

    @Test
    void versionThatCannotBeStoppedGoesOn() {
        upgrade("cannot stop");
        Outcome outcome = upgrade("good");
        assertThat(outcome.outcome()).isEqualTo("kept");
        assertThat(outcome.exitCode(false)).isEqualTo(ExitCode.FAILED);
        assertThat(outcome.why()).contains("a task declined");
        assertRuns(2);
        assertThat(change().upgrade(RUN, version("good"), Set.of(), true).outcome())
                .isEqualTo("upgraded");
        assertThat(cluster.running().get(0).savepoint()).startsWith("/chk-");
    }

    @Test
    void versionThatIsGoneIsUpgradedFromItsLastCheckpoint() {
        cluster.lose("job-1");
        assertThat(upgrade("good").outcome()).isEqualTo("upgraded");
        assertThat(cluster.running().get(0).savepoint()).isEqualTo("/chk-job-1");
    }

    @Test
    void rollbackGoesBackToWhatTheUpgradeSaved() {
        upgrade("good");
        Outcome outcome = change().rollback(RUN);
        assertThat(outcome.outcome()).isEqualTo("rolled back");
        assertThat(outcome.exitCode(true)).isEqualTo(ExitCode.DONE);
        assertRuns(1);
        assertThat(cluster.running().get(0).savepoint())
                .isEqualTo("/savepoints/" + RUN + "/savepoint-1");
        // What the version left behind had done is not thrown away.
        assertThat(stream().savepoints()).hasSize(2);
        assertThat(stream().version(2).state()).isEqualTo(State.ROLLED_BACK);
    }

    @Test
    void savepointsThatARollbackNeedsAreNeverDisposedOf() {
        upgrade("good");
        upgrade("good");
        upgrade("good");
        String needed = stream().running().restoredFrom();
        SavepointKeeper keeper =
                new SavepointKeeper(
                        ledger, cluster, new PrintStream(OutputStream.nullOutputStream()), "test");
        for (StreamRecord.SavepointEntry entry : stream().savepoints()) {
            assertThatExceptionOfType(AimaException.class)
                    .isThrownBy(() -> keeper.dispose(find(), entry.path()))
                    .matches(e -> e.exitCode() == ExitCode.REFUSED)
                    .withMessageContaining("rollback");
        }
        assertThatExceptionOfType(AimaException.class)
                .isThrownBy(() -> keeper.dispose(find(), "/elsewhere"))
                .matches(e -> e.exitCode() == ExitCode.BAD_USAGE);
        assertThat(cluster.disposed()).isEmpty();
        assertThat(keeper.keep(find(), 0)).containsExactlyElementsOf(cluster.disposed());
        // Versions 3 and 4 are left: one runs, the other is what a rollback goes back to.
        assertThat(stream().versions()).containsOnlyKeys(3, 4);
        assertThat(cluster.disposed()).hasSize(1).doesNotContain(needed);
        assertThat(stream().savepoints())
                .extracting(StreamRecord.SavepointEntry::path)
                .contains(needed)
                .doesNotContainAnyElementsOf(cluster.disposed());
        assertThat(change().rollback(RUN).version()).isEqualTo(3);
        assertRuns(3);
    }

    private RunLedger.RunRecord find() {
        return ledger.find(RUN).orElseThrow();
    }

    @Test
    void firstVersionHasNothingToGoBackTo() {
        assertThatExceptionOfType(AimaException.class)
                .isThrownBy(() -> change().rollback(RUN))
                .matches(e -> e.exitCode() == ExitCode.REFUSED);
        assertRuns(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"good", "fails", "never checkpoints", "cannot start", "does not fit"})
    void upgradeThatIsKilledAnywhereIsFinishedByResume(String behaviour) {
        int expected = behaviour.equals("good") ? 2 : 1;
        int kills =
                atEveryCall(
                        c -> c.upgrade(RUN, version(behaviour), Set.of(), false),
                        expected,
                        () -> {
                            if (stream().change().isEmpty()) {
                                if (stream().current() != expected || cluster.submitted() == 1) {
                                    // Killed before the change was begun, or told so too late.
                                    assertRuns(1);
                                    upgrade(behaviour);
                                }
                            } else {
                                change().resume(RUN);
                            }
                        });
        assertThat(kills).isGreaterThan(30);
    }

    @Test
    void upgradeThatIsKilledAnywhereIsTurnedRoundByRollback() {
        int kills =
                atEveryCall(
                        c -> c.upgrade(RUN, version("good"), Set.of(), false),
                        1,
                        () -> {
                            if (!stream().change().isEmpty() || stream().current() == 2) {
                                change().rollback(RUN);
                            }
                        });
        assertThat(kills).isGreaterThan(30);
    }

    @Test
    void rollbackThatIsKilledAnywhereIsFinishedByResume() {
        int kills =
                atEveryCall(
                        c -> {
                            if (stream().versions().size() == 1) {
                                upgrade("good");
                            }
                            c.rollback(RUN);
                        },
                        1,
                        () -> {
                            if (!stream().change().isEmpty()) {
                                change().resume(RUN);
                            } else if (stream().current() == 2) {
                                change().rollback(RUN);
                            }
                        });
        assertThat(kills).isGreaterThan(20);
    }

    /**
     * Does a change again and again, each time killed one call to the ledger or the cluster later,
     * before the call and after it, and takes it up by what a person would do.
     */
    private int atEveryCall(Consumer<VersionChange> work, int expected, Runnable person) {
        int kills = 0;
        for (int call = 1; call < MANY; call++) {
            for (boolean before : new boolean[] {true, false}) {
                startFirstVersion();
                Guillotine guillotine = new Guillotine(call, before);
                try {
                    work.accept(
                            change(
                                    guillotine.over(RunLedger.class, ledger),
                                    guillotine.over(StreamCluster.class, cluster)));
                    if (before) {
                        return kills;
                    }
                } catch (Killed e) {
                    kills++;
                    person.run();
                }
                assertRuns(expected);
            }
        }
        throw new AssertionError("the change never ends");
    }

    @Test
    void twoChangesAtOnceAreRefused() {
        Guillotine guillotine = new Guillotine(20, true);
        assertThatExceptionOfType(Killed.class)
                .isThrownBy(
                        () ->
                                change(
                                                guillotine.over(RunLedger.class, ledger),
                                                guillotine.over(StreamCluster.class, cluster))
                                        .upgrade(RUN, version("good"), Set.of(), false));
        assertThatExceptionOfType(AimaException.class)
                .isThrownBy(() -> upgrade("good"))
                .matches(e -> e.exitCode() == ExitCode.REFUSED)
                .withMessageContaining("aima resume " + RUN);
    }

    @Test
    void formerHolderThatWakesUpLateStartsNothing() {
        // The first command is halted between two of its calls while another finishes the change.
        int[] halts = {0};
        for (int call = 8; call < 40; call++) {
            startFirstVersion();
            Guillotine halted =
                    new Guillotine(call, true) {
                        @Override
                        void fall() {
                            halts[0]++;
                            if (!stream().change().isEmpty()) {
                                change().resume(RUN);
                            }
                        }
                    };
            try {
                change(
                                halted.over(RunLedger.class, ledger),
                                halted.over(StreamCluster.class, cluster))
                        .upgrade(RUN, version("good"), Set.of(), false);
            } catch (AimaException e) {
                assertThat(e.exitCode()).isEqualTo(ExitCode.REFUSED);
            }
            assertRuns(2);
        }
        assertThat(halts[0]).isGreaterThan(10);
    }

    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    /** Ends a command at a certain call. */
    private static class Guillotine {
        private final int at;
        private final boolean before;
        private int calls;

        Guillotine(int at, boolean before) {
            this.at = at;
            this.before = before;
        }

        void fall() {
            throw new Killed();
        }

        <T> T over(Class<T> port, T target) {
            return port.cast(
                    Proxy.newProxyInstance(
                            port.getClassLoader(),
                            new Class<?>[] {port},
                            (proxy, method, arguments) -> {
                                boolean now = ++calls == at;
                                if (now && before) {
                                    fall();
                                }
                                try {
                                    Object answer = method.invoke(target, arguments);
                                    if (now && !before) {
                                        fall();
                                    }
                                    return answer;
                                } catch (InvocationTargetException e) {
                                    throw e.getCause();
                                }
                            }));
        }
    }

    private static final class MovingClock extends Clock {
        private Instant now = Instant.parse("2026-01-01T00:00:00Z");

        void advance(Duration by) {
            now = now.plus(by);
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
