package org.aima.operate.stream;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.ExitCode;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.jobs.pipeline.RunLedger.Lease;
import org.aima.jobs.pipeline.RunLedger.RunRecord;
import org.aima.jobs.pipeline.RunLedger.RunRequest;
import org.aima.jobs.pipeline.RunLedger.RunState;
import org.aima.operate.Installation;
import org.aima.operate.flink.FlinkStreams;
import org.aima.operate.flink.JarJudge;
import org.aima.operate.flink.JobJar;
import org.aima.operate.stream.StreamCluster.Answer;
import org.aima.operate.stream.StreamRecord.SavepointEntry;
import org.aima.operate.stream.StreamVersion.State;

/** Starts, takes up, upgrades, rolls back and saves streams. */
public final class StreamCourse {
    private static final long POLL_MILLIS = 500;
    private static final int LOOK_BACK = 200;

    private final Installation installation;
    private final PrintStream people;
    private final Pace pace;
    private final String holder;
    private final FlinkStreams streams;
    private final KeptFiles kept;

    public StreamCourse(Installation installation, PrintStream people, Pace pace, String holder) {
        this.installation = installation;
        this.people = people;
        this.pace = pace;
        this.holder = holder;
        this.streams = new FlinkStreams(installation);
        this.kept = new KeptFiles(installation.jars());
    }

    /**
     * Starts a stream as a new run.
     *
     * @param check the job's answer to the question whether its configuration is right
     * @param fromSavepoint empty to begin without state, which has to be allowed
     * @throws AimaException refused, when the state does not fit or none is given
     */
    public void start(
            RunLedger ledger,
            RunRequest request,
            JobJar jar,
            JsonNode check,
            List<String> arguments,
            String fromSavepoint,
            boolean allowEmptyState,
            boolean detach) {
        if (fromSavepoint.isEmpty() && !allowEmptyState) {
            throw AimaException.refused(noState(ledger, request));
        }
        JsonNode operators;
        if (fromSavepoint.isEmpty()) {
            operators = jar.operators(arguments);
        } else {
            SavepointJudge.Verdict verdict =
                    JarJudge.judge(jar, fromSavepoint, Set.of(), arguments);
            refuseIncompatible(verdict, fromSavepoint);
            operators = JarJudge.document(verdict);
        }
        StreamVersion version =
                version(jar, check, arguments, operators)
                        .numbered(1, 0)
                        .startedAs(FlinkStreams.newId(), fromSavepoint);
        Lease lease = ledger.begin(request, RunLedger.LEASE, run -> isActive(run));
        Map<String, Object> fields = new LinkedHashMap<>(StreamRecord.current(1));
        fields.putAll(StreamRecord.fields(version));
        fields.putAll(StreamRecord.change("", 0));
        fields.put("arguments", version.arguments());
        fields.put("flink_job_id", version.flinkJob());
        ledger.record(lease, fields);
        people.println("run " + request.runId());
        ledger.audit(
                request.runId(),
                "intent",
                Map.of("target", lease.target(), "fence", lease.fence()));
        submitAndWatch(ledger, lease, version, fromSavepoint, detach);
    }

    private String noState(RunLedger ledger, RunRequest request) {
        String remedy =
                ledger.latest(LOOK_BACK).stream()
                        .filter(
                                r ->
                                        r.job().equals(request.job())
                                                && r.action().equals(request.action())
                                                && StreamRecord.isStream(r))
                        .findFirst()
                        .map(
                                r ->
                                        StreamRecord.of(r)
                                                .newestSavepoint()
                                                .map(s -> "--from-savepoint " + s.path())
                                                .orElse("aima resume " + r.runId()))
                        .orElse("--from-savepoint PATH");
        return request.job()
                + ":"
                + request.action()
                + " keeps state and was given none to start from; go on from the state it had: "
                + remedy
                + "; or give --allow-empty-state when it starts for the first time";
    }

    private static void refuseIncompatible(SavepointJudge.Verdict verdict, String savepoint) {
        if (!verdict.compatible()) {
            throw AimaException.refused(
                    "the state in "
                            + savepoint
                            + " does not fit:\n  - "
                            + String.join("\n  - ", verdict.problems()));
        }
    }

    private void submitAndWatch(
            RunLedger ledger,
            Lease lease,
            StreamVersion version,
            String savepoint,
            boolean detach) {
        try {
            streams.submit(
                    new StreamCluster.Start(
                            lease.runId(),
                            lease.fence(),
                            lease.submittedAtMillis(),
                            version,
                            savepoint,
                            false));
        } catch (AimaException e) {
            if (e.exitCode() != ExitCode.INTERRUPTED) {
                ledger.finish(
                        lease, RunState.FAILED, Map.of("error", String.valueOf(e.getMessage())));
            }
            throw e;
        }
        if (detach) {
            people.println("detached; see: aima status " + lease.runId());
            return;
        }
        Optional<String> wrong =
                new HealthWatch(streams, pace, people)
                        .await(version.flinkJob(), renewing(ledger, lease));
        if (wrong.isPresent()) {
            streams.cancel(version.flinkJob());
            ledger.finish(lease, RunState.FAILED, Map.of("error", wrong.get()));
            throw AimaException.failed(
                    "run " + lease.runId() + " did not get well: " + wrong.get(), null);
        }
        ledger.record(lease, StreamRecord.fields(version.in(State.RUNNING)));
        people.println("run " + lease.runId() + " goes on as Flink job " + version.flinkJob());
    }

    private static Runnable renewing(RunLedger ledger, Lease lease) {
        long[] renewed = {System.nanoTime()};
        return () -> {
            if (System.nanoTime() - renewed[0] > Duration.ofSeconds(10).toNanos()) {
                ledger.renew(lease, RunLedger.LEASE);
                renewed[0] = System.nanoTime();
            }
        };
    }

    private boolean isActive(RunRecord run) {
        return streams.state(run.flinkJobId()).filter(s -> !StreamCluster.ended(s)).isPresent();
    }

    /** Keeps what a version needs and describes it; it has no number yet. */
    private StreamVersion version(
            JobJar jar, JsonNode check, List<String> arguments, JsonNode graph) {
        Map<String, String> operators = new TreeMap<>();
        for (JsonNode operator : graph.path("operators")) {
            operators.put(operator.path("id").asText(), operator.path("uid").asText());
        }
        Map<String, String> settings = new TreeMap<>();
        for (JsonNode setting : check.path("settings")) {
            settings.put(setting.path("key").asText(), setting.path("value").asText());
        }
        List<String> keptArguments = new ArrayList<>(arguments);
        for (int i = 1; i < keptArguments.size(); i++) {
            if (keptArguments.get(i - 1).equals("-c")) {
                keptArguments.set(i, kept.keepSettings(Path.of(keptArguments.get(i))).toString());
            }
        }
        return new StreamVersion(
                0,
                kept.keepJar(jar.file()),
                kept.keepConfiguration(installation.conf(), check.path("job").asText()),
                keptArguments,
                check.path("codeVersion").asText(),
                settings,
                operators,
                0,
                "",
                "",
                State.STARTING);
    }

    /** Finishes a change that is under way, or sees to it that the stream runs. */
    public Optional<Change> resume(RunRecord run, RunLedger ledger, boolean detach) {
        StreamRecord stream = StreamRecord.of(run);
        if (!stream.change().isEmpty()) {
            return Optional.of(told(change(ledger).resume(run.runId()), false));
        }
        StreamVersion version = stream.running();
        Optional<String> state = streams.state(version.flinkJob());
        if (!run.state().ended() && state.filter(s -> !StreamCluster.ended(s)).isPresent()) {
            people.println("run " + run.runId() + " goes on as Flink job " + version.flinkJob());
            return Optional.empty();
        }
        String from = restorePoint(stream, version, state);
        people.println(
                "run "
                        + run.runId()
                        + " is started again "
                        + (from.isEmpty() ? "without state: it had none yet" : "from " + from));
        // The savepoint that a rollback goes back to stays the one of the upgrade.
        StreamVersion again = version.startedAs(FlinkStreams.newId(), version.restoredFrom());
        Lease lease =
                ledger.begin(
                        new RunRequest(
                                run.runId(),
                                run.job(),
                                run.action(),
                                String.valueOf(run.document().get("target")),
                                holder,
                                false,
                                version.codeVersion(),
                                version.settings()),
                        RunLedger.LEASE,
                        this::isActive);
        Map<String, Object> fields = new LinkedHashMap<>(StreamRecord.fields(again));
        fields.put("flink_job_id", again.flinkJob());
        ledger.record(lease, fields);
        submitAndWatch(ledger, lease, again, from, detach);
        return Optional.empty();
    }

    private String restorePoint(
            StreamRecord stream, StreamVersion version, Optional<String> state) {
        Optional<String> known =
                streams.lastCheckpoint(version.flinkJob())
                        .or(
                                () ->
                                        stream.newestSavepoint()
                                                .filter(s -> s.version() == stream.current())
                                                .map(SavepointEntry::path))
                        .or(() -> Optional.of(version.restoredFrom()).filter(p -> !p.isEmpty()));
        if (known.isPresent()) {
            return known.get();
        }
        if (state.isPresent()) {
            return "";
        }
        throw AimaException.refused(
                "the cluster no longer knows Flink job "
                        + version.flinkJob()
                        + " and no savepoint of it is recorded; look for chk-* below its directory of"
                        + " checkpoints and give the newest to: aima run "
                        + "JOB:ACTION --from-savepoint PATH");
    }

    /**
     * How a change ended.
     *
     * @param done whether it ended as the command wanted it
     */
    public record Change(
            String change,
            String outcome,
            int version,
            String flinkJob,
            String savepoint,
            String why,
            boolean done) {}

    private Change told(VersionChange.Outcome outcome, boolean rollbackWanted) {
        Change change =
                new Change(
                        outcome.change(),
                        outcome.outcome(),
                        outcome.version(),
                        outcome.flinkJob(),
                        outcome.path(),
                        outcome.why(),
                        outcome.exitCode(rollbackWanted) == ExitCode.DONE);
        people.println(
                outcome.outcome()
                        + ": version "
                        + outcome.version()
                        + " as Flink job "
                        + outcome.flinkJob()
                        + (outcome.why().isEmpty() ? "" : "\n  because " + outcome.why()));
        return change;
    }

    private VersionChange change(RunLedger ledger) {
        return new VersionChange(ledger, streams, new JarJudge(streams), pace, people, holder);
    }

    /**
     * Upgrades a stream: checks the new version while the old one runs, then changes.
     *
     * @param jarOrJob a jar's path, or a job's name for the jar that was built
     * @param keyValues settings over those of the running version
     */
    public Change upgrade(
            RunLedger ledger,
            RunRecord run,
            String jarOrJob,
            List<Path> files,
            List<String> keyValues,
            Set<String> drop,
            boolean fromCheckpoint) {
        StreamRecord stream = StreamRecord.of(run);
        StreamVersion running = stream.running();
        JobJar jar = jar(jarOrJob);
        List<String> arguments = overlaid(running.arguments(), files, keyValues);
        JsonNode check = jar.check(arguments);
        if (!check.path("job").asText().equals(run.job())
                || !check.path("action").asText().equals(run.action())) {
            throw AimaException.usage(
                    "run "
                            + run.runId()
                            + " is of "
                            + run.job()
                            + ":"
                            + run.action()
                            + ", the jar holds "
                            + check.path("job").asText()
                            + ":"
                            + check.path("action").asText());
        }
        if (!check.path("target").asText().equals(String.valueOf(run.document().get("target")))) {
            throw AimaException.refused(
                    "the new version would change "
                            + check.path("target").asText()
                            + " and not "
                            + run.document().get("target")
                            + ": that is another stream; start it by aima run");
        }
        people.println("checking the new version against the state of version " + running.number());
        SavepointJudge.Verdict verdict =
                JarJudge.judge(jar, stateNow(ledger, run, running), drop, arguments);
        if (torn(verdict) && active(running)) {
            // A checkpoint is Flink's to delete: it may have gone while it was read.
            verdict = JarJudge.judge(jar, savepoint(ledger, run, "check"), drop, arguments);
        }
        if (!verdict.compatible()) {
            throw AimaException.refused(
                    "the new version cannot take the state over; version "
                            + running.number()
                            + " goes on untouched:\n  - "
                            + String.join("\n  - ", named(verdict.problems(), stream)));
        }
        StreamVersion next = version(jar, check, arguments, JarJudge.document(verdict));
        return told(change(ledger).upgrade(run.runId(), next, drop, fromCheckpoint), false);
    }

    private static boolean torn(SavepointJudge.Verdict verdict) {
        return !verdict.compatible()
                && (verdict.json().equals("{}") || verdict.json().contains("\"UNREADABLE\""));
    }

    private boolean active(StreamVersion version) {
        return streams.state(version.flinkJob()).filter(s -> !StreamCluster.ended(s)).isPresent();
    }

    private static List<String> named(List<String> problems, StreamRecord stream) {
        return problems.stream()
                .map(
                        p -> {
                            String id = p.substring(0, Math.max(0, p.indexOf(':')));
                            String uid = stream.uid(id);
                            return uid.equals(id)
                                    ? p
                                    : uid + " (" + id + ")" + p.substring(id.length());
                        })
                .toList();
    }

    /** A checkpoint or savepoint to compare with; one is taken when there is none. */
    private String stateNow(RunLedger ledger, RunRecord run, StreamVersion running) {
        return streams.lastCheckpoint(running.flinkJob())
                .or(
                        () ->
                                active(running)
                                        ? Optional.of(savepoint(ledger, run, "check"))
                                        : StreamRecord.of(run)
                                                .newestSavepoint()
                                                .map(SavepointEntry::path))
                .orElseThrow(
                        () ->
                                AimaException.refused(
                                        "version "
                                                + running.number()
                                                + " of "
                                                + run.runId()
                                                + " neither runs nor left any state"));
    }

    private JobJar jar(String jarOrJob) {
        Path path = Path.of(jarOrJob);
        Path file =
                jarOrJob.endsWith(".jar") || Files.isRegularFile(path)
                        ? path.toAbsolutePath()
                        : installation.jobJar(jarOrJob);
        if (!Files.isRegularFile(file)) {
            throw AimaException.usage("there is no jar " + file);
        }
        return new JobJar(installation, file, installation.conf());
    }

    /** The running version's arguments with other settings; later ones win. */
    static List<String> overlaid(List<String> arguments, List<Path> files, List<String> keyValues) {
        List<String> options = new ArrayList<>();
        Map<String, String> settings = new LinkedHashMap<>();
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.equals("-c") || argument.equals("--action")) {
                options.addAll(List.of(argument, arguments.get(++i)));
            } else {
                settings.put(argument.replaceFirst("=.*", ""), argument);
            }
        }
        files.forEach(f -> options.addAll(List.of("-c", f.toAbsolutePath().toString())));
        keyValues.forEach(kv -> settings.put(kv.replaceFirst("=.*", ""), kv));
        options.addAll(settings.values());
        return options;
    }

    /** Goes back to the former version. */
    public Change rollback(RunLedger ledger, RunRecord run) {
        return told(change(ledger).rollback(run.runId()), true);
    }

    /** Takes a savepoint of a stream that goes on and returns its path. */
    public String savepoint(RunLedger ledger, RunRecord run, String reason) {
        return VersionChange.alone(
                ledger,
                run,
                "savepoint",
                holder,
                (change, own) -> {
                    StreamVersion running = StreamRecord.of(run).running();
                    String trigger = FlinkStreams.newId();
                    streams.savepoint(running.flinkJob(), trigger, directory(run));
                    return taken(ledger, run, own, running, trigger, reason);
                });
    }

    /** Stops a stream for good with a savepoint and returns its path. */
    public String stop(RunLedger ledger, RunRecord run) {
        return VersionChange.alone(
                ledger,
                run,
                "stop",
                holder,
                (change, own) -> {
                    StreamVersion running = StreamRecord.of(run).running();
                    String trigger = FlinkStreams.newId();
                    streams.stop(running.flinkJob(), trigger, directory(run));
                    String path = taken(ledger, run, own, running, trigger, "stop");
                    ledger.record(own, StreamRecord.fields(running.in(State.STOPPED)));
                    ledger.finish(own, RunState.SUCCEEDED, Map.of());
                    return path;
                });
    }

    private String directory(RunRecord run) {
        return streams.savepointDirectory() + "/" + run.runId();
    }

    private String taken(
            RunLedger ledger,
            RunRecord run,
            Lease own,
            StreamVersion running,
            String trigger,
            String reason) {
        Runnable renew = renewing(ledger, own);
        while (true) {
            Answer answer = streams.answer(running.flinkJob(), trigger);
            switch (answer.progress()) {
                case DONE -> {
                    StreamRecord stream = StreamRecord.of(ledger.find(run.runId()).orElseThrow());
                    ledger.record(
                            own,
                            StreamRecord.savepoints(
                                    stream.with(
                                            new SavepointEntry(
                                                    answer.path(),
                                                    Date.from(pace.clock().instant()),
                                                    running.number(),
                                                    reason))));
                    people.println("savepoint " + answer.path());
                    return answer.path();
                }
                case FAILED, UNKNOWN ->
                        throw AimaException.failed(
                                "the savepoint failed, the stream is as it was: "
                                        + answer.failure(),
                                null);
                case RUNNING -> {
                    renew.run();
                    pace.sleep(Duration.ofMillis(POLL_MILLIS));
                }
            }
        }
    }

    /** Disposes of savepoints, those that a rollback needs excepted. */
    public SavepointKeeper keeper(RunLedger ledger) {
        return new SavepointKeeper(ledger, streams, people, holder);
    }
}
