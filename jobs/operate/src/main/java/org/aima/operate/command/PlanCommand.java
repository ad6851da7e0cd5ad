package org.aima.operate.command;

import java.util.concurrent.Callable;
import org.aima.operate.Installation;
import org.aima.operate.report.RunReport;
import org.aima.operate.run.RunCourse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code aima plan}. */
@Command(
        name = "plan",
        mixinStandardHelpOptions = true,
        description = {
            "Computes what a run would change and writes nothing but its entry in the ledger.",
            "Prints the effective configuration with the origin of each value."
        })
public final class PlanCommand implements Callable<Integer> {
    @Mixin private RunArguments arguments = new RunArguments();
    @Mixin private Output output = new Output();

    @Override
    public Integer call() {
        RunCourse.Ending ending =
                new RunCourse(Installation.fromEnvironment(), output.people(), output.terminal())
                        .start(arguments.request(true, false, RunCourse.StreamStart.NONE));
        RunReport report = ending.report();
        if (report != null) {
            output.line("effective configuration");
            report.settings()
                    .forEach(
                            s ->
                                    output.line(
                                            "  %-28s %-36s %s",
                                            s.get("key"), s.get("value"), s.get("origin")));
        }
        RunCommand.show(output, ending);
        return ending.exitCode().code();
    }
}
