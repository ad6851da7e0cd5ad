package org.aima.operate.command;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.aima.jobs.error.ExitCode;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.operate.Installation;
import org.aima.operate.report.RunReport;
import org.aima.operate.run.RunCourse;
import org.aima.operate.world.Evaluator;
import org.aima.operate.world.LoadReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code aima demo}; the script around it builds and starts the stack first. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = {
            "Builds, starts the stack, migrates, loads samples/, runs the jobs on the Flink cluster",
            "and prints a table of results. The repartition it shows is taken back at the end, so that",
            "the demo can be run again."
        })
public final class DemoCommand implements Callable<Integer> {
    private static final double PERCENT = 100;

    @Option(names = "--keep", description = "leave the stack running")
    private boolean keep;

    @Mixin private Output output = new Output();

    @Override
    public Integer call() {
        Installation installation = Installation.fromEnvironment();
        Path samples = installation.root().resolve("samples/demo");
        output.line("migrating");
        MigrateCommand.migrate(installation, output, Integer.MAX_VALUE, false);
        output.line("loading %s", samples);
        LoadReport load = LoadCommand.load(installation, output, samples);
        RunCourse course = new RunCourse(installation, output.people(), output.terminal());
        RunCourse.Ending ending = run(course, "person-clustering", "recluster", List.of());
        RunReport report = ending.report();
        if (report == null || ending.exitCode() != ExitCode.DONE) {
            RunCommand.show(output, ending);
            return ExitCode.FAILED.code();
        }
        Path labels = samples.resolve("labels.csv");
        Evaluator.Report faces =
                EvaluateCommand.evaluate(installation, output, "face_embeddings", labels);
        Evaluator.Report voices =
                EvaluateCommand.evaluate(installation, output, "voice_embeddings", labels);
        RunCourse.Ending repartition =
                run(
                        course,
                        "embedding-backfill",
                        "repartition",
                        List.of("source=face_embeddings", "partition-by=media-type,quarter"));
        RunReport repartitioned = repartition.report();
        if (repartitioned == null || repartition.exitCode() != ExitCode.DONE) {
            RunCommand.show(output, repartition);
            return ExitCode.FAILED.code();
        }
        output.line("taking the repartition back");
        RunCourse.Undone undone;
        try (RunLedger ledger = LedgerAccess.open(installation)) {
            undone = course.undo(repartition.runId(), ledger, List.of());
        }
        table(report, load, faces, voices);
        repartitionTable(repartitioned, undone);
        output.line("");
        output.line("report: %s", ending.html());
        output.line("report: %s", repartition.html());
        if (undone.conflicting()) {
            output.line("the repartition was not taken back: rows were changed since");
            return ExitCode.FAILED.code();
        }
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("run", report);
        document.put("load", load);
        document.put("faces", faces);
        document.put("voices", voices);
        document.put("report", String.valueOf(ending.html()));
        document.put("repartition", repartitioned);
        document.put("repartition_undo", undone.outcome());
        document.put("repartition_report", String.valueOf(repartition.html()));
        document.put("kept", keep);
        output.document(document);
        return ExitCode.DONE.code();
    }

    private RunCourse.Ending run(
            RunCourse course, String job, String action, List<String> keyValues) {
        output.line("running %s:%s", job, action);
        return course.start(
                new RunCourse.Request(job, action, "", List.of(), keyValues, false, false));
    }

    private void repartitionTable(RunReport report, RunCourse.Undone undone) {
        output.line("");
        output.line(
                "%-22s %,12d  (face_embeddings by media type and quarter, then taken back: %s)",
                "rows repartitioned",
                report.counters().getOrDefault("written", 0L),
                undone.conflicting() ? "no" : "yes");
        report.verification()
                .forEach(
                        check ->
                                output.line(
                                        "  %s %s: %s",
                                        check.passed() ? "passed" : "FAILED",
                                        check.name(),
                                        check.detail()));
    }

    private void table(
            RunReport report, LoadReport load, Evaluator.Report faces, Evaluator.Report voices) {
        Map<String, Long> counters = report.counters();
        output.line("");
        output.line("%-22s %12s %12s", "", "faces", "voices");
        output.line("%-22s %,12d %,12d", "embeddings", faces.vectors(), voices.vectors());
        output.line(
                "%-22s %,12d %,12d",
                "persons found", faces.scores().clusters(), voices.scores().clusters());
        output.line(
                "%-22s %,12d %,12d",
                "persons in the labels", faces.scores().identities(), voices.scores().identities());
        output.line(
                "%-22s %12.2f %12.2f",
                "pairwise F",
                PERCENT * faces.scores().pairwise().f(),
                PERCENT * voices.scores().pairwise().f());
        output.line(
                "%-22s %12.2f %12.2f",
                "BCubed F",
                PERCENT * faces.scores().bcubed().f(),
                PERCENT * voices.scores().bcubed().f());
        output.line("");
        output.line("%-22s %,12d", "persons", counters.getOrDefault("persons", 0L));
        output.line("%-22s %,12d", "rows read", counters.getOrDefault("read", 0L));
        output.line("%-22s %,12d", "rows written", counters.getOrDefault("written", 0L));
        output.line("%-22s %,12d", "rows unchanged", counters.getOrDefault("unchanged", 0L));
        output.line(
                "%-22s %,12d  (and %,d lines refused while loading)",
                "rows rejected", counters.getOrDefault("rejected", 0L), load.total().rejected());
    }
}
