package org.aima.operate.command;

import java.util.Map;
import java.util.concurrent.Callable;
import org.aima.operate.Installation;
import org.aima.operate.report.RunReport;
import org.aima.operate.run.RunCourse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code aima run}. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = "Runs a job on the Flink cluster, follows it, verifies and reports.")
public final class RunCommand implements Callable<Integer> {
    @Mixin private RunArguments arguments = new RunArguments();

    @Option(names = "--detach", description = "return after submission; see aima resume")
    private boolean detach;

    @Option(
            names = "--jar",
            defaultValue = "",
            paramLabel = "FILE",
            description = "endless jobs: another jar than the one that was built")
    private String jar = "";

    @Option(
            names = "--from-savepoint",
            defaultValue = "",
            paramLabel = "PATH",
            description = "endless jobs: the savepoint or checkpoint to start from")
    private String fromSavepoint = "";

    @Option(
            names = "--allow-empty-state",
            description = "endless jobs: start without the state of an earlier version")
    private boolean allowEmptyState;

    @Mixin private PaceArguments pace = new PaceArguments();

    @Mixin private Output output = new Output();

    @Override
    public Integer call() {
        RunCourse.Ending ending =
                new RunCourse(Installation.fromEnvironment(), output.people(), output.terminal())
                        .start(
                                arguments.request(
                                        false,
                                        detach,
                                        new RunCourse.StreamStart(
                                                jar, fromSavepoint, allowEmptyState, pace.pace())));
        show(output, ending);
        return ending.exitCode().code();
    }

    static void show(Output output, RunCourse.Ending ending) {
        tell(output, ending);
        output.document(
                ending.report() == null
                        ? Map.of("run_id", ending.runId(), "state", "running")
                        : ending.report());
    }

    /** Tells people how a run ended. */
    static void tell(Output output, RunCourse.Ending ending) {
        RunReport report = ending.report();
        if (report == null) {
            return;
        }
        output.line("");
        output.line("%s %s", report.run_id(), report.state());
        report.counters()
                .forEach(
                        (name, value) -> {
                            // Bins of a chart; the report draws them.
                            if (!name.contains("|")) {
                                output.line("  %-28s %,12d", name, value);
                            }
                        });
        report.verification()
                .forEach(
                        c ->
                                output.line(
                                        "  %s  %s (%s)",
                                        c.passed() ? "passed" : "FAILED", c.name(), c.detail()));
        if (report.quality().containsKey("error")) {
            output.line("  error: %s", report.quality().get("error"));
        }
        output.line("report: %s", ending.html());
    }
}
