package org.aima.operate.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.aima.jobs.config.SecretReference;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.ExitCode;
import org.aima.jobs.error.RunRefusedException;
import org.aima.jobs.pipeline.RunIds;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.jobs.pipeline.RunLedger.Lease;
import org.aima.jobs.pipeline.RunLedger.RunRecord;
import org.aima.jobs.pipeline.RunLedger.RunState;
import org.aima.jobs.pipeline.RunPhase;
import org.aima.jobs.pipeline.RunPhases;
import org.aima.jobs.pipeline.RunSummary;
import org.aima.jobs.pipeline.StepResult;
import org.aima.operate.Installation;
import org.aima.operate.flink.FlinkRest;
import org.aima.operate.flink.FlinkRest.JobDetail;
import org.aima.operate.flink.FlinkRest.JobOverview;
import org.aima.operate.flink.JobJar;
import org.aima.operate.report.ReportWriter;
import org.aima.operate.report.RunReport;
import org.aima.operate.stream.Pace;
import org.aima.operate.stream.StreamCourse;
import org.aima.operate.stream.StreamRecord;
import org.aima.stores.mongo.MongoAddress;
import org.aima.stores.mongo.MongoRunLedger;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * The course of a run: check, lease, submit, follow, verify, report.
 *
 * <p>Every step is in the ledger before the next begins, so a run whose client was killed is taken
 * up by {@link #resume} wherever it stood.
 */
public final class RunCourse {
    private static final long POLL_MILLIS = 500;
    private static final long RENEW_MILLIS = 10_000;
    private static final int MAX_CAUSES = 6;
    private static final int REST_ATTEMPTS = 15;
    private static final long REST_PAUSE_MILLIS = 2_000;

    private final Installation installation;
    private final PrintStream people;
    private final boolean terminal;
    private final Clock clock;

    public RunCourse(Installation installation, PrintStream people, boolean terminal) {
        this.installation = installation;
        this.people = people;
        this.terminal = terminal;
        this.clock = Clock.systemUTC();
    }

    /**
     * What was asked for.
     *
     * @param runId empty to make one
     * @param files given by {@code -c}
     */
    public record Request(
            String job,
            String action,
            String runId,
            List<Path> files,
            List<String> keyValues,
            boolean planOnly,
            boolean detach,
            StreamStart stream) {

        /** Without anything that only endless jobs need. */
        public Request(
                String job,
                String action,
                String runId,
                List<Path> files,
                List<String> keyValues,
                boolean planOnly,
                boolean detach) {
            this(job, action, runId, files, keyValues, planOnly, detach, StreamStart.NONE);
        }
    }

    /**
     * What only endless jobs need.
     *
     * @param jar empty for the one that was built
     * @param fromSavepoint empty to begin without state
     * @param allowEmptyState whether it may begin without state
     */
    public record StreamStart(
            String jar, String fromSavepoint, boolean allowEmptyState, Pace pace) {
        public static final StreamStart NONE = new StreamStart("", "", false, Pace.standard());
    }

    /** How a run ended; the report is null while it goes on detached. */
    public record Ending(String runId, @Nullable RunReport report, @Nullable Path html) {
        public ExitCode exitCode() {
            if (report == null || List.of("succeeded", "planned").contains(report.state())) {
                return ExitCode.DONE;
            }
            return report.state().equals("refused") ? ExitCode.REFUSED : ExitCode.FAILED;
        }
    }

    /** Runs or plans a job from the start; a run id that is known continues that run. */
    public Ending start(Request request) {
        JobJar jar =
                request.stream().jar().isEmpty()
                        ? new JobJar(installation, request.job())
                        : new JobJar(
                                installation,
                                Path.of(request.stream().jar()).toAbsolutePath(),
                                installation.conf());
        FlinkRest flink = new FlinkRest(installation.flinkRest());
        String runId =
                request.runId().isEmpty()
                        ? RunIds.create(
                                request.job(),
                                request.action().isEmpty() ? "run" : request.action(),
                                clock)
                        : RunIds.check(request.runId());
        List<String> arguments =
                new JobAndAction(request.job(), request.action())
                        .arguments(request.files(), request.keyValues());
        if (request.planOnly()) {
            arguments.add("--plan");
        }
        JsonNode check = jar.check(arguments);
        flink.jobs();
        try (RunLedger ledger = ledger(check)) {
            Optional<RunRecord> known = ledger.find(runId);
            if (known.isPresent()) {
                requireSame(known.get(), request.job(), check.path("action").asText());
                // A stream that was stopped goes on from its savepoint, as the one that starts it
                // says.
                if (!StreamRecord.isStream(known.get())
                        && isDone(known.get(), request.planOnly())) {
                    return alreadyDone(known.get());
                }
                if (!known.get().state().ended()) {
                    refuseWhileHeld(known.get());
                    return resume(runId, ledger, request.detach(), request.stream().pace());
                }
            }
            RunLedger.RunRequest asked =
                    new RunLedger.RunRequest(
                            runId,
                            request.job(),
                            check.path("action").asText(),
                            check.path("target").asText()
                                    + (request.planOnly() ? "#plan-" + runId : ""),
                            holder(),
                            request.planOnly(),
                            check.path("codeVersion").asText(),
                            configuration(check));
            if (check.path("endless").asBoolean() && !request.planOnly()) {
                return startStream(request, ledger, asked, jar, check, arguments);
            }
            if (!request.stream().jar().isEmpty()) {
                throw AimaException.usage(
                        "--jar is for endless jobs, whose jars are kept; "
                                + request.job()
                                + ":"
                                + asked.action()
                                + " would be resumed with another jar than it was started with");
            }
            Lease lease = ledger.begin(asked, RunLedger.LEASE, run -> isActive(flink, run));
            ledger.record(lease, Map.of("arguments", arguments, "settings", settings(check)));
            if (known.isPresent() && isPlain(RunPhases.of(known.get().document()))) {
                // What failed is done anew, as in resume.
                RunPhases.restart(ledger, lease);
            }
            RunPhases.plan(ledger, lease, phases(check));
            people.println("run " + runId);
            ledger.audit(runId, "intent", intent(lease));
            return course(ledger, lease, jar, flink, arguments, request.detach());
        }
    }

    private Ending startStream(
            Request request,
            RunLedger ledger,
            RunLedger.RunRequest asked,
            JobJar jar,
            JsonNode check,
            List<String> arguments) {
        new StreamCourse(installation, people, request.stream().pace(), holder())
                .start(
                        ledger,
                        asked,
                        jar,
                        check,
                        arguments,
                        request.stream().fromSavepoint(),
                        request.stream().allowEmptyState(),
                        request.detach());
        return new Ending(asked.runId(), null, null);
    }

    private static void requireSame(RunRecord run, String job, String action) {
        if (!run.job().equals(job) || !run.action().equals(action)) {
            throw AimaException.usage(
                    "run id "
                            + run.runId()
                            + " belongs to "
                            + run.job()
                            + ":"
                            + run.action()
                            + "; give another for "
                            + job
                            + ":"
                            + action);
        }
    }

    private static boolean isDone(RunRecord run, boolean planOnly) {
        return run.state() == (planOnly ? RunState.PLANNED : RunState.SUCCEEDED);
    }

    /** A scheduler that submits a slot again is told so and does nothing twice. */
    private Ending alreadyDone(RunRecord run) {
        people.println(
                "run "
                        + run.runId()
                        + " already ended ("
                        + run.state().name().toLowerCase(Locale.ROOT)
                        + ", "
                        + instant(run, "ended_at")
                        + "); nothing is done again");
        return new Ending(
                run.runId(),
                report(run, null, verification(run)),
                installation.reports().resolve(run.runId()).resolve("report.html"));
    }

    /** Two commands must not follow one run; one that crashed stops renewing its lease. */
    private void refuseWhileHeld(RunRecord run) {
        if (run.document().get("lease") instanceof Document lease
                && lease.getDate("expires_at") != null
                && lease.getDate("expires_at").toInstant().isAfter(clock.instant())) {
            throw AimaException.refused(
                    "run "
                            + run.runId()
                            + " is running (holder "
                            + lease.getString("holder")
                            + ", lease until "
                            + lease.getDate("expires_at").toInstant()
                            + "); wait for it, or take it over at once: aima resume "
                            + run.runId());
        }
    }

    /** Takes a run up again, wherever it stood. */
    public Ending resume(String runId, RunLedger ledger, boolean detach) {
        return resume(runId, ledger, detach, Pace.standard());
    }

    /** The same, as patient with a stream as is said. */
    public Ending resume(String runId, RunLedger ledger, boolean detach, Pace pace) {
        RunRecord run =
                ledger.find(runId)
                        .orElseThrow(
                                () ->
                                        AimaException.usage(
                                                "there is no run " + runId + "; see: aima status"));
        if (StreamRecord.isStream(run) && run.state() != RunState.SUCCEEDED) {
            Optional<StreamCourse.Change> change =
                    new StreamCourse(installation, people, pace, holder())
                            .resume(run, ledger, detach);
            if (change.isPresent() && !change.get().done()) {
                throw AimaException.failed(
                        "the change ended as "
                                + change.get().outcome()
                                + ": version "
                                + change.get().version()
                                + " goes on",
                        null);
            }
            return new Ending(runId, null, null);
        }
        boolean open =
                !run.state().ended()
                        || run.state() == RunState.FAILED
                        // A gate that refused leaves what earlier phases did.
                        || run.state() == RunState.REFUSED
                                && RunPhases.of(run.document()).size() > 2;
        if (!open) {
            people.println("run " + runId + " has ended: " + run.state());
            return finished(run);
        }
        JobJar jar = new JobJar(installation, run.job());
        FlinkRest flink = new FlinkRest(installation.flinkRest());
        List<String> arguments = new ArrayList<>(arguments(run));
        Optional<String> flinkJob = run.state().ended() ? Optional.empty() : activeJob(flink, run);
        if (flinkJob.isPresent()) {
            Lease lease = ledger.adopt(runId, holder(), RunLedger.LEASE);
            ledger.record(lease, Map.of("flink_job_id", flinkJob.get()));
            people.println("run " + runId + " goes on as Flink job " + flinkJob.get());
            return detach
                    ? new Ending(runId, null, null)
                    : course(ledger, lease, jar, flink, arguments, false);
        }
        Lease lease =
                ledger.begin(
                        new RunLedger.RunRequest(
                                runId,
                                run.job(),
                                run.action(),
                                String.valueOf(run.document().get("target")),
                                holder(),
                                Boolean.TRUE.equals(run.document().get("plan_only")),
                                String.valueOf(run.document().get("code_version")),
                                ledgerConfiguration(run)),
                        RunLedger.LEASE,
                        other -> isActive(flink, other));
        ledger.audit(runId, "intent", intent(lease));
        if (run.state() == RunState.FAILED && isPlain(RunPhases.of(run.document()))) {
            // A graph whose read-back failed is repaired by running it again.
            RunPhases.restart(ledger, lease);
        }
        return course(ledger, lease, jar, flink, arguments, detach);
    }

    private static boolean isPlain(List<RunPhase> course) {
        return course.size() <= RunPhases.plain(false).size();
    }

    private static Map<String, Object> intent(Lease lease) {
        return Map.of("target", lease.target(), "fence", lease.fence());
    }

    /** The report of a run as the ledger knows it now. */
    public Ending finished(RunRecord run) {
        RunReport report = report(run, null, verification(run));
        return new Ending(run.runId(), report, ReportWriter.write(installation.reports(), report));
    }

    /** Does the phases that are not done, each noted in the ledger before the next begins. */
    private Ending course(
            RunLedger ledger,
            Lease lease,
            JobJar jar,
            FlinkRest flink,
            List<String> arguments,
            boolean detach) {
        List<RunPhase> course = RunPhases.of(document(ledger, lease));
        List<RunReport.Check> checks = verification(ledger.find(lease.runId()).orElseThrow());
        @Nullable JobDetail detail = null;
        for (RunPhase phase : course) {
            Map<String, Object> document = document(ledger, lease);
            if (RunPhases.done(document, phase.name())) {
                continue;
            }
            boolean begun = RunPhases.running(document, phase.name());
            RunPhases.begin(ledger, lease, phase.name(), clock);
            if (!isPlain(course)) {
                people.println("phase " + phase.name() + (begun ? " (taken up again)" : ""));
            }
            switch (phase.kind()) {
                case STEP -> {
                    Optional<Ending> end = step(ledger, lease, jar, phase, arguments);
                    if (end.isPresent()) {
                        return end.get();
                    }
                }
                case GRAPH -> {
                    Optional<String> running =
                            begun
                                    ? activeJob(flink, ledger.find(lease.runId()).orElseThrow())
                                    : Optional.empty();
                    String flinkJob =
                            running.isPresent()
                                    ? running.get()
                                    : submit(ledger, lease, jar, phase, arguments, begun);
                    if (detach) {
                        people.println("detached; follow it with: aima resume " + lease.runId());
                        return new Ending(lease.runId(), null, null);
                    }
                    detail = watch(ledger, lease, flink, flinkJob);
                    if (!detail.finished()) {
                        return failedGraph(ledger, lease, flink, flinkJob, detail);
                    }
                    RunPhases.end(ledger, lease, phase.name(), StepResult.nothing(), clock);
                }
                case VERIFY -> {
                    ledger.finish(lease, RunState.VERIFYING, Map.of());
                    checks =
                            whileRenewing(
                                    ledger, lease, () -> verify(jar, arguments, lease.runId()));
                    ledger.record(lease, Map.of("verification", documents(checks)));
                    if (checks.stream().anyMatch(c -> !c.passed())) {
                        boolean last = phase.equals(course.get(course.size() - 1));
                        return end(
                                ledger,
                                lease,
                                last ? RunState.FAILED : RunState.REFUSED,
                                "the read-back found differences; see the report",
                                detail,
                                checks);
                    }
                    ledger.finish(lease, RunState.RUNNING, Map.of());
                    RunPhases.end(ledger, lease, phase.name(), StepResult.nothing(), clock);
                }
            }
        }
        boolean planOnly = Boolean.TRUE.equals(document(ledger, lease).get("plan_only"));
        return end(
                ledger,
                lease,
                planOnly ? RunState.PLANNED : RunState.SUCCEEDED,
                "",
                detail,
                checks);
    }

    private static Map<String, Object> document(RunLedger ledger, Lease lease) {
        return ledger.find(lease.runId()).orElseThrow().document();
    }

    private static List<String> asRun(Lease lease, List<String> arguments) {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "--run-id",
                                lease.runId(),
                                "--fence",
                                Long.toString(lease.fence()),
                                "--submitted-at",
                                Long.toString(lease.submittedAtMillis())));
        all.addAll(arguments);
        return all;
    }

    /** Empty when the step is done; otherwise how the run ended. */
    private Optional<Ending> step(
            RunLedger ledger, Lease lease, JobJar jar, RunPhase phase, List<String> arguments) {
        try {
            whileRenewing(
                    ledger,
                    lease,
                    () ->
                            jar.step(
                                    phase.name(),
                                    asRun(lease, arguments),
                                    new StepProgress(people, phase.name())));
            return Optional.empty();
        } catch (AimaException e) {
            if (e.exitCode() == ExitCode.INTERRUPTED) {
                throw e;
            }
            people.println(String.valueOf(e.getMessage()));
            return Optional.of(
                    end(
                            ledger,
                            lease,
                            e.exitCode() == ExitCode.REFUSED ? RunState.REFUSED : RunState.FAILED,
                            String.valueOf(e.getMessage()),
                            null,
                            List.of()));
        }
    }

    private String submit(
            RunLedger ledger,
            Lease lease,
            JobJar jar,
            RunPhase phase,
            List<String> arguments,
            boolean again) {
        if (again) {
            people.println(
                    "run "
                            + lease.runId()
                            + " is submitted again: its Flink job is gone or failed");
        }
        List<String> submission = new ArrayList<>(List.of("--phase", phase.name()));
        submission.addAll(asRun(lease, arguments));
        String flinkJob;
        try {
            flinkJob = jar.submit(submission);
        } catch (AimaException e) {
            ledger.finish(lease, RunState.FAILED, Map.of("error", String.valueOf(e.getMessage())));
            throw e;
        }
        ledger.record(lease, Map.of("flink_job_id", flinkJob));
        return flinkJob;
    }

    private Ending failedGraph(
            RunLedger ledger, Lease lease, FlinkRest flink, String flinkJob, JobDetail detail) {
        String failure = flink.failure(flinkJob);
        Optional<String> refusal = RunRefusedException.messageIn(failure);
        String reason =
                refusal.map(r -> "refused: " + r)
                        .orElse("Flink job " + detail.state() + ": " + causes(failure));
        people.println(reason);
        return end(
                ledger,
                lease,
                refusal.isPresent() ? RunState.REFUSED : RunState.FAILED,
                reason,
                detail,
                List.of());
    }

    private Ending end(
            RunLedger ledger,
            Lease lease,
            RunState state,
            String error,
            @Nullable JobDetail detail,
            List<RunReport.Check> checks) {
        Map<String, Object> result = new LinkedHashMap<>();
        Map<String, Long> counters =
                RunSummary.counters(RunSummary.figures(document(ledger, lease)));
        result.put("counters", counters);
        result.put("verification", documents(checks));
        if (!error.isEmpty()) {
            result.put("error", error);
        }
        Path html = installation.reports().resolve(lease.runId()).resolve("report.html");
        result.put("artefacts", List.of(html.toString()));
        ledger.finish(lease, state, result);
        ledger.audit(lease.runId(), "result", Map.of("state", state.name(), "counters", counters));
        return finishedWith(ledger, lease, detail, checks);
    }

    private static List<Document> documents(List<RunReport.Check> checks) {
        return checks.stream()
                .map(
                        c ->
                                new Document("name", c.name())
                                        .append("passed", c.passed())
                                        .append("detail", c.detail()))
                .toList();
    }

    private Ending finishedWith(
            RunLedger ledger,
            Lease lease,
            @Nullable JobDetail detail,
            List<RunReport.Check> checks) {
        RunRecord run = ledger.find(lease.runId()).orElseThrow();
        RunReport report = report(run, detail, checks);
        return new Ending(
                lease.runId(), report, ReportWriter.write(installation.reports(), report));
    }

    /** Reads the stores back for a run; each check with its figures. */
    public List<RunReport.Check> verify(JobJar jar, List<String> arguments, String runId) {
        List<String> question = new ArrayList<>(List.of("--run-id", runId));
        question.addAll(arguments);
        List<RunReport.Check> checks = new ArrayList<>();
        JsonNode answer = jar.verify(question, new StepProgress(people, "verify"));
        for (JsonNode check : answer.path("checks")) {
            checks.add(
                    new RunReport.Check(
                            check.path("name").asText(),
                            check.path("passed").asBoolean(),
                            check.path("detail").asText()));
        }
        ReportWriter.writeSheets(installation.reports(), runId, answer.path("sheets"));
        return checks;
    }

    /**
     * What came of an undo.
     *
     * @param undoRun the run that undid it; empty when it had been undone before
     */
    public record Undone(String undoRun, JsonNode outcome) {
        public boolean conflicting() {
            return outcome.path("conflicting").asLong() > 0;
        }
    }

    /**
     * Brings the stores back to what they were before a run. The undo is a run of its own and holds
     * the target meanwhile; repeated, it goes on where it stopped.
     *
     * @param keyValues settings over those of the run
     */
    public Undone undo(String runId, RunLedger ledger, List<String> keyValues) {
        RunRecord run =
                ledger.find(runId)
                        .orElseThrow(
                                () ->
                                        AimaException.usage(
                                                "there is no run " + runId + "; see: aima status"));
        if (run.state() == RunState.UNDONE) {
            people.println("run " + runId + " is undone already");
            return new Undone("", MissingNode.getInstance());
        }
        if (!run.state().ended() || run.state() == RunState.PLANNED) {
            throw AimaException.refused(
                    "run "
                            + runId
                            + " is "
                            + run.state().name().toLowerCase(Locale.ROOT)
                            + "; only a run that ended and wrote can be undone");
        }
        FlinkRest flink = new FlinkRest(installation.flinkRest());
        String undoRun = runId + "-undo";
        Lease lease =
                ledger.begin(
                        new RunLedger.RunRequest(
                                undoRun,
                                run.job(),
                                "undo",
                                String.valueOf(run.document().get("target")),
                                holder(),
                                false,
                                String.valueOf(run.document().get("code_version")),
                                ledgerConfiguration(run)),
                        RunLedger.LEASE,
                        other -> isActive(flink, other));
        ledger.audit(undoRun, "intent", Map.of("undo", runId, "fence", lease.fence()));
        people.println("undoing run " + runId + ": reading what it replaced");
        List<String> question = new ArrayList<>();
        question.addAll(List.of("--run-id", runId, "--fence", Long.toString(lease.fence())));
        question.addAll(arguments(run));
        question.addAll(keyValues);
        JsonNode outcome;
        try {
            outcome =
                    whileRenewing(
                            ledger,
                            lease,
                            () -> new JobJar(installation, run.job()).undo(question));
        } catch (RuntimeException e) {
            ledger.finish(lease, RunState.FAILED, Map.of("error", String.valueOf(e.getMessage())));
            throw e;
        }
        Undone undone = new Undone(undoRun, outcome);
        if (!undone.conflicting()) {
            ledger.undone(lease, runId);
        }
        RunState state = undone.conflicting() ? RunState.REFUSED : RunState.SUCCEEDED;
        ledger.finish(lease, state, Map.of("outcome", outcome.toString()));
        ledger.audit(
                undoRun,
                "result",
                Map.of(
                        "state",
                        state.name().toLowerCase(Locale.ROOT),
                        "outcome",
                        outcome.toString()));
        return undone;
    }

    private static <T> T whileRenewing(RunLedger ledger, Lease lease, Supplier<T> work) {
        CompletableFuture<T> answer = CompletableFuture.supplyAsync(work);
        while (true) {
            try {
                return answer.get(RENEW_MILLIS, TimeUnit.MILLISECONDS);
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

    private JobDetail watch(RunLedger ledger, Lease lease, FlinkRest flink, String flinkJob) {
        Thread onInterrupt =
                new Thread(
                        () -> {
                            people.println(
                                    "\ninterrupted; the run goes on: aima resume " + lease.runId());
                            Runtime.getRuntime().halt(ExitCode.INTERRUPTED.code());
                        });
        Runtime.getRuntime().addShutdownHook(onInterrupt);
        long renewedAt = System.currentTimeMillis();
        try (RunProgress progress = new RunProgress(people, terminal)) {
            while (true) {
                JobDetail detail =
                        patiently(() -> flink.job(flinkJob))
                                .orElseThrow(
                                        () ->
                                                AimaException.failed(
                                                        "the cluster no longer knows Flink job "
                                                                + flinkJob
                                                                + "; go on with: aima resume "
                                                                + lease.runId(),
                                                        null));
                progress.show(detail);
                if (!detail.active()) {
                    return detail;
                }
                if (System.currentTimeMillis() - renewedAt > RENEW_MILLIS) {
                    ledger.renew(lease, RunLedger.LEASE);
                    renewedAt = System.currentTimeMillis();
                }
                Thread.sleep(POLL_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AimaException(ExitCode.INTERRUPTED, "interrupted", e);
        } finally {
            Runtime.getRuntime().removeShutdownHook(onInterrupt);
        }
    }

    // The JobManager may be busy for a moment; a run is not given up for one missed answer.
    private static <T> T patiently(Supplier<T> question) throws InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                return question.get();
            } catch (AimaException e) {
                if (attempt >= REST_ATTEMPTS) {
                    throw e;
                }
                Thread.sleep(REST_PAUSE_MILLIS);
            }
        }
    }

    /** The job of the graph that a run is at, when the cluster works on it or has finished it. */
    private static Optional<String> activeJob(FlinkRest flink, RunRecord run) {
        Optional<RunPhase> at =
                RunPhases.of(run.document()).stream()
                        .filter(p -> !RunPhases.done(run.document(), p.name()))
                        .findFirst();
        if (at.isEmpty() || at.get().kind() != RunPhase.Kind.GRAPH) {
            return Optional.empty();
        }
        String name = RunIds.flinkJobName(run.job(), run.action(), at.get().name(), run.runId());
        return flink.newestNamed(name)
                .map(JobOverview::id)
                .filter(
                        id ->
                                flink.job(id)
                                        .map(detail -> detail.active() || detail.finished())
                                        .orElse(false));
    }

    private static boolean isActive(FlinkRest flink, RunRecord run) {
        return flink.jobs().stream()
                .anyMatch(
                        j ->
                                j.active()
                                        && (j.id().equals(run.flinkJobId())
                                                || RunIds.isJobOf(
                                                        j.name(), run.job(), run.runId())));
    }

    private static List<RunPhase> phases(JsonNode check) {
        List<RunPhase> phases = new ArrayList<>();
        for (JsonNode phase : check.path("phases")) {
            phases.add(
                    new RunPhase(
                            phase.path("name").asText(),
                            RunPhase.Kind.valueOf(phase.path("kind").asText())));
        }
        return phases;
    }

    private RunReport report(
            RunRecord run, @Nullable JobDetail detail, List<RunReport.Check> checks) {
        Map<String, Object> figures = RunSummary.figures(run.document());
        Map<String, Long> counters = RunSummary.counters(figures);
        List<RunReport.Timing> timings = new ArrayList<>(phaseTimings(run.document()));
        timings.addAll(timings(detail));
        double seconds = detail == null ? 0 : detail.durationMillis() / 1_000.0;
        Map<String, Double> rates = new TreeMap<>();
        if (seconds > 0) {
            rates.put(
                    "rows_per_second",
                    Math.round(counters.getOrDefault("read", 0L) / seconds * 10) / 10.0);
        }
        Map<String, String> quality = new TreeMap<>();
        figures.forEach(
                (name, value) -> {
                    if (value instanceof String text) {
                        quality.put(name, text);
                    }
                });
        Object error = run.document().get("error");
        if (error != null) {
            quality.put("error", error.toString());
        }
        return new RunReport(
                run.job(),
                run.action(),
                run.runId(),
                String.valueOf(run.document().get("state")),
                instant(run, "started_at"),
                instant(run, "ended_at"),
                counters,
                timings,
                rates,
                quality,
                checks,
                Distributions.of(figures),
                reportSettings(run),
                run.flinkJobId(),
                String.valueOf(run.document().get("code_version")));
    }

    /** One line a phase, for courses that have more than a graph and its read-back. */
    private static List<RunReport.Timing> phaseTimings(Map<String, Object> document) {
        List<RunPhase> course = RunPhases.of(document);
        if (isPlain(course)) {
            return List.of();
        }
        List<RunReport.Timing> timings = new ArrayList<>();
        long first = 0;
        for (RunPhase phase : course) {
            long[] times = RunPhases.times(document, phase.name());
            first = first == 0 ? times[0] : first;
            if (times[0] > 0) {
                timings.add(
                        new RunReport.Timing(
                                "phase " + phase.name(),
                                times[0] - first,
                                Math.max(0, times[1] - times[0]),
                                0,
                                0));
            }
        }
        return timings;
    }

    private static List<RunReport.Timing> timings(@Nullable JobDetail detail) {
        if (detail == null) {
            return List.of();
        }
        long first =
                detail.stages().stream()
                        .mapToLong(FlinkRest.Stage::startMillis)
                        .filter(s -> s > 0)
                        .min()
                        .orElse(0);
        return detail.stages().stream()
                .map(
                        s ->
                                new RunReport.Timing(
                                        RunProgress.shortName(s.name()),
                                        s.startMillis() > 0 ? s.startMillis() - first : 0,
                                        Math.max(0, s.durationMillis()),
                                        s.recordsIn(),
                                        s.recordsOut()))
                .toList();
    }

    private static List<RunReport.Check> verification(RunRecord run) {
        List<RunReport.Check> checks = new ArrayList<>();
        if (run.document().get("verification") instanceof List<?> rows) {
            for (Object row : rows) {
                if (row instanceof Document check) {
                    checks.add(
                            new RunReport.Check(
                                    check.getString("name"),
                                    Boolean.TRUE.equals(check.getBoolean("passed")),
                                    check.getString("detail")));
                }
            }
        }
        return checks;
    }

    private static List<Map<String, String>> reportSettings(RunRecord run) {
        List<Map<String, String>> settings = new ArrayList<>();
        if (run.document().get("settings") instanceof List<?> rows) {
            for (Object row : rows) {
                if (row instanceof Document setting) {
                    settings.add(
                            Map.of(
                                    "key",
                                    setting.getString("key"),
                                    "value",
                                    setting.getString("value"),
                                    "origin",
                                    setting.getString("origin")));
                }
            }
        }
        return settings;
    }

    private static List<Document> settings(JsonNode check) {
        List<Document> settings = new ArrayList<>();
        for (JsonNode setting : check.path("settings")) {
            settings.add(
                    new Document("key", setting.path("key").asText())
                            .append("value", setting.path("value").asText())
                            .append("origin", setting.path("origin").asText()));
        }
        return settings;
    }

    private static Map<String, String> configuration(JsonNode check) {
        Map<String, String> configuration = new TreeMap<>();
        for (JsonNode setting : check.path("settings")) {
            configuration.put(setting.path("key").asText(), setting.path("value").asText());
        }
        return configuration;
    }

    private static Map<String, String> ledgerConfiguration(RunRecord run) {
        Map<String, String> configuration = new TreeMap<>();
        if (run.document().get("config") instanceof List<?> rows) {
            for (Object row : rows) {
                if (row instanceof Document entry) {
                    configuration.put(entry.getString("key"), entry.getString("value"));
                }
            }
        }
        return configuration;
    }

    private static List<String> arguments(RunRecord run) {
        return run.document().get("arguments") instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : List.of();
    }

    /** The ledger that the job's own configuration points to. */
    private static RunLedger ledger(JsonNode check) {
        Map<String, String> configuration = configuration(check);
        return new MongoRunLedger(
                new MongoAddress(
                        new SecretReference(configuration.getOrDefault("mongo.uri", "")),
                        configuration.getOrDefault("mongo.database", "")));
    }

    private static String instant(RunRecord run, String field) {
        return run.document().get(field) instanceof java.util.Date date
                ? date.toInstant().toString()
                : "";
    }

    /** The causes of a stack trace without its frames. */
    static String causes(String stackTrace) {
        return String.join(
                "\n",
                stackTrace
                        .lines()
                        .filter(l -> !l.startsWith("\t") && !l.isBlank())
                        .distinct()
                        .limit(MAX_CAUSES)
                        .toList());
    }

    /** Who works here, for the lease. */
    public static String holder() {
        String host;
        try {
            host = InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            host = "localhost";
        }
        return System.getProperty("user.name", "unknown")
                + "@"
                + host
                + " pid "
                + ProcessHandle.current().pid();
    }
}
