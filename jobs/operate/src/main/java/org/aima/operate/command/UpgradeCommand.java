package org.aima.operate.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.aima.jobs.error.ExitCode;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.operate.Installation;
import org.aima.operate.run.RunCourse;
import org.aima.operate.stream.StreamCourse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code aima upgrade}. */
@Command(
        name = "upgrade",
        mixinStandardHelpOptions = true,
        description = {
            "Replaces the running version of a stream: checks the state, stops with a savepoint,",
            "starts the new version from it and waits until it is well; otherwise the former",
            "version comes back by itself and the exit code is 1. Exit code 3: refused before the",
            "stop. Interrupted at any point it is finished by aima resume RUN or turned round by",
            "aima rollback RUN."
        })
public final class UpgradeCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "RUN", description = "the stream's run id")
    private String runId = "";

    @Parameters(
            index = "1",
            paramLabel = "JOB|JAR",
            description = "a job's name for the jar that was built, or the path of a jar")
    private String jar = "";

    @Parameters(
            index = "2..*",
            arity = "0..*",
            paramLabel = "key=value",
            description = "settings over those of the running version")
    private List<String> keyValues = new ArrayList<>();

    @Option(
            names = "-c",
            paramLabel = "FILE",
            description = "a YAML file over those of the running version")
    private List<Path> files = new ArrayList<>();

    @Option(
            names = "--drop",
            paramLabel = "OPERATOR[/STATE]",
            description = "what of the state may be lost; may be repeated")
    private Set<String> drop = new TreeSet<>();

    @Option(
            names = "--from-checkpoint",
            description =
                    "cancel the running version and take its last checkpoint: for one that fails too"
                            + " often to take a savepoint")
    private boolean fromCheckpoint;

    @Mixin private PaceArguments pace = new PaceArguments();
    @Mixin private Output output = new Output();

    @Override
    public Integer call() {
        Installation installation = Installation.fromEnvironment();
        try (RunLedger ledger = LedgerAccess.open(installation)) {
            StreamCourse.Change change =
                    new StreamCourse(installation, output.people(), pace.pace(), RunCourse.holder())
                            .upgrade(
                                    ledger,
                                    LedgerAccess.run(ledger, runId),
                                    jar,
                                    files,
                                    keyValues,
                                    drop,
                                    fromCheckpoint);
            output.document(change);
            return change.done() ? ExitCode.DONE.code() : ExitCode.FAILED.code();
        }
    }
}
