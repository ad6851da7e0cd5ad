package org.aima.operate.command;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.ExitCode;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.operate.Installation;
import org.aima.operate.demo.ArrivingMedia;
import org.aima.operate.report.RunReport;
import org.aima.operate.run.RunCourse;
import org.aima.operate.stream.Pace;
import org.aima.operate.stream.StreamCourse;
import org.aima.operate.world.Evaluator;
import org.aima.operate.world.LoadReport;

/**
 * One day of an installation in small: load, recluster, new media through the streams, an upgrade,
 * a repartition, archive and rebuild; each step leaves one line.
 *
 * <p>What would stand in the way of the next demo is taken back: streams are stopped, the name of
 * the collection leads to the old one again, archived results are restored.
 */
final class DemoCourse {
    private static final double PERCENT = 100;
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Duration DEADLINE = Duration.ofSeconds(180);
    private static final Duration SETTLE = Duration.ofSeconds(5);
    private static final int RESTARTS = 3;
    private static final String CLUSTERING = "person-clustering";
    private static final String DOSSIERS = "dossier-aggregation";
    private static final String ARCHIVAL = "archival-compaction";
    private static final String FACES = "face_embeddings";
    private static final String CUTOFF = "cutoff=2026-01-01T00:00:00Z";

    private final Installation installation;
    private final Output output;
    private final RunCourse course;
    // Nothing flows but what the demo brings.
    private final Pace pace = Pace.real(DEADLINE, SETTLE, RESTARTS, true);
    private final List<String> streams = new ArrayList<>();
    private final List<Line> lines = new ArrayList<>();
    private final Map<String, Object> document = new LinkedHashMap<>();

    /** What a step came to, and where its report is. */
    private record Line(String step, String result, String report) {}

    DemoCourse(Installation installation, Output output) {
        this.installation = installation;
        this.output = output;
        this.course = new RunCourse(installation, output.people(), output.terminal());
    }

    /**
     * Runs all steps.
     *
     * @return for machines: reports and results by step
     * @throws AimaException when a step fails; streams are stopped all the same
     */
    Map<String, Object> run() {
        Path samples = installation.root().resolve("samples/demo");
        output.line("migrating");
        MigrateCommand.migrate(installation, output, Integer.MAX_VALUE, false);
        output.line("loading %s", samples);
        LoadReport load = LoadCommand.load(installation, output, samples);
        document.put("load", load);
        line(
                "load",
                "%,d lines, %,d of them bad on purpose"
                        .formatted(load.total().read(), load.total().rejected()),
                "");
        recluster(samples);
        RunReport built = batch(DOSSIERS, "rebuild", "first_rebuild", List.of());
        line(
                "rebuild",
                "%,d dossiers, %,d written"
                        .formatted(count(built, "read"), count(built, "written")),
                built);
        try {
            streams();
        } finally {
            stopStreams();
        }
        repartition();
        archive();
        return document;
    }

    private void recluster(Path samples) {
        RunReport report = batch(CLUSTERING, "recluster", "run", List.of());
        Path labels = samples.resolve("labels.csv");
        Evaluator.Report faces = EvaluateCommand.evaluate(installation, output, FACES, labels);
        Evaluator.Report voices =
                EvaluateCommand.evaluate(installation, output, "voice_embeddings", labels);
        document.put("faces", faces);
        document.put("voices", voices);
        line(
                "recluster",
                "%,d persons of %,d faces (F %.2f, %,d in the labels) and %,d voices (F %.2f, %,d)"
                                .formatted(
                                        count(report, "persons"),
                                        faces.vectors(),
                                        PERCENT * faces.scores().pairwise().f(),
                                        faces.scores().identities(),
                                        voices.vectors(),
                                        PERCENT * voices.scores().pairwise().f(),
                                        voices.scores().identities())
                        + "; %,d rows bad".formatted(count(report, "rejected")),
                report);
    }

    private void streams() {
        Path samples = installation.root().resolve("samples/arriving");
        try (ArrivingMedia arriving = new ArrivingMedia(installation.stores(), samples)) {
            arriving.createTopics();
            stream(DOSSIERS, "refresh", true, List.of("parallelism=1", "refresh.quiet=1s"));
            String assign =
                    stream(
                            CLUSTERING,
                            "assign",
                            false,
                            List.of("parallelism=1", "undecided.settle=2s", "persons.refresh=5s"));
            assign(arriving, samples);
            upgrade(assign);
        }
    }

    private String stream(String job, String action, boolean detach, List<String> keyValues) {
        output.line("starting %s:%s", job, action);
        String runId =
                course.start(
                                new RunCourse.Request(
                                        job,
                                        action,
                                        "",
                                        List.of(),
                                        keyValues,
                                        false,
                                        detach,
                                        new RunCourse.StreamStart("", "", true, pace)))
                        .runId();
        streams.add(runId);
        return runId;
    }

    private void assign(ArrivingMedia arriving, Path samples) {
        output.line("bringing new media");
        LoadCommand.load(installation, output, samples);
        Set<String> known = new HashSet<>(arriving.knownPersons());
        String dossier = arriving.addToDossier();
        Optional<ArrivingMedia.Aggregation> before = arriving.aggregation(dossier);
        arriving.announce(dossier);
        Map<String, String> persons = new TreeMap<>();
        await(
                "every new face has a person",
                () -> {
                    persons.putAll(arriving.persons());
                    return persons.values().stream().noneMatch(String::isEmpty);
                });
        await("the dossier follows", () -> !arriving.aggregation(dossier).equals(before));
        Evaluator.Report faces =
                EvaluateCommand.evaluate(
                        installation, output, FACES, samples.resolve("labels.csv"));
        Set<String> fresh = new TreeSet<>(persons.values());
        fresh.removeAll(known);
        document.put("assigned", persons);
        document.put("arriving_faces", faces);
        line(
                "assign (stream)",
                "%,d faces of %,d new media joined %,d persons, %,d of them new (F %.2f)"
                        .formatted(
                                persons.size(),
                                arriving.media(),
                                new HashSet<>(persons.values()).size(),
                                fresh.size(),
                                PERCENT * faces.scores().pairwise().f()),
                "");
        ArrivingMedia.Aggregation now = arriving.aggregation(dossier).orElseThrow();
        document.put("refreshed_dossier", dossier);
        line(
                "refresh (stream)",
                "dossier %s follows: version %,d, persons %,d to %,d"
                        .formatted(
                                dossier,
                                now.version(),
                                before.map(ArrivingMedia.Aggregation::persons).orElse(0),
                                now.persons()),
                "");
    }

    private void upgrade(String runId) {
        output.line("upgrading %s to two tasks", runId);
        try (RunLedger ledger = LedgerAccess.open(installation)) {
            StreamCourse.Change change =
                    new StreamCourse(installation, output.people(), pace, RunCourse.holder())
                            .upgrade(
                                    ledger,
                                    LedgerAccess.run(ledger, runId),
                                    CLUSTERING,
                                    List.of(),
                                    List.of("parallelism=2"),
                                    Set.of(),
                                    false);
            document.put("upgrade", change);
            if (!change.done()) {
                throw AimaException.failed("the upgrade ended as " + change.outcome(), null);
            }
            line(
                    "upgrade",
                    "assign goes on as version %d on two tasks, from its savepoint"
                            .formatted(change.version()),
                    "");
        }
    }

    private void stopStreams() {
        try (RunLedger ledger = LedgerAccess.open(installation)) {
            for (String runId : streams) {
                output.line("stopping %s", runId);
                new StreamCourse(installation, output.people(), pace, RunCourse.holder())
                        .stop(ledger, LedgerAccess.run(ledger, runId));
            }
        }
    }

    private void repartition() {
        RunReport report =
                batch(
                        "embedding-backfill",
                        "repartition",
                        "repartition",
                        List.of("source=" + FACES, "partition-by=media-type,quarter"));
        output.line("taking the repartition back");
        RunCourse.Undone undone;
        try (RunLedger ledger = LedgerAccess.open(installation)) {
            undone = course.undo(report.run_id(), ledger, List.of());
        }
        document.put("repartition_undo", undone.outcome());
        if (undone.conflicting()) {
            throw AimaException.failed(
                    "the repartition was not taken back: rows were changed since", null);
        }
        line(
                "repartition",
                "%,d rows by media type and quarter, %d checks passed; taken back"
                        .formatted(
                                count(report, "written"),
                                report.verification().stream()
                                        .filter(RunReport.Check::passed)
                                        .count()),
                report);
    }

    private void archive() {
        RunReport archived = batch(ARCHIVAL, "archive", "archive", List.of(CUTOFF));
        line(
                "archive",
                "%,d results before 2026 in Parquet, read back, then deleted"
                        .formatted(count(archived, "written")),
                archived);
        RunReport rebuilt = batch(DOSSIERS, "rebuild", "rebuild", List.of());
        line(
                "rebuild",
                "%,d dossiers from live and archived results, %,d changed"
                        .formatted(count(rebuilt, "read"), count(rebuilt, "written")),
                rebuilt);
        RunReport restored =
                batch(ARCHIVAL, "restore", "restore", List.of("all=true", "restore.hold=0s"));
        line("restore", "%,d results".formatted(count(restored, "written")), restored);
    }

    private RunReport batch(String job, String action, String name, List<String> keyValues) {
        output.line("running %s:%s", job, action);
        RunCourse.Ending ending =
                course.start(
                        new RunCourse.Request(job, action, "", List.of(), keyValues, false, false));
        RunReport report = ending.report();
        if (report == null || ending.exitCode() != ExitCode.DONE) {
            RunCommand.tell(output, ending);
            throw AimaException.failed(job + ":" + action + " did not succeed", null);
        }
        document.put(name, report);
        document.put(
                name.equals("run") ? "report" : name + "_report", String.valueOf(ending.html()));
        return report;
    }

    private static long count(RunReport report, String counter) {
        return report.counters().getOrDefault(counter, 0L);
    }

    private void line(String step, String result, RunReport report) {
        line(
                step,
                result,
                installation.reports().resolve(report.run_id()).resolve("report.html").toString());
    }

    private void line(String step, String result, String report) {
        lines.add(new Line(step, result, report));
    }

    private static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw AimaException.failed(
                        "waited " + PATIENCE.toSeconds() + " s in vain until " + what, null);
            }
            try {
                Thread.sleep(500);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw AimaException.failed("interrupted", e);
            }
        }
    }

    /** A line a step, and below where the reports are. */
    void table() {
        output.line("");
        for (Line line : lines) {
            output.line("%-17s %s", line.step(), line.result());
        }
        output.line("");
        for (Line line : lines) {
            if (!line.report().isEmpty()) {
                output.line("report: %-17s %s", line.step(), line.report());
            }
        }
    }
}
