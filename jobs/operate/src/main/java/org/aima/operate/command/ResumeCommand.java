package org.aima.operate.command;

import java.util.concurrent.Callable;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.operate.Installation;
import org.aima.operate.run.RunCourse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code aima resume}. */
@Command(
        name = "resume",
        mixinStandardHelpOptions = true,
        description = "Takes up a run whose client stopped: follows, submits again or reports.")
public final class ResumeCommand implements Callable<Integer> {
    @Parameters(paramLabel = "RUN", description = "the run's id")
    private String runId = "";

    @Option(names = "--detach", description = "only see to it that it runs")
    private boolean detach;

    @Mixin private PaceArguments pace = new PaceArguments();

    @Mixin private Output output = new Output();

    @Override
    public Integer call() {
        Installation installation = Installation.fromEnvironment();
        try (RunLedger ledger = LedgerAccess.open(installation)) {
            RunCourse.Ending ending =
                    new RunCourse(installation, output.people(), output.terminal())
                            .resume(runId, ledger, detach, pace.pace());
            RunCommand.show(output, ending);
            return ending.exitCode().code();
        }
    }
}
