package org.aima.operate.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.aima.jobs.error.ExitCode;
import org.aima.operate.Installation;
import org.aima.operate.flink.JarJudge;
import org.aima.operate.flink.JobJar;
import org.aima.operate.run.JobAndAction;
import org.aima.operate.stream.SavepointJudge;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code aima savepoint-check}. */
@Command(
        name = "savepoint-check",
        mixinStandardHelpOptions = true,
        description = {
            "Says whether a job can take a savepoint over without losing anything: operators,",
            "states, serializers, keys, max parallelism. Needs no cluster. Exit code 3 when not."
        })
public final class SavepointCheckCommand implements Callable<Integer> {
    @Parameters(
            index = "0",
            paramLabel = "SAVEPOINT",
            description = "directory of a savepoint or of a retained checkpoint")
    private String savepoint = "";

    @Parameters(
            index = "1",
            paramLabel = "JOB[:ACTION]",
            description = "the job that is to restore it; its jar is the one that was built")
    private String jobAndAction = "";

    @Parameters(
            index = "2..*",
            arity = "0..*",
            paramLabel = "key=value",
            description = "settings over conf/")
    private List<String> keyValues = new ArrayList<>();

    @Option(names = "--jar", paramLabel = "FILE", description = "another jar of the job")
    private String jar = "";

    @Option(names = "-c", paramLabel = "FILE", description = "a YAML file of settings over conf/")
    private List<Path> files = new ArrayList<>();

    @Option(
            names = "--drop",
            paramLabel = "OPERATOR[/STATE]",
            description = "what of the state may be lost; may be repeated")
    private Set<String> drop = new TreeSet<>();

    @Mixin private Output output = new Output();

    @Override
    public Integer call() throws Exception {
        Installation installation = Installation.fromEnvironment();
        JobAndAction what = JobAndAction.of(jobAndAction);
        String job = what.job();
        JobJar file =
                jar.isEmpty() && !Files.isRegularFile(Path.of(job))
                        ? new JobJar(installation, job)
                        : new JobJar(
                                installation,
                                Path.of(jar.isEmpty() ? job : jar).toAbsolutePath(),
                                installation.conf());
        SavepointJudge.Verdict verdict =
                JarJudge.judge(file, savepoint, drop, what.arguments(files, keyValues));
        JsonNode document = new ObjectMapper().readTree(verdict.json());
        for (JsonNode finding : document.path("findings")) {
            output.line(
                    "%s %s",
                    finding.path("blocking").asBoolean() ? "NO  " : "yes ", JarJudge.line(finding));
        }
        if (document.isEmpty()) {
            verdict.problems().forEach(p -> output.line("%s", p));
        }
        output.line(
                verdict.compatible()
                        ? "the state fits"
                        : "refused: %d problems; nothing was changed",
                verdict.problems().size());
        output.document(document);
        return verdict.compatible() ? ExitCode.DONE.code() : ExitCode.REFUSED.code();
    }
}
