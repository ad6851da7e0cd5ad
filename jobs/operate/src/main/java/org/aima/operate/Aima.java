package org.aima.operate;

import java.util.concurrent.Callable;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.ExitCode;
import org.aima.operate.command.DemoCommand;
import org.aima.operate.command.DocsCommand;
import org.aima.operate.command.DumpCommand;
import org.aima.operate.command.EvaluateCommand;
import org.aima.operate.command.GenerateCommand;
import org.aima.operate.command.LoadCommand;
import org.aima.operate.command.MigrateCommand;
import org.aima.operate.command.PlanCommand;
import org.aima.operate.command.ReportCommand;
import org.aima.operate.command.ResumeCommand;
import org.aima.operate.command.RunCommand;
import org.aima.operate.command.StatusCommand;
import org.aima.operate.command.StopCommand;
import org.aima.operate.command.UndoCommand;
import org.aima.operate.command.VerifyCommand;
import org.aima.stores.StoreException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The one command that operates the suite. */
@Command(
        name = "aima",
        mixinStandardHelpOptions = true,
        version = "aima 0.1.0",
        description = "Plans, runs, watches and verifies the AIMA jobs.",
        footer = {
            "",
            "The stack of real servers is started by: aima stack up|down|status|env|reset",
            "Exit codes: 0 done, 1 failed, 2 bad usage or configuration, 3 refused by a guard,"
                    + " 4 interrupted and resumable."
        },
        subcommands = {
            DemoCommand.class,
            MigrateCommand.class,
            LoadCommand.class,
            DumpCommand.class,
            GenerateCommand.class,
            PlanCommand.class,
            RunCommand.class,
            StatusCommand.class,
            ResumeCommand.class,
            StopCommand.class,
            VerifyCommand.class,
            UndoCommand.class,
            ReportCommand.class,
            EvaluateCommand.class,
            DocsCommand.class
        })
public final class Aima implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before the call
    private CommandSpec spec;

    public static void main(String[] args) {
        // Charts are drawn without a screen.
        System.setProperty("java.awt.headless", "true");
        System.exit(execute(args));
    }

    /** Runs one command line and returns its exit code. */
    public static int execute(String... args) {
        return new CommandLine(new Aima()).setExecutionExceptionHandler(Aima::report).execute(args);
    }

    @Override
    public Integer call() {
        spec.commandLine().usage(System.err);
        return ExitCode.BAD_USAGE.code();
    }

    // Operators get the message; a stack trace only helps where the message is not ours.
    private static int report(
            Exception error, CommandLine command, CommandLine.ParseResult parsed) {
        if (error instanceof AimaException known) {
            command.getErr().println(known.getMessage());
            return known.exitCode().code();
        }
        if (error instanceof StoreException store) {
            command.getErr().println(store.getMessage());
            return ExitCode.FAILED.code();
        }
        error.printStackTrace(command.getErr());
        return ExitCode.FAILED.code();
    }
}
