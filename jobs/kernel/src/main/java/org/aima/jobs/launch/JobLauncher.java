package org.aima.jobs.launch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.config.ConfigurationLoader;
import org.aima.jobs.config.Option;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.ExitCode;
import org.aima.jobs.error.RunRefusedException;
import org.aima.jobs.pipeline.FlinkJob;
import org.aima.jobs.pipeline.JobAction;
import org.aima.jobs.pipeline.RunContext;
import org.aima.jobs.pipeline.RunIds;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.jobs.pipeline.RunLedger.Lease;
import org.aima.jobs.pipeline.RunLedger.RunState;
import org.aima.jobs.pipeline.RunPhase;
import org.aima.jobs.pipeline.RunPhases;
import org.aima.jobs.pipeline.RunSummary;
import org.aima.jobs.pipeline.StepResult;
import org.aima.jobs.pipeline.Verification;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.client.JobCancellationException;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * What every job's one-line {@code main} calls: parses arguments, validates the whole
 * configuration, builds the graph and executes it.
 *
 * <p>{@code flink run JOB.jar [key=value …]} is a complete run: the launcher then keeps the ledger
 * itself. {@code aima run} keeps the ledger and passes {@code --run-id}, {@code --fence} and {@code
 * --submitted-at}.
 */
public final class JobLauncher {
    private static final Duration RENEWAL = Duration.ofSeconds(10);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final FlinkJob job;
    private final Map<String, String> environment;
    private final PrintStream out;

    public JobLauncher(FlinkJob job, Map<String, String> environment, PrintStream out) {
        this.job = job;
        this.environment = Map.copyOf(environment);
        this.out = out;
    }

    /**
     * Runs the job as its arguments say.
     *
     * @throws AimaException with a message for the operator; {@code flink run} prints it
     */
    public static void run(FlinkJob job, String[] args) {
        JobLauncher launcher = new JobLauncher(job, System.getenv(), System.out);
        Arguments arguments = Arguments.parse(job.name(), args);
        if (!arguments.standalone()) {
            launcher.launch(arguments);
            return;
        }
        // Outside `flink run` this is a process of its own, so it also sets the exit code.
        try {
            System.exit(launcher.answer(arguments).code());
        } catch (AimaException e) {
            System.err.println(e.getMessage());
            System.exit(e.exitCode().code());
        }
    }

    ExitCode answer(Arguments arguments) {
        JobAction action = action(arguments.action);
        if (arguments.describe) {
            print(describe());
            return ExitCode.DONE;
        }
        Configuration configuration = load(action, arguments);
        if (arguments.check) {
            Configuration.throwIfAny(action.preflight(configuration));
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("job", job.name());
            answer.put("action", action.name());
            answer.put("target", action.target(configuration));
            answer.put("codeVersion", codeVersion());
            answer.put("settings", configuration.settings());
            answer.put("phases", action.phases(configuration, arguments.plan));
            answer.put("endless", action.endless());
            print(answer);
            return ExitCode.DONE;
        }
        if (!arguments.step.isEmpty()) {
            print(step(action, configuration, arguments));
            return ExitCode.DONE;
        }
        if (arguments.undo) {
            long fence = arguments.fence == null ? 0 : arguments.fence;
            print(action.undo(configuration, context(arguments, arguments.runId, fence)));
            return ExitCode.DONE;
        }
        Verification verification =
                action.verify(configuration, context(arguments, arguments.runId, 0));
        print(verification);
        return verification.passed() ? ExitCode.DONE : ExitCode.FAILED;
    }

    void launch(Arguments arguments) {
        JobAction action = action(arguments.action);
        Configuration configuration = load(action, arguments);
        if (arguments.fence != null) {
            execute(
                    action,
                    arguments.phase,
                    configuration,
                    context(arguments, arguments.runId, arguments.fence));
            return;
        }
        Configuration.throwIfAny(action.preflight(configuration));
        runWithOwnLedger(action, configuration, arguments);
    }

    private void runWithOwnLedger(
            JobAction action, Configuration configuration, Arguments arguments) {
        String runId =
                arguments.runId.isEmpty()
                        ? RunIds.create(job.name(), action.name(), Clock.systemUTC())
                        : RunIds.check(arguments.runId);
        try (RunLedger ledger = action.ledger(configuration)) {
            Lease lease =
                    ledger.begin(
                            new RunLedger.RunRequest(
                                    runId,
                                    job.name(),
                                    action.name(),
                                    action.target(configuration),
                                    "flink run " + ProcessHandle.current().pid(),
                                    arguments.plan,
                                    codeVersion(),
                                    configuration.redacted()),
                            RunLedger.LEASE,
                            run -> false);
            try {
                RunContext run =
                        new RunContext(
                                runId, lease.fence(), arguments.plan, lease.submittedAtMillis());
                course(action, configuration, run, ledger, lease);
                finish(arguments, ledger, lease);
                out.println(
                        "run "
                                + runId
                                + (arguments.plan ? " planned" : " succeeded")
                                + "; see: aima report "
                                + runId);
            } catch (RuntimeException e) {
                // Interrupted here, the Flink job still writes: its target stays locked.
                boolean interrupted =
                        e instanceof AimaException known
                                && known.exitCode() == ExitCode.INTERRUPTED;
                if (!interrupted) {
                    ledger.finish(
                            lease,
                            e instanceof RunRefusedException ? RunState.REFUSED : RunState.FAILED,
                            Map.of("error", String.valueOf(e.getMessage())));
                }
                throw e;
            }
        }
    }

    private void course(
            JobAction action,
            Configuration configuration,
            RunContext run,
            RunLedger ledger,
            Lease lease) {
        List<RunPhase> course =
                RunPhases.plan(ledger, lease, action.phases(configuration, run.planOnly()));
        for (RunPhase phase : course) {
            String name = phase.name();
            if (RunPhases.done(document(ledger, lease), name)) {
                continue;
            }
            RunPhases.begin(ledger, lease, name, Clock.systemUTC());
            StepResult result = StepResult.nothing();
            switch (phase.kind()) {
                case STEP ->
                        result =
                                whileRenewing(
                                        ledger,
                                        lease,
                                        () ->
                                                action.step(
                                                        name,
                                                        configuration,
                                                        run,
                                                        RunPhases.journal(ledger, lease, name)));
                case GRAPH -> {
                    JobClient client = execute(action, name, configuration, run);
                    ledger.record(lease, Map.of("flink_job_id", client.getJobID().toString()));
                    await(client, ledger, lease, action.endless());
                }
                case VERIFY -> {
                    ledger.finish(lease, RunState.VERIFYING, Map.of());
                    Verification verification =
                            whileRenewing(ledger, lease, () -> action.verify(configuration, run));
                    if (!verification.passed()) {
                        String found = "the read-back found differences: " + verification.checks();
                        boolean last = phase.equals(course.get(course.size() - 1));
                        throw last
                                ? AimaException.failed(found, null)
                                : new RunRefusedException(found);
                    }
                    ledger.finish(lease, RunState.RUNNING, Map.of());
                }
            }
            RunPhases.end(ledger, lease, name, result, Clock.systemUTC());
        }
    }

    private static Map<String, Object> document(RunLedger ledger, Lease lease) {
        return ledger.find(lease.runId()).map(RunLedger.RunRecord::document).orElse(Map.of());
    }

    private static void finish(Arguments arguments, RunLedger ledger, Lease lease) {
        Map<String, Object> result = new LinkedHashMap<>();
        ledger.find(lease.runId())
                .ifPresent(
                        run ->
                                result.put(
                                        "counters",
                                        RunSummary.counters(RunSummary.figures(run.document()))));
        ledger.finish(lease, arguments.plan ? RunState.PLANNED : RunState.SUCCEEDED, result);
    }

    /** Does a step under the lease that {@code aima} holds and renews. */
    private Map<String, Object> step(
            JobAction action, Configuration configuration, Arguments arguments) {
        long fence = arguments.fence == null ? 0 : arguments.fence;
        stopWithParent();
        try (RunLedger ledger = action.ledger(configuration)) {
            Lease lease =
                    new Lease(
                            arguments.runId,
                            action.target(configuration),
                            "step " + ProcessHandle.current().pid(),
                            fence,
                            arguments.submittedAt);
            StepResult result =
                    action.step(
                            arguments.step,
                            configuration,
                            context(arguments, arguments.runId, fence),
                            RunPhases.journal(ledger, lease, arguments.step));
            RunPhases.end(ledger, lease, arguments.step, result, Clock.systemUTC());
            return Map.of("step", arguments.step, "result", result.result());
        } catch (AimaException e) {
            throw e;
        } catch (RuntimeException e) {
            throw AimaException.failed("phase " + arguments.step + " failed: " + rootMessage(e), e);
        }
    }

    // A step whose client was killed holds a lease that nobody renews: it must not go on alone.
    private static void stopWithParent() {
        Optional<ProcessHandle> parent = ProcessHandle.current().parent();
        parent.ifPresent(
                p ->
                        p.onExit()
                                .thenRun(
                                        () ->
                                                Runtime.getRuntime()
                                                        .halt(ExitCode.INTERRUPTED.code())));
    }

    private static <T> T whileRenewing(RunLedger ledger, Lease lease, Supplier<T> work) {
        CompletableFuture<T> answer = CompletableFuture.supplyAsync(work);
        while (true) {
            try {
                return answer.get(RENEWAL.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                ledger.renew(lease, RunLedger.LEASE);
            } catch (ExecutionException e) {
                if (e.getCause() instanceof RuntimeException known) {
                    throw known;
                }
                throw new IllegalStateException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AimaException(ExitCode.INTERRUPTED, "interrupted", e);
            }
        }
    }

    private static void await(JobClient client, RunLedger ledger, Lease lease, boolean endless) {
        var result = client.getJobExecutionResult();
        while (true) {
            try {
                result.get(RENEWAL.toMillis(), TimeUnit.MILLISECONDS);
                return;
            } catch (TimeoutException e) {
                ledger.renew(lease, RunLedger.LEASE);
            } catch (ExecutionException e) {
                if (endless && cancelled(e)) {
                    return;
                }
                String message = rootMessage(e);
                Optional<String> refusal = RunRefusedException.messageIn(message);
                if (refusal.isPresent()) {
                    throw new RunRefusedException(refusal.get());
                }
                throw AimaException.failed("the Flink job failed: " + message, e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AimaException(
                        ExitCode.INTERRUPTED, "interrupted; the Flink job goes on", e);
            }
        }
    }

    private static boolean cancelled(Throwable error) {
        return error instanceof JobCancellationException
                || error.getCause() != null && cancelled(error.getCause());
    }

    private JobClient execute(
            JobAction action, String phase, Configuration configuration, RunContext run) {
        StreamExecutionEnvironment flink =
                JobEnvironment.create(action.mode(), configuration.get(LaunchOptions.PARALLELISM));
        action.define(phase, flink, configuration, run);
        try {
            return flink.executeAsync(
                    RunIds.flinkJobName(job.name(), action.name(), phase, run.runId()));
        } catch (Exception e) {
            throw AimaException.failed("submission failed: " + rootMessage(e), e);
        }
    }

    private static RunContext context(Arguments arguments, String runId, long fence) {
        return new RunContext(runId, fence, arguments.plan, arguments.submittedAt);
    }

    private Configuration load(JobAction action, Arguments arguments) {
        List<Option<?>> options = new ArrayList<>(action.options());
        options.add(LaunchOptions.PARALLELISM);
        ConfigurationLoader loader = new ConfigurationLoader(options, environment);
        for (String name : List.of("stores.yaml", job.name() + ".yaml")) {
            addBundled(loader, name);
        }
        arguments.files.forEach(loader::file);
        return loader.arguments(arguments.keyValues).load();
    }

    /** conf/ next to the jobs wins over the copy inside the jar, which makes the jar run alone. */
    private void addBundled(ConfigurationLoader loader, String name) {
        String directory = environment.get("AIMA_CONF_DIR");
        if (directory != null && Files.exists(Path.of(directory, name))) {
            loader.file(Path.of(directory, name));
            return;
        }
        try (InputStream in = job.getClass().getResourceAsStream("/aima-conf/" + name)) {
            if (in != null) {
                loader.yaml(new String(in.readAllBytes(), StandardCharsets.UTF_8), "conf/" + name);
            }
        } catch (IOException e) {
            throw AimaException.failed("cannot read the bundled " + name, e);
        }
    }

    private JobAction action(String name) {
        return job.actions().stream()
                .filter(a -> name.isEmpty() || a.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                AimaException.usage(
                                        job.name()
                                                + " has no action '"
                                                + name
                                                + "'; it has: "
                                                + String.join(
                                                        ", ",
                                                        job.actions().stream()
                                                                .map(JobAction::name)
                                                                .toList())));
    }

    private Map<String, Object> describe() {
        Map<String, Object> actions = new LinkedHashMap<>();
        for (JobAction action : job.actions()) {
            List<Option<?>> options = new ArrayList<>(action.options());
            options.add(LaunchOptions.PARALLELISM);
            actions.put(
                    action.name(),
                    options.stream()
                            .map(
                                    o -> {
                                        Map<String, Object> row = new LinkedHashMap<>();
                                        row.put("key", o.key());
                                        row.put("type", o.typeName());
                                        row.put("default", o.defaultText());
                                        row.put("purpose", o.purpose());
                                        return row;
                                    })
                            .toList());
        }
        return Map.of("job", job.name(), "actions", actions);
    }

    private String codeVersion() {
        String version = job.getClass().getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    private void print(Object answer) {
        try {
            out.println(JSON.writeValueAsString(answer));
        } catch (JsonProcessingException e) {
            throw AimaException.failed("cannot print the answer", e);
        }
    }

    private static String rootMessage(Throwable error) {
        Throwable root = error;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return root.getClass().getSimpleName() + ": " + root.getMessage();
    }

    /** The arguments of a job jar. */
    @Command(name = "job", sortOptions = false)
    static final class Arguments {
        @CommandLine.Option(
                names = "--action",
                description = "what to do; default: the first action")
        String action = "";

        @CommandLine.Option(names = "-c", description = "a YAML file over conf/")
        List<Path> files = new ArrayList<>();

        @CommandLine.Option(names = "--plan", description = "compute everything, write nothing")
        boolean plan;

        @CommandLine.Option(names = "--run-id", description = "the run's id in the ledger")
        String runId = "";

        @CommandLine.Option(
                names = "--fence",
                description = "set by aima: the lease under which it keeps the ledger")
        @Nullable Long fence;

        @CommandLine.Option(
                names = "--submitted-at",
                description = "set by aima: epoch milliseconds")
        long submittedAt;

        @CommandLine.Option(
                names = "--phase",
                description = "set by aima: which graph of the course to submit")
        String phase = "run";

        @CommandLine.Option(
                names = "--step",
                description = "set by aima: do this step of the course, outside the cluster")
        String step = "";

        @CommandLine.Option(names = "--describe", description = "print the options as JSON")
        boolean describe;

        @CommandLine.Option(
                names = "--check",
                description = "validate the configuration and reach the stores, print it as JSON")
        boolean check;

        @CommandLine.Option(names = "--verify", description = "read the stores back after a run")
        boolean verify;

        @CommandLine.Option(
                names = "--undo",
                description = "bring the stores back to what they were before the run --run-id")
        boolean undo;

        @Parameters(description = "key=value settings", arity = "0..*")
        List<String> keyValues = new ArrayList<>();

        boolean standalone() {
            return describe || check || verify || undo || !step.isEmpty();
        }

        static Arguments parse(String jobName, String[] args) {
            Arguments arguments = new Arguments();
            try {
                new CommandLine(arguments).setCommandName(jobName).parseArgs(args);
            } catch (CommandLine.ParameterException e) {
                throw AimaException.usage(
                        e.getMessage()
                                + "\n"
                                + new CommandLine(new Arguments())
                                        .setCommandName(jobName)
                                        .getUsageMessage());
            }
            return arguments;
        }
    }
}
