package org.aima.operate.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.aima.operate.run.JobAndAction;
import org.aima.operate.run.RunCourse;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What {@code run} and {@code plan} share. */
final class RunArguments {
    @Parameters(index = "0", paramLabel = "JOB[:ACTION]", description = "what to run")
    private String jobAndAction = "";

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "key=value",
            description = "settings over conf/")
    private List<String> keyValues = new ArrayList<>();

    @Option(names = "-c", paramLabel = "FILE", description = "a YAML file of settings over conf/")
    private List<Path> files = new ArrayList<>();

    @Option(
            names = "--run-id",
            defaultValue = "",
            description = "the run's id; the same id is the same run")
    private String runId = "";

    RunCourse.Request request(boolean planOnly, boolean detach, RunCourse.StreamStart stream) {
        JobAndAction what = JobAndAction.of(jobAndAction);
        return new RunCourse.Request(
                what.job(), what.action(), runId, files, keyValues, planOnly, detach, stream);
    }
}
