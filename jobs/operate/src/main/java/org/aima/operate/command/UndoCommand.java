package org.aima.operate.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.aima.jobs.error.ExitCode;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.operate.Installation;
import org.aima.operate.run.RunCourse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code aima undo}. */
@Command(
        name = "undo",
        mixinStandardHelpOptions = true,
        description =
                "Brings the stores back to what they were before a run. When anything the run wrote"
                        + " was changed since, nothing is touched, the conflicts are listed and the"
                        + " exit code is 3.")
public final class UndoCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "RUN", description = "the run's id")
    private String runId = "";

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "key=value",
            description = "settings over those of the run")
    private List<String> keyValues = new ArrayList<>();

    @Mixin private Output output = new Output();

    @Override
    public Integer call() {
        Installation installation = Installation.fromEnvironment();
        try (RunLedger ledger = LedgerAccess.open(installation)) {
            RunCourse.Undone undone =
                    new RunCourse(installation, output.people(), output.terminal())
                            .undo(runId, ledger, keyValues);
            JsonNode outcome = undone.outcome();
            if (undone.conflicting()) {
                output.line(
                        "refused: %,d documents and rows were changed since; nothing was restored",
                        outcome.path("conflicting").asLong());
                outcome.path("conflicts").forEach(c -> output.line("  %s", c.asText()));
            } else if (!undone.undoRun().isEmpty()) {
                output.line(
                        "undone: %,d documents and rows restored, %,d were as before, %,d rows are"
                                + " gone",
                        outcome.path("restored").asLong(),
                        outcome.path("already").asLong(),
                        outcome.path("gone").asLong());
            }
            output.document(outcome);
            return undone.conflicting() ? ExitCode.REFUSED.code() : ExitCode.DONE.code();
        }
    }
}
