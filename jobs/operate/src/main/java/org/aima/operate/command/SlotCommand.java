package org.aima.operate.command;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.aima.jobs.error.ExitCode;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.jobs.pipeline.RunLedger.RunRecord;
import org.aima.operate.Installation;
import org.aima.operate.run.JobAndAction;
import org.aima.operate.run.RunCourse;
import org.aima.operate.schedule.MissedSlots;
import org.aima.operate.schedule.Slot;
import org.aima.operate.schedule.SlotLength;
import org.aima.operate.schedule.SlotPlanner;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** {@code aima slot}. */
@Command(
        name = "slot",
        mixinStandardHelpOptions = true,
        description = {
            "Runs what a schedule owes now: the present slot, and missed ones by policy.",
            "Each slot is one run, with the id <name>-<logical date>; submitted twice it runs once."
        })
public final class SlotCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "JOB[:ACTION]", description = "what to run")
    private String jobAndAction = "";

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "key=value",
            description =
                    "settings over conf/; {date} stands for the logical date, {slot} for the slot's"
                            + " beginning, {slot-P180D} for 180 days before it")
    private List<String> keyValues = new ArrayList<>();

    @Option(names = "-c", paramLabel = "FILE", description = "a YAML file of settings over conf/")
    private List<Path> files = new ArrayList<>();

    @Option(
            names = "--every",
            required = true,
            converter = LengthConverter.class,
            paramLabel = "hour|day|week|month",
            description = "how long a slot is; slots begin on whole ones, UTC")
    private SlotLength every = SlotLength.DAY;

    @Option(
            names = "--missed",
            defaultValue = "skip",
            converter = MissedConverter.class,
            paramLabel = "skip|catch-up",
            description = "what to do about slots without a run that succeeded (default: skip)")
    private MissedSlots missed = MissedSlots.SKIP;

    @Option(
            names = "--at-most",
            defaultValue = "7",
            paramLabel = "N",
            description = "refuse to catch up more slots at once than this (default: 7)")
    private int atMost;

    @Option(
            names = "--name",
            defaultValue = "",
            description = "first part of the run ids (default: <job>-<action>)")
    private String name = "";

    @Option(
            names = "--as-of",
            paramLabel = "INSTANT",
            description = "the moment to plan for, ISO 8601 (default: now)")
    private @Nullable Instant asOf;

    @Option(names = "--dry-run", description = "only say what is owed")
    private boolean dryRun;

    @Mixin private Output output = new Output();

    @Override
    public Integer call() {
        Installation installation = Installation.fromEnvironment();
        String prefix = name.isEmpty() ? jobAndAction.replace(':', '-') : name;
        List<Map<String, Object>> rows = new ArrayList<>();
        ExitCode exit = ExitCode.DONE;
        SlotPlanner.Plan plan = plan(installation, prefix);
        for (Slot slot : plan.skipped()) {
            output.line("%s was missed and is skipped", slot.runId(prefix));
            rows.add(row(slot, prefix, "skipped"));
        }
        for (Slot slot : plan.due()) {
            if (dryRun) {
                output.line("%s is owed", slot.runId(prefix));
                rows.add(row(slot, prefix, "owed"));
                continue;
            }
            RunCourse.Ending ending = run(installation, slot, prefix);
            RunCommand.tell(output, ending);
            rows.add(
                    row(
                            slot,
                            prefix,
                            ending.report() == null ? "running" : ending.report().state()));
            exit = ending.exitCode();
            if (exit != ExitCode.DONE) {
                // Later slots may build on this one.
                break;
            }
        }
        output.document(rows);
        return exit.code();
    }

    private SlotPlanner.Plan plan(Installation installation, String prefix) {
        Instant now = asOf == null ? Clock.systemUTC().instant() : asOf;
        try (RunLedger ledger = LedgerAccess.open(installation)) {
            SlotPlanner.Plan plan =
                    new SlotPlanner(every, missed, atMost)
                            .plan(
                                    now,
                                    slot -> ledger.find(slot.runId(prefix)).map(RunRecord::state));
            String present = plan.due().get(plan.due().size() - 1).runId(prefix);
            if (!dryRun && ledger.find(present).isEmpty()) {
                for (Slot slot : plan.skipped()) {
                    ledger.audit(slot.runId(prefix), "skipped", Map.of("for", present));
                }
            }
            return plan;
        }
    }

    private RunCourse.Ending run(Installation installation, Slot slot, String prefix) {
        JobAndAction what = JobAndAction.of(jobAndAction);
        return new RunCourse(installation, output.people(), output.terminal())
                .start(
                        new RunCourse.Request(
                                what.job(),
                                what.action(),
                                slot.runId(prefix),
                                files,
                                keyValues.stream().map(slot::fill).toList(),
                                false,
                                false));
    }

    private static Map<String, Object> row(Slot slot, String prefix, String state) {
        return Map.of("slot", slot.label(), "run_id", slot.runId(prefix), "state", state);
    }

    /** Reads a length in small letters. */
    static final class LengthConverter implements ITypeConverter<SlotLength> {
        @Override
        public SlotLength convert(String value) {
            return constant(SlotLength.values(), value, "hour, day, week or month");
        }
    }

    /** Reads a policy as people write it. */
    static final class MissedConverter implements ITypeConverter<MissedSlots> {
        @Override
        public MissedSlots convert(String value) {
            return constant(MissedSlots.values(), value, "skip or catch-up");
        }
    }

    private static <E extends Enum<E>> E constant(E[] all, String value, String choices) {
        for (E one : all) {
            if (one.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(value)) {
                return one;
            }
        }
        throw new TypeConversionException("'" + value + "' is not one of " + choices);
    }
}
