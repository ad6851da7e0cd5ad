package org.aima.operate.command;

import java.util.concurrent.Callable;
import org.aima.jobs.error.ExitCode;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.operate.Installation;
import org.aima.operate.run.RunCourse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code aima report}. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description = "Writes the report of a run anew from the ledger and shows where it is.")
public final class ReportCommand implements Callable<Integer> {
    @Parameters(paramLabel = "RUN", description = "the run's id")
    private String runId = "";

    @Mixin private Output output = new Output();

    @Override
    public Integer call() {
        Installation installation = Installation.fromEnvironment();
        try (RunLedger ledger = LedgerAccess.open(installation)) {
            RunCourse.Ending ending =
                    new RunCourse(installation, output.people(), output.terminal())
                            .finished(LedgerAccess.run(ledger, runId));
            RunCommand.show(output, ending);
            return ExitCode.DONE.code();
        }
    }
}
