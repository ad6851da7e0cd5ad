package org.aima.operate.run;

import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.aima.operate.flink.FlinkRest.JobDetail;
import org.aima.operate.flink.FlinkRest.Stage;
import org.jspecify.annotations.Nullable;

/**
 * Shows how far a job is: share of stages done, the stages at work, records a second and ETA.
 *
 * <p>On a terminal a bar, elsewhere a line every few seconds.
 */
public final class RunProgress implements AutoCloseable {
    private static final int SCALE = 1_000;
    private static final long LINE_EVERY_MILLIS = 5_000;

    private final PrintStream out;
    private final boolean terminal;
    private final long start = System.currentTimeMillis();
    private @Nullable ProgressBar bar;
    private long lastLine = start;
    private long lastRecords;
    private long lastRecordsAt = start;
    private double rate;

    RunProgress(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    void show(JobDetail job) {
        double share = share(job.stages());
        measureRate(job.stages());
        String working = working(job.stages());
        if (terminal) {
            ProgressBar shown = bar;
            if (shown == null) {
                shown =
                        new ProgressBarBuilder()
                                .setTaskName("run")
                                .setInitialMax(SCALE)
                                .setStyle(ProgressBarStyle.ASCII)
                                .setUnit(" ‰", 1)
                                .setConsumer(new ConsoleProgressBarConsumer(out))
                                .build();
                bar = shown;
            }
            shown.stepTo(Math.round(share * SCALE));
            shown.setExtraMessage(
                    " " + String.format(Locale.ROOT, "%,.0f records/s ", rate) + working);
            return;
        }
        long now = System.currentTimeMillis();
        if (now - lastLine >= LINE_EVERY_MILLIS) {
            lastLine = now;
            out.printf(
                    Locale.ROOT,
                    "%4d s  %3.0f %%  %,10.0f records/s  ETA %s  %s%n",
                    (now - start) / 1_000,
                    share * 100,
                    rate,
                    eta(share, now - start),
                    working);
        }
    }

    /** The share of all tasks that is done; a running stage counts by what it has read. */
    public static double share(List<Stage> stages) {
        double done = 0;
        double all = 0;
        for (Stage stage : stages) {
            double part =
                    stage.expected() > 0
                            ? Math.min(1, (double) stage.recordsIn() / stage.expected())
                            : 0;
            double finished = (double) stage.finishedTasks() / Math.max(1, stage.parallelism());
            // Reading its input is not all a stage does: half of an unfinished task's worth.
            done += Math.max(finished, part / 2);
            all++;
        }
        return all == 0 ? 0 : done / all;
    }

    private void measureRate(List<Stage> stages) {
        long records = stages.stream().mapToLong(s -> s.recordsIn() + s.recordsOut()).sum();
        long now = System.currentTimeMillis();
        if (now - lastRecordsAt >= 1_000) {
            rate = Math.max(0, (records - lastRecords) * 1_000.0 / (now - lastRecordsAt));
            lastRecords = records;
            lastRecordsAt = now;
        }
    }

    static String eta(double share, long elapsedMillis) {
        if (share < 0.02) {
            return "--:--";
        }
        Duration left = Duration.ofMillis(Math.round(elapsedMillis * (1 - share) / share));
        return String.format(Locale.ROOT, "%02d:%02d", left.toMinutes(), left.toSecondsPart());
    }

    private static String working(List<Stage> stages) {
        return stages.stream()
                .filter(s -> s.state().equals("RUNNING"))
                .map(s -> shortName(s.name()))
                .limit(3)
                .collect(Collectors.joining(", "));
    }

    /** The first operator of a chained vertex. */
    static String shortName(String vertex) {
        String name = vertex.replace("Source: ", "").replace("Sink: ", "");
        int chain = name.indexOf(" -> ");
        return chain < 0 ? name.trim() : name.substring(0, chain).trim();
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
