package org.aima.operate.command;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.aima.jobs.error.ExitCode;
import org.aima.operate.Installation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code aima demo}; the script around it builds and starts the stack first. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = {
            "Builds, starts the stack, migrates, loads samples/, runs the jobs on the Flink cluster:",
            "recluster, rebuild, new media through assign and refresh, an upgrade, a repartition,",
            "archive, rebuild. Prints a line of result for each. Streams are stopped, the repartition",
            "and the archive are taken back at the end, so that the demo can be run again."
        })
public final class DemoCommand implements Callable<Integer> {
    @Option(names = "--keep", description = "leave the stack running")
    private boolean keep;

    @Mixin private Output output = new Output();

    @Override
    public Integer call() {
        DemoCourse course = new DemoCourse(Installation.fromEnvironment(), output);
        Map<String, Object> document;
        try {
            document = new LinkedHashMap<>(course.run());
        } finally {
            course.table();
        }
        document.put("kept", keep);
        output.document(document);
        return ExitCode.DONE.code();
    }
}
