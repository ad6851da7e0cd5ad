package org.aima.operate.command;

import java.util.concurrent.Callable;
import org.aima.jobs.error.ExitCode;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.operate.Installation;
import org.aima.operate.run.RunCourse;
import org.aima.operate.stream.StreamCourse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code aima rollback}. */
@Command(
        name = "rollback",
        mixinStandardHelpOptions = true,
        description = {
            "Brings the former version of a stream back, with its own jar and settings, from the",
            "savepoint that the upgrade took; what came since is read again. An upgrade that was",
            "interrupted is turned round."
        })
public final class RollbackCommand implements Callable<Integer> {
    @Parameters(paramLabel = "RUN", description = "the stream's run id")
    private String runId = "";

    @Mixin private PaceArguments pace = new PaceArguments();
    @Mixin private Output output = new Output();

    @Override
    public Integer call() {
        Installation installation = Installation.fromEnvironment();
        try (RunLedger ledger = LedgerAccess.open(installation)) {
            StreamCourse.Change change =
                    new StreamCourse(installation, output.people(), pace.pace(), RunCourse.holder())
                            .rollback(ledger, LedgerAccess.run(ledger, runId));
            output.document(change);
            return change.done() ? ExitCode.DONE.code() : ExitCode.FAILED.code();
        }
    }
}
