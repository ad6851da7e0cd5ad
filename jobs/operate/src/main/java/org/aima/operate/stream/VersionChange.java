package org.aima.operate.stream;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.ExitCode;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.jobs.pipeline.RunLedger.Lease;
import org.aima.jobs.pipeline.RunLedger.RunRecord;
import org.aima.jobs.pipeline.RunLedger.RunRequest;
import org.aima.jobs.pipeline.RunLedger.RunState;
import org.aima.operate.stream.StreamCluster.Answer;
import org.aima.operate.stream.StreamRecord.SavepointEntry;

/**
 * The change of a stream from one version to another, or back.
 *
 * <p>A change is a run of its own with a lease on {@code stream:RUN}, so that of two commands one
 * works; its document holds each step before the step is done, with every id that the step will
 * use. A step that is repeated therefore finds what the first attempt did: the same savepoint by
 * its trigger, the same Flink job by its id.
 */
final class VersionChange {
    private static final long POLL_MILLIS = 500;
    private static final long RENEW_MILLIS = 10_000;
    private static final String CHANGE = "change";

    private final RunLedger ledger;
    private final StreamCluster cluster;
    private final SavepointJudge judge;
    private final Pace pace;
    private final PrintStream people;
    private final String holder;

    VersionChange(
            RunLedger ledger,
            StreamCluster cluster,
            SavepointJudge judge,
            Pace pace,
            PrintStream people,
            String holder) {
        this.ledger = ledger;
        this.cluster = cluster;
        this.judge = judge;
        this.pace = pace;
        this.people = people;
        this.holder = holder;
    }

    /** Where a change stands; in the ledger before it is acted upon. */
    enum Step {
        /** The running version is being stopped with a savepoint. */
        STOPPING,
        /** It is stopped, the savepoint's path is recorded. */
        STOPPED,
        /** The new version is being started and watched. */
        STARTING,
        /** The former version is being started again and watched. */
        RETURNING,
        /** Only the ledger is left to be written. */
        DONE
    }

    /**
     * How a change ended.
     *
     * @param outcome upgraded, rolled back, kept (nothing was changed) or failed
     * @param version that is to run now
     */
    record Outcome(
            String change, String outcome, int version, String flinkJob, String path, String why) {
        ExitCode exitCode(boolean rollbackWanted) {
            return outcome.equals("upgraded") || outcome.equals("rolled back") && rollbackWanted
                    ? ExitCode.DONE
                    : ExitCode.FAILED;
        }
    }

    /**
     * Replaces the running version.
     *
     * @param proposal its number is given here
     * @param drop what of the state may be lost
     * @param fromCheckpoint take the last checkpoint instead of a savepoint: for a job that cannot
     *     take one any more
     */
    Outcome upgrade(
            String runId, StreamVersion proposal, Set<String> drop, boolean fromCheckpoint) {
        StreamRecord stream = settled(runId);
        StreamVersion next = proposal.numbered(stream.nextNumber(), stream.current());
        Map<String, Object> change = request("upgrade", stream, stream.current());
        change.put("to", next.document());
        change.put("drop", List.copyOf(drop));
        change.put("from_checkpoint", fromCheckpoint);
        return begin(stream, change);
    }

    /**
     * Goes back to the version before the running one, from the savepoint that the running one was
     * restored from; a change that is under way is turned round.
     */
    Outcome rollback(String runId) {
        StreamRecord stream = StreamRecord.of(find(runId));
        if (!stream.change().isEmpty()) {
            Outcome outcome = new Course(runId, stream.change()).turnRound();
            // It was over but for the last line in the ledger.
            return outcome.outcome().equals("upgraded") ? rollback(runId) : outcome;
        }
        StreamVersion running = stream.running();
        if (running.follows() == 0) {
            throw AimaException.refused(
                    "version "
                            + running.number()
                            + " of "
                            + runId
                            + " is the first: there is none to go back to");
        }
        stream.version(running.follows());
        Map<String, Object> change = request("rollback", stream, running.follows());
        change.put("savepoint", running.restoredFrom());
        return begin(stream, change);
    }

    /** Goes on with the change that is under way. */
    Outcome resume(String runId) {
        return new Course(runId, StreamRecord.of(find(runId)).change()).run();
    }

    /** Does something to a stream while no change can begin. */
    static <T> T alone(
            RunLedger ledger, RunRecord run, String action, String holder, Alone<T> work) {
        StreamRecord stream = StreamRecord.of(run);
        if (!stream.change().isEmpty()) {
            throw open(stream);
        }
        String id = run.runId() + "-" + action + "-" + (stream.changes() + 1);
        Lease lease = ledger.begin(request(run, id, action, holder), RunLedger.LEASE, r -> false);
        Lease own = ledger.adopt(run.runId(), holder, RunLedger.LEASE);
        ledger.record(own, StreamRecord.change("", stream.changes() + 1));
        try {
            T answer = work.with(lease, own);
            ledger.finish(lease, RunState.SUCCEEDED, Map.of());
            return answer;
        } catch (RuntimeException e) {
            ledger.finish(lease, RunState.FAILED, Map.of("error", String.valueOf(e.getMessage())));
            throw e;
        }
    }

    /** Work on a stream under the lease of its changes and the stream's own. */
    @FunctionalInterface
    interface Alone<T> {
        T with(Lease change, Lease stream);
    }

    private StreamRecord settled(String runId) {
        StreamRecord stream = StreamRecord.of(find(runId));
        if (!stream.change().isEmpty()) {
            throw open(stream);
        }
        return stream;
    }

    private static AimaException open(StreamRecord stream) {
        return AimaException.refused(
                "change "
                        + stream.change()
                        + " is not finished; finish it by aima resume "
                        + stream.runId()
                        + ", or turn it round by aima rollback "
                        + stream.runId());
    }

    private static Map<String, Object> request(String kind, StreamRecord stream, int back) {
        Map<String, Object> change = new LinkedHashMap<>();
        change.put("kind", kind);
        change.put("from", stream.current());
        change.put("back", back);
        change.put("step", Step.STOPPING.name());
        change.put("trigger", id());
        change.put("attempts", 0);
        return change;
    }

    private Outcome begin(StreamRecord stream, Map<String, Object> change) {
        freeLast(stream);
        int number = stream.changes() + 1;
        String id = stream.runId() + "-" + change.get("kind") + "-" + number;
        RunRecord run = find(stream.runId());
        Lease lease =
                ledger.begin(
                        request(run, id, String.valueOf(change.get("kind")), holder),
                        RunLedger.LEASE,
                        r -> false);
        // Between the look and the lease another change may have begun and ended.
        if (StreamRecord.of(find(stream.runId())).changes() != stream.changes()) {
            ledger.finish(lease, RunState.REFUSED, Map.of("error", "another change came first"));
            throw AimaException.refused(
                    "another change of " + stream.runId() + " came first; see: aima status");
        }
        ledger.record(lease, Map.of(CHANGE, change));
        Lease own = takeStream(run);
        ledger.record(own, StreamRecord.change(id, number));
        ledger.audit(
                id,
                "intent",
                Map.of("kind", change.get("kind"), "of", stream.runId(), "fence", lease.fence()));
        return new Course(stream.runId(), id, lease, own).go();
    }

    // A change that was killed after its last but one write holds the lease and has nothing to do.
    private void freeLast(StreamRecord stream) {
        Optional<RunRecord> last =
                stream.last().isEmpty() ? Optional.empty() : ledger.find(stream.last());
        if (last.isEmpty() || last.get().state().ended()) {
            return;
        }
        Map<?, ?> change = Fields.map(last.get().document(), CHANGE);
        if (Fields.text(change, "step").equals(Step.DONE.name())) {
            Lease lease =
                    ledger.begin(
                            request(
                                    find(stream.runId()),
                                    stream.last(),
                                    last.get().action(),
                                    holder),
                            RunLedger.LEASE,
                            r -> false);
            finish(lease, change);
        }
    }

    private void finish(Lease lease, Map<?, ?> change) {
        String outcome = Fields.text(change, "outcome");
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("outcome", outcome);
        if (!Fields.text(change, "reason").isEmpty()) {
            result.put("error", Fields.text(change, "reason"));
        }
        ledger.finish(lease, wanted(change) ? RunState.SUCCEEDED : RunState.FAILED, result);
    }

    private static boolean wanted(Map<?, ?> change) {
        String outcome = Fields.text(change, "outcome");
        return outcome.equals("upgraded")
                || outcome.equals("rolled back")
                        && (Fields.text(change, "kind").equals("rollback")
                                || Fields.yes(change, "turned_round"));
    }

    private static RunRequest request(RunRecord run, String id, String action, String holder) {
        return new RunRequest(
                id,
                run.job(),
                action,
                "stream:" + run.runId(),
                holder,
                false,
                String.valueOf(run.document().get("code_version")),
                Map.of());
    }

    // The fence stays while its job may be writing; a run that ended has to be begun again.
    private Lease takeStream(RunRecord run) {
        return run.state().ended()
                ? ledger.begin(
                        streamRequest(run, StreamRecord.of(run).running()),
                        RunLedger.LEASE,
                        r -> false)
                : ledger.adopt(run.runId(), holder, RunLedger.LEASE);
    }

    private RunRequest streamRequest(RunRecord run, StreamVersion version) {
        return new RunRequest(
                run.runId(),
                run.job(),
                run.action(),
                String.valueOf(run.document().get("target")),
                holder,
                false,
                version.codeVersion(),
                version.settings());
    }

    private RunRecord find(String runId) {
        return ledger.find(runId)
                .orElseThrow(
                        () ->
                                AimaException.usage(
                                        "there is no run " + runId + "; see: aima status"));
    }

    private static String id() {
        return UUID.randomUUID().toString().replace("-", "");
    }

    /** One change under its lease. */
    private final class Course {
        private final String runId;
        private final String id;
        private final Lease lease;
        private Lease own;
        private long renewedAt = System.nanoTime();

        Course(String runId, String id, Lease lease, Lease own) {
            this.runId = runId;
            this.id = id;
            this.lease = lease;
            this.own = own;
        }

        /** Takes the leases of a change that another process left. */
        Course(String runId, String id) {
            this.runId = runId;
            this.id = id;
            RunRecord run = find(runId);
            this.lease =
                    ledger.begin(
                            request(run, id, find(id).action(), holder),
                            RunLedger.LEASE,
                            r -> false);
            this.own = takeStream(run);
        }

        Outcome run() {
            people.println(
                    "change " + id + " is taken up at " + step().name().toLowerCase(Locale.ROOT));
            return go();
        }

        Outcome turnRound() {
            if (step() != Step.DONE && !change("kind").equals("rollback")) {
                note(Map.of("turned_round", true, "reason", "rolled back by command"));
            }
            return run();
        }

        Outcome go() {
            while (true) {
                switch (step()) {
                    case STOPPING -> stopping();
                    case STOPPED -> stopped();
                    case STARTING -> starting();
                    case RETURNING -> returning();
                    case DONE -> {
                        return done();
                    }
                }
            }
        }

        private void stopping() {
            StreamVersion from = stream().running();
            String old = from.flinkJob();
            String directory = cluster.savepointDirectory() + "/" + runId;
            people.println(
                    "stopping version " + from.number() + " with a savepoint below " + directory);
            boolean rollback = change("kind").equals("rollback");
            Optional<String> state = cluster.state(old);
            boolean active = state.isPresent() && !StreamCluster.ended(state.get());
            String path;
            if (flag("from_checkpoint")) {
                cluster.cancel(old);
                path = restorePoint(old);
            } else if (active || state.filter("FINISHED"::equals).isPresent()) {
                Answer answer = stop(old, directory, active);
                if (answer.progress() == Answer.Progress.DONE) {
                    path = answer.path();
                } else if (rollback) {
                    // Its state is not needed: the savepoint to go back to is an older one.
                    cluster.cancel(old);
                    path = "";
                } else {
                    keep(old, answer.failure());
                    return;
                }
            } else {
                people.println(
                        "version "
                                + from.number()
                                + " does not run ("
                                + state.orElse("not known to the cluster")
                                + ")");
                path = rollback ? "" : restorePoint(old);
            }
            if (path.isEmpty() && !rollback) {
                keep(old, "there is neither a savepoint nor a checkpoint of it");
                return;
            }
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("step", Step.STOPPED.name());
            fields.put("taken", path);
            if (!rollback) {
                fields.put("savepoint", path);
            }
            note(fields);
        }

        private Answer stop(String old, String directory, boolean active) {
            String trigger = change("trigger");
            if (!active) {
                // It may have ended by this very savepoint before the answer was read.
                return finishedBy(old, trigger);
            }
            try {
                cluster.stop(old, trigger, directory);
            } catch (AimaException e) {
                if (e.exitCode() == ExitCode.INTERRUPTED) {
                    throw e;
                }
                return new Answer(Answer.Progress.FAILED, "", String.valueOf(e.getMessage()));
            }
            while (true) {
                renew();
                Answer answer = cluster.answer(old, trigger);
                if (answer.progress() == Answer.Progress.UNKNOWN) {
                    return finishedBy(old, trigger);
                }
                if (answer.progress() != Answer.Progress.RUNNING) {
                    return answer;
                }
                pace.sleep(Duration.ofMillis(POLL_MILLIS));
            }
        }

        private Answer finishedBy(String old, String trigger) {
            Answer answer = cluster.answer(old, trigger);
            if (answer.progress() == Answer.Progress.DONE) {
                return answer;
            }
            Optional<String> last = cluster.lastSavepoint(old);
            return last.map(path -> new Answer(Answer.Progress.DONE, path, ""))
                    .orElse(
                            new Answer(
                                    Answer.Progress.FAILED,
                                    "",
                                    "the cluster does not know what became of the savepoint"));
        }

        private String restorePoint(String old) {
            return cluster.lastCheckpoint(old)
                    .or(() -> stream().newestSavepoint().map(SavepointEntry::path))
                    .orElse("");
        }

        /** The stop did not work: the old version is left as it is. */
        private void keep(String old, String failure) {
            boolean runs = cluster.state(old).filter(s -> !StreamCluster.ended(s)).isPresent();
            note(
                    Map.of(
                            "step",
                            Step.DONE.name(),
                            "outcome",
                            "kept",
                            "reason",
                            "the savepoint failed, "
                                    + (runs
                                            ? "the old version goes on"
                                            : "and the old version does not run; take it up by aima"
                                                    + " resume "
                                                    + runId)
                                    + ": "
                                    + failure));
        }

        private void stopped() {
            StreamRecord stream = stream();
            String taken = change("taken");
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.putAll(StreamRecord.fields(stream.running().in(StreamVersion.State.STOPPED)));
            if (!taken.isEmpty()) {
                fields.putAll(
                        StreamRecord.savepoints(
                                stream.with(
                                        new SavepointEntry(
                                                taken,
                                                Date.from(pace.clock().instant()),
                                                stream.current(),
                                                id))));
            }
            ledger.record(own, fields);
            if (change("kind").equals("rollback") || flag("turned_round")) {
                people.println("stopped");
                note(Map.of("step", Step.RETURNING.name(), "flink_job_id", id()));
                return;
            }
            people.println("stopped; state is in " + taken);
            SavepointJudge.Verdict verdict = verdict(taken);
            if (verdict.compatible()) {
                note(Map.of("step", Step.STARTING.name(), "flink_job_id", id()));
            } else {
                note(
                        Map.of(
                                "step",
                                Step.RETURNING.name(),
                                "flink_job_id",
                                id(),
                                "reason",
                                "the new version cannot take the state over: "
                                        + String.join("; ", verdict.problems())));
            }
        }

        private SavepointJudge.Verdict verdict(String taken) {
            try {
                return judge.judge(to(), taken, drop());
            } catch (AimaException e) {
                if (e.exitCode() == ExitCode.INTERRUPTED) {
                    throw e;
                }
                return new SavepointJudge.Verdict(
                        false, List.of(String.valueOf(e.getMessage())), "{}");
            }
        }

        private void starting() {
            String job = change("flink_job_id");
            String savepoint = change("savepoint");
            StreamVersion to = to();
            Optional<String> wrong =
                    flag("turned_round")
                            ? Optional.of(change("reason"))
                            : startAndWatch(to.startedAs(job, savepoint), !drop().isEmpty());
            if (wrong.isEmpty()) {
                note(Map.of("step", Step.DONE.name(), "outcome", "upgraded"));
                return;
            }
            people.println("version " + to.number() + " is not well: " + wrong.get());
            note(
                    Map.of(
                            "step",
                            Step.RETURNING.name(),
                            "reason",
                            wrong.get(),
                            "failed_job",
                            job,
                            "flink_job_id",
                            id()));
        }

        private void returning() {
            String failed = change("failed_job");
            if (!failed.isEmpty()) {
                cluster.cancel(failed);
            }
            StreamVersion back = stream().version(Fields.number(fields(), "back"));
            String job = change("flink_job_id");
            people.println("going back to version " + back.number());
            Optional<String> wrong = startAndWatch(back.startedAs(job, change("savepoint")), false);
            if (wrong.isEmpty()) {
                note(Map.of("step", Step.DONE.name(), "outcome", "rolled back"));
                return;
            }
            // Open on purpose: resume tries again, with a job of its own.
            note(Map.of("failed_job", job, "flink_job_id", id()));
            throw AimaException.failed(
                    "version "
                            + back.number()
                            + " did not come back: "
                            + wrong.get()
                            + "\nits state is in "
                            + change("savepoint")
                            + "; when the cause is removed: aima resume "
                            + runId,
                    null);
        }

        private Optional<String> startAndWatch(StreamVersion version, boolean dropState) {
            String job = version.flinkJob();
            if (cluster.state(job).isEmpty()) {
                people.println("starting version " + version.number());
                try {
                    submit(version, dropState);
                } catch (AimaException e) {
                    if (e.exitCode() == ExitCode.INTERRUPTED || e.exitCode() == ExitCode.REFUSED) {
                        throw e;
                    }
                    return Optional.of(String.valueOf(e.getMessage()));
                }
            }
            return new HealthWatch(cluster, pace, people).await(job, this::renew);
        }

        private void submit(StreamVersion version, boolean dropState) {
            renewNow();
            // A new fence: whatever of the stopped version still writes is refused from now on.
            own = ledger.advance(own, streamRequest(find(runId), version), RunLedger.LEASE);
            Map<String, Object> fields = new LinkedHashMap<>(StreamRecord.fields(version));
            fields.put("flink_job_id", version.flinkJob());
            fields.put("arguments", version.arguments());
            ledger.record(own, fields);
            cluster.submit(
                    new StreamCluster.Start(
                            runId,
                            own.fence(),
                            own.submittedAtMillis(),
                            version,
                            version.restoredFrom(),
                            dropState));
        }

        private Outcome done() {
            String outcome = change("outcome");
            StreamRecord stream = stream();
            Map<String, Object> fields =
                    new LinkedHashMap<>(StreamRecord.change("", stream.changes()));
            int current = stream.current();
            if (outcome.equals("upgraded")) {
                current = to().number();
                fields.putAll(
                        StreamRecord.fields(
                                stream.version(current).in(StreamVersion.State.RUNNING)));
            } else if (outcome.equals("rolled back")) {
                current = Fields.number(fields(), "back");
                fields.putAll(
                        StreamRecord.fields(
                                stream.version(current).in(StreamVersion.State.RUNNING)));
                int left =
                        change("kind").equals("rollback")
                                ? Fields.number(fields(), "from")
                                : to().number();
                if (stream.versions().containsKey(left)) {
                    fields.putAll(
                            StreamRecord.fields(
                                    stream.version(left).in(StreamVersion.State.ROLLED_BACK)));
                }
            }
            fields.putAll(StreamRecord.current(current));
            ledger.record(own, fields);
            ledger.audit(id, "result", Map.of("outcome", outcome, "version", current));
            finish(lease, fields());
            return new Outcome(
                    id,
                    outcome,
                    current,
                    stream.version(current).flinkJob(),
                    change("savepoint"),
                    change("reason"));
        }

        private StreamRecord stream() {
            return StreamRecord.of(find(runId));
        }

        private Map<?, ?> fields() {
            return Fields.map(find(id).document(), CHANGE);
        }

        private String change(String field) {
            return Fields.text(fields(), field);
        }

        private boolean flag(String field) {
            return Fields.yes(fields(), field);
        }

        private Step step() {
            return Step.valueOf(change("step"));
        }

        private StreamVersion to() {
            return StreamVersion.of(Fields.map(fields(), "to"));
        }

        private Set<String> drop() {
            Set<String> drop = new TreeSet<>();
            for (Object name : new ArrayList<>(Fields.list(fields(), "drop"))) {
                drop.add(String.valueOf(name));
            }
            return drop;
        }

        private void note(Map<String, ?> fields) {
            Map<String, Object> named = new LinkedHashMap<>();
            fields.forEach((name, value) -> named.put(CHANGE + "." + name, value));
            ledger.record(lease, named);
        }

        private void renew() {
            if ((System.nanoTime() - renewedAt) / 1_000_000 > RENEW_MILLIS) {
                renewNow();
            }
        }

        private void renewNow() {
            ledger.renew(lease, RunLedger.LEASE);
            ledger.renew(own, RunLedger.LEASE);
            renewedAt = System.nanoTime();
        }
    }
}
