package org.aima.operate.command;

import java.util.List;
import java.util.concurrent.Callable;
import org.aima.jobs.error.ExitCode;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.jobs.pipeline.RunLedger.RunRecord;
import org.aima.operate.Installation;
import org.aima.operate.flink.JobJar;
import org.aima.operate.report.RunReport;
import org.aima.operate.run.RunCourse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code aima verify}. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = "Reads the stores back and checks that they hold what the run promised.")
public final class VerifyCommand implements Callable<Integer> {
    @Parameters(paramLabel = "RUN", description = "the run's id")
    private String runId = "";

    @Mixin private Output output = new Output();

    @Override
    public Integer call() {
        Installation installation = Installation.fromEnvironment();
        try (RunLedger ledger = LedgerAccess.open(installation)) {
            RunRecord run = LedgerAccess.run(ledger, runId);
            List<String> arguments =
                    run.document().get("arguments") instanceof List<?> list
                            ? list.stream().map(String::valueOf).toList()
                            : List.of();
            List<RunReport.Check> checks =
                    new RunCourse(installation, output.people(), output.terminal())
                            .verify(new JobJar(installation, run.job()), arguments, runId);
            checks.forEach(
                    c ->
                            output.line(
                                    "%s  %s (%s)",
                                    c.passed() ? "passed" : "FAILED", c.name(), c.detail()));
            output.document(checks);
            return checks.stream().allMatch(RunReport.Check::passed)
                    ? ExitCode.DONE.code()
                    : ExitCode.FAILED.code();
        }
    }
}
