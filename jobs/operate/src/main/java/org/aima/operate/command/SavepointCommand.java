package org.aima.operate.command;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.aima.jobs.error.ExitCode;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.jobs.pipeline.RunLedger.RunRecord;
import org.aima.operate.Installation;
import org.aima.operate.run.RunCourse;
import org.aima.operate.stream.Pace;
import org.aima.operate.stream.StreamCourse;
import org.aima.operate.stream.StreamRecord;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code aima savepoint}. */
@Command(
        name = "savepoint",
        mixinStandardHelpOptions = true,
        description = "Takes a savepoint of a stream; lists, keeps or disposes of those there are.")
public final class SavepointCommand implements Callable<Integer> {
    @Parameters(paramLabel = "RUN", description = "the stream's run id")
    private String runId = "";

    @ArgGroup private Other other = new Other();
    @Mixin private Output output = new Output();

    /** What else can be done; one at a time. */
    static final class Other {
        @Option(names = "--list", description = "list the savepoints")
        private boolean list;

        @Option(
                names = "--keep",
                paramLabel = "N",
                description =
                        "dispose of all but the newest N and those a rollback needs; forgets versions"
                                + " that no rollback reaches")
        private @Nullable Integer keep;

        @Option(names = "--dispose", paramLabel = "PATH", description = "dispose of one")
        private @Nullable String dispose;

        @Option(names = "--stop", description = "stop the stream for good with a savepoint")
        private boolean stop;
    }

    @Override
    public Integer call() {
        Installation installation = Installation.fromEnvironment();
        try (RunLedger ledger = LedgerAccess.open(installation)) {
            RunRecord run = LedgerAccess.run(ledger, runId);
            if (other.list) {
                list(StreamRecord.of(run));
                return ExitCode.DONE.code();
            }
            StreamCourse course =
                    new StreamCourse(
                            installation, output.people(), Pace.standard(), RunCourse.holder());
            Integer keep = other.keep;
            String dispose = other.dispose;
            if (keep != null) {
                output.document(Map.of("disposed", course.keeper(ledger).keep(run, keep)));
            } else if (dispose != null) {
                course.keeper(ledger).dispose(run, dispose);
                output.document(Map.of("disposed", List.of(dispose)));
            } else if (other.stop) {
                output.document(Map.of("savepoint", course.stop(ledger, run)));
            } else {
                output.document(Map.of("savepoint", course.savepoint(ledger, run, "command")));
            }
        }
        return ExitCode.DONE.code();
    }

    private void list(StreamRecord stream) {
        output.line("%-26s %-8s %-10s %s", "taken at", "version", "needed by", "path");
        output.document(
                stream.savepoints().stream()
                        .map(
                                s -> {
                                    boolean needed = stream.referred().contains(s.path());
                                    output.line(
                                            "%-26s %-8d %-10s %s",
                                            s.at().toInstant(),
                                            s.version(),
                                            needed ? "rollback" : "-",
                                            s.path());
                                    Map<String, Object> row = new LinkedHashMap<>();
                                    row.put("path", s.path());
                                    row.put("at", s.at().toInstant().toString());
                                    row.put("version", s.version());
                                    row.put("reason", s.reason());
                                    row.put("needed", needed);
                                    return row;
                                })
                        .toList());
    }
}
