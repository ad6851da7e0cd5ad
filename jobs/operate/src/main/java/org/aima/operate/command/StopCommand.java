package org.aima.operate.command;

import java.util.concurrent.Callable;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.operate.Installation;
import org.aima.operate.run.RunCourse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code aima stop}. */
@Command(
        name = "stop",
        mixinStandardHelpOptions = true,
        description = "Stops a run without end: finishes what was read, keeps its state.")
public final class StopCommand implements Callable<Integer> {
    @Parameters(paramLabel = "RUN", description = "the run's id")
    private String runId = "";

    @Mixin private Output output = new Output();

    @Override
    public Integer call() {
        Installation installation = Installation.fromEnvironment();
        try (RunLedger ledger = LedgerAccess.open(installation)) {
            RunCourse.Ending ending =
                    new RunCourse(installation, output.people(), output.terminal())
                            .stop(runId, ledger);
            RunCommand.show(output, ending);
            return ending.exitCode().code();
        }
    }
}
