package org.aima.jobs.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.config.Option;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.ConfigurationException;
import org.aima.jobs.error.ConfigurationProblem;
import org.aima.jobs.error.ExitCode;
import org.aima.jobs.launch.JobLauncher.Arguments;
import org.aima.jobs.pipeline.FlinkJob;
import org.aima.jobs.pipeline.JobAction;
import org.aima.jobs.pipeline.Operators;
import org.aima.jobs.pipeline.RunContext;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.jobs.pipeline.Verification;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A job jar's command line, from its arguments to the ledger's last entry. */
@Timeout(60)
class JobLauncherTest {
    private static final Option<String> WORD =
            Option.text("word", "What to say.").defaultsTo("hello");

    private static final CountDownLatch STARTED = new CountDownLatch(1);
    private static final CountDownLatch RELEASE = new CountDownLatch(1);

    private final Ledger ledger = new Ledger();
    private final List<RunContext> defined = new ArrayList<>();
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    private JobLauncher launcher(Map<String, String> environment) {
        Job job =
                new Job(
                        List.of(
                                new Action("speak"),
                                new Action("stumble"),
                                new Action("wait"),
                                new Action("drone")));
        return new JobLauncher(
                job, environment, new PrintStream(printed, true, StandardCharsets.UTF_8));
    }

    private static Arguments arguments(String... args) {
        return Arguments.parse("talking", args);
    }

    @Test
    void argumentsAreReadInAnyOrder() {
        Arguments arguments =
                arguments(
                        "a=1",
                        "--action",
                        "speak",
                        "-c",
                        "x.yaml",
                        "b=2=3",
                        "-c",
                        "y.yaml",
                        "--plan");
        assertThat(arguments.action).isEqualTo("speak");
        assertThat(arguments.files).containsExactly(Path.of("x.yaml"), Path.of("y.yaml"));
        assertThat(arguments.keyValues).containsExactly("a=1", "b=2=3");
        assertThat(arguments.plan).isTrue();
        assertThat(arguments.standalone()).isFalse();
        assertThat(arguments.fence).isNull();
    }

    @Test
    void whatAimaPassesIsRead() {
        Arguments arguments =
                arguments("--run-id", "r1", "--fence", "7", "--submitted-at", "1700000000000");
        assertThat(arguments.runId).isEqualTo("r1");
        assertThat(arguments.fence).isEqualTo(7);
        assertThat(arguments.submittedAt).isEqualTo(1_700_000_000_000L);
    }

    @Test
    void standaloneVerbsAreKnown() {
        for (String verb : List.of("--describe", "--check", "--verify")) {
            assertThat(arguments(verb).standalone()).isTrue();
        }
    }

    @Test
    void unknownOptionIsBadUsageWithTheUsage() {
        for (String wrong : List.of("--nonsense", "--fence=x", "-c")) {
            assertThatExceptionOfType(AimaException.class)
                    .isThrownBy(() -> arguments(wrong))
                    .matches(e -> e.exitCode() == ExitCode.BAD_USAGE)
                    .withMessageContaining("Usage: talking");
        }
    }

    @Test
    void unknownActionNamesThoseThatExist() {
        assertThatExceptionOfType(AimaException.class)
                .isThrownBy(() -> launcher(Map.of()).launch(arguments("--action", "sing")))
                .matches(e -> e.exitCode() == ExitCode.BAD_USAGE)
                .withMessageContaining("'sing'")
                .withMessageContaining("speak, stumble");
    }

    @Test
    void completeRunKeepsItsOwnLedger() {
        launcher(Map.of()).launch(arguments("word=hi", "parallelism=1"));
        assertThat(ledger.events)
                .startsWith("begin speak target-hi")
                .containsSubsequence("record flink_job_id", "finish VERIFYING")
                .endsWith("finish SUCCEEDED", "close");
        assertThat(defined).singleElement().matches(r -> r.fence() == 41 && !r.planOnly());
        assertThat(printed.toString(StandardCharsets.UTF_8)).contains("succeeded");
    }

    @Test
    void detachedRunIsRecordedAndNotWaitedFor() {
        launcher(Map.of()).launch(arguments("--detach", "--run-id", "r1"));
        assertThat(ledger.events)
                .contains("record flink_job_id")
                .noneMatch(e -> e.startsWith("finish"))
                .endsWith("close");
        assertThat(printed.toString(StandardCharsets.UTF_8)).contains("r1 is submitted");
    }

    @Test
    void endlessJobDoesNotStartWithoutStateUnlessThatIsAllowed() {
        for (String[] given :
                List.of(
                        new String[] {"--action", "drone"},
                        new String[] {"--action", "drone", "--run-id", "r1", "--fence", "7"})) {
            assertThatExceptionOfType(AimaException.class)
                    .isThrownBy(() -> launcher(Map.of()).launch(arguments(given)))
                    .matches(e -> e.exitCode() == ExitCode.REFUSED)
                    .withMessageContaining("--allow-empty-state");
        }
        assertThat(defined).isEmpty();
        assertThat(ledger.events).contains("finish REFUSED");
        launcher(Map.of()).launch(arguments("--action", "drone", "--allow-empty-state"));
        assertThat(defined).hasSize(1);
    }

    @Test
    void endlessJobWithoutAPlanOfItsOwnIsNotPlanned() {
        for (String asked : List.of("--check", "--allow-empty-state")) {
            assertThatExceptionOfType(AimaException.class)
                    .isThrownBy(
                            () ->
                                    launcher(Map.of())
                                            .launch(
                                                    arguments(
                                                            "--action", "drone", "--plan", asked)))
                    .matches(e -> e.exitCode() == ExitCode.BAD_USAGE)
                    .withMessageContaining("has no plan of its own");
        }
        assertThat(defined).isEmpty();
    }

    @Test
    void planIsToldToTheTopologyAndToTheLedger() {
        launcher(Map.of()).launch(arguments("--plan"));
        assertThat(defined).singleElement().matches(RunContext::planOnly);
        assertThat(ledger.events).contains("finish PLANNED");
    }

    @Test
    void failedJobFailsTheRun() {
        assertThatExceptionOfType(AimaException.class)
                .isThrownBy(() -> launcher(Map.of()).launch(arguments("--action", "stumble")))
                .matches(e -> e.exitCode() == ExitCode.FAILED)
                .withMessageContaining("stumbled over hello");
        assertThat(ledger.events).endsWith("finish FAILED", "close");
    }

    @Test
    void interruptedWaitLeavesTheRunToItsFlinkJob() throws Exception {
        AtomicReference<AimaException> thrown = new AtomicReference<>();
        Thread waiting =
                new Thread(
                        () -> {
                            try {
                                launcher(Map.of()).launch(arguments("--action", "wait"));
                            } catch (AimaException e) {
                                thrown.set(e);
                            }
                        });
        waiting.start();
        STARTED.await();
        waiting.interrupt();
        waiting.join();
        RELEASE.countDown();
        assertThat(thrown.get().exitCode()).isEqualTo(ExitCode.INTERRUPTED);
        assertThat(ledger.events).noneMatch(e -> e.startsWith("finish")).endsWith("close");
    }

    @Test
    void describePrintsEveryOptionOfEveryAction() throws Exception {
        assertThat(launcher(Map.of()).answer(arguments("--describe"))).isEqualTo(ExitCode.DONE);
        JsonNode answer = new ObjectMapper().readTree(printed.toByteArray());
        assertThat(answer.get("job").asText()).isEqualTo("talking");
        assertThat(answer.get("actions").get("speak"))
                .extracting(o -> o.get("key").asText())
                .containsExactly("word", "parallelism");
        assertThat(answer.get("actions").get("speak").get(0).get("default").asText())
                .isEqualTo("hello");
    }

    @Test
    void checkPrintsTargetAndSettingsAndStartsNothing() throws Exception {
        assertThat(launcher(Map.of()).answer(arguments("--check", "word=hi")))
                .isEqualTo(ExitCode.DONE);
        JsonNode answer = new ObjectMapper().readTree(printed.toByteArray());
        assertThat(answer.get("target").asText()).isEqualTo("target-hi");
        assertThat(answer.get("settings"))
                .anyMatch(
                        s ->
                                s.get("key").asText().equals("word")
                                        && s.get("value").asText().equals("hi")
                                        && s.get("origin").asText().equals("argument"));
        assertThat(defined).isEmpty();
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(
                        () -> launcher(Map.of()).answer(arguments("--check", "word=unreachable")));
    }

    @Test
    void verifyEndsAsItsChecksDo() {
        assertThat(launcher(Map.of()).answer(arguments("--verify"))).isEqualTo(ExitCode.DONE);
        assertThat(launcher(Map.of()).answer(arguments("--verify", "word=wrong")))
                .isEqualTo(ExitCode.FAILED);
        assertThat(printed.toString(StandardCharsets.UTF_8)).contains("\"passed\":false");
    }

    @Test
    void takenTargetStartsNothing() {
        ledger.taken = true;
        assertThatExceptionOfType(AimaException.class)
                .isThrownBy(() -> launcher(Map.of()).launch(arguments()))
                .matches(e -> e.exitCode() == ExitCode.REFUSED);
        assertThat(defined).isEmpty();
        assertThat(ledger.events).containsExactly("close");
    }

    @Test
    void preflightProblemsComeBeforeTheLedger() {
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(() -> launcher(Map.of()).launch(arguments("word=unreachable")))
                .withMessageContaining("cannot be reached");
        assertThat(ledger.events).isEmpty();
    }

    @Test
    void runUnderALeaseOfAimaLeavesTheLedgerAlone() {
        launcher(Map.of())
                .launch(arguments("--run-id", "r1", "--fence", "7", "--submitted-at", "5"));
        assertThat(ledger.events).isEmpty();
        assertThat(defined).containsExactly(new RunContext("r1", 7, false, 5));
    }

    @Test
    void runIdThatIsNoFileNameIsRefused() {
        assertThatExceptionOfType(AimaException.class)
                .isThrownBy(() -> launcher(Map.of()).launch(arguments("--run-id", "../x")))
                .matches(e -> e.exitCode() == ExitCode.BAD_USAGE);
    }

    @Test
    void everyConfigurationErrorIsReportedBeforeAnythingStarts() {
        ConfigurationException e =
                catchThrowableOfType(
                        ConfigurationException.class,
                        () -> launcher(Map.of()).launch(arguments("wrod=x", "parallelism=0")));
        assertThat(e.problems())
                .extracting(ConfigurationProblem::key)
                .containsExactlyInAnyOrder("wrod", "parallelism");
        assertThat(defined).isEmpty();
    }

    @Test
    void confDirectoryIsALayerBelowFilesAndArguments(@TempDir Path directory) throws Exception {
        Files.writeString(directory.resolve("talking.yaml"), "word: conf\nparallelism: 1");
        Path file = Files.writeString(directory.resolve("more.yaml"), "word: file");
        Map<String, String> environment = Map.of("AIMA_CONF_DIR", directory.toString());
        launcher(environment).launch(arguments());
        launcher(environment).launch(arguments("-c", file.toString()));
        launcher(environment).launch(arguments("-c", file.toString(), "word=argument"));
        assertThat(ledger.events)
                .filteredOn(e -> e.startsWith("begin"))
                .containsExactly(
                        "begin speak target-conf",
                        "begin speak target-file",
                        "begin speak target-argument");
    }

    private record Job(List<JobAction> actions) implements FlinkJob {
        @Override
        public String name() {
            return "talking";
        }
    }

    /** Says one word to nobody, or fails at it. */
    private final class Action implements JobAction {
        private final String name;

        Action(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public RuntimeExecutionMode mode() {
            return RuntimeExecutionMode.BATCH;
        }

        @Override
        public boolean endless() {
            return name.equals("drone");
        }

        @Override
        public List<Option<?>> options() {
            return List.of(WORD);
        }

        @Override
        public List<ConfigurationProblem> preflight(Configuration configuration) {
            return configuration.get(WORD).equals("unreachable")
                    ? List.of(new ConfigurationProblem("argument", "word", "", "cannot be reached"))
                    : List.of();
        }

        @Override
        public String target(Configuration configuration) {
            return "target-" + configuration.get(WORD);
        }

        @Override
        public RunLedger ledger(Configuration configuration) {
            return ledger;
        }

        @Override
        public void define(
                StreamExecutionEnvironment environment,
                Configuration configuration,
                RunContext run) {
            defined.add(run);
            org.apache.flink.configuration.Configuration once =
                    new org.apache.flink.configuration.Configuration();
            once.set(
                    org.apache.flink.configuration.RestartStrategyOptions.RESTART_STRATEGY, "none");
            environment.configure(once);
            String manner = name;
            var words =
                    Operators.named(
                            environment.fromData(List.of(configuration.get(WORD)), Types.STRING),
                            "words",
                            "words");
            var spoken =
                    Operators.named(
                            words.map(w -> speak(w, manner)).returns(Types.STRING),
                            "speak",
                            "speak");
            Operators.named(spoken.sinkTo(new DiscardingSink<>()), "nobody", "nobody");
        }

        @Override
        public Verification verify(Configuration configuration, RunContext run) {
            return new Verification(
                    List.of(
                            new Verification.Check(
                                    "word", !configuration.get(WORD).equals("wrong"), "")));
        }
    }

    private static String speak(String word, String manner) {
        if (manner.equals("stumble")) {
            throw new IllegalStateException("stumbled over " + word);
        }
        if (manner.equals("wait")) {
            STARTED.countDown();
            try {
                RELEASE.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        return word;
    }

    /** Notes what it is told. */
    private static final class Ledger implements RunLedger {
        private final List<String> events = new ArrayList<>();
        private boolean taken;

        @Override
        public Lease begin(RunRequest request, Duration lease, Predicate<RunRecord> stillActive) {
            if (taken) {
                throw AimaException.refused("taken");
            }
            events.add("begin " + request.action() + " " + request.target());
            return new Lease(request.runId(), request.target(), request.holder(), 41, 1);
        }

        @Override
        public Lease adopt(String runId, String holder, Duration lease) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Lease advance(Lease held, RunRequest request, Duration lease) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void renew(Lease held, Duration lease) {
            events.add("renew");
        }

        @Override
        public void record(Lease held, Map<String, Object> fields) {
            events.add("record " + String.join(",", new HashMap<>(fields).keySet()));
        }

        @Override
        public void finish(Lease held, RunState state, Map<String, Object> fields) {
            events.add("finish " + state);
        }

        @Override
        public void undone(Lease held, String runId) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Optional<RunRecord> find(String runId) {
            return Optional.empty();
        }

        @Override
        public List<RunRecord> latest(int limit) {
            return List.of();
        }

        @Override
        public void audit(String runId, String phase, Map<String, Object> what) {
            events.add("audit " + phase);
        }

        @Override
        public void close() {
            events.add("close");
        }
    }
}
