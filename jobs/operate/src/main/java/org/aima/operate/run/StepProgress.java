package org.aima.operate.run;

import java.io.PrintStream;
import java.util.Locale;
import java.util.function.Consumer;
import org.aima.jobs.pipeline.ProgressLines;

/** Shows how far a step is that a job's own process does: a line every few seconds. */
final class StepProgress implements Consumer<ProgressLines.Progress> {
    private static final long LINE_EVERY_MILLIS = 5_000;

    private final PrintStream out;
    private final String step;
    private final long start = System.currentTimeMillis();
    private long lastLine = start - LINE_EVERY_MILLIS;
    private String lastWhat = "";
    private long firstDone;
    private long firstAt = start;

    StepProgress(PrintStream out, String step) {
        this.out = out;
        this.step = step;
    }

    @Override
    public void accept(ProgressLines.Progress progress) {
        long now = System.currentTimeMillis();
        if (progress.total() <= 0) {
            out.printf(
                    Locale.ROOT, "%4d s  %s: %s%n", (now - start) / 1_000, step, progress.what());
            return;
        }
        if (!progress.what().equals(lastWhat) || progress.done() < firstDone) {
            lastWhat = progress.what();
            firstDone = progress.done();
            firstAt = now;
        }
        if (now - lastLine < LINE_EVERY_MILLIS) {
            return;
        }
        lastLine = now;
        double rate = (progress.done() - firstDone) * 1_000.0 / Math.max(1, now - firstAt);
        double share = Math.min(1, (double) progress.done() / progress.total());
        long left = rate <= 0 ? -1 : Math.round((progress.total() - progress.done()) / rate);
        out.printf(
                Locale.ROOT,
                "%4d s  %3.0f %%  %,10.0f rows/s  ETA %s  %s: %s%n",
                (now - start) / 1_000,
                share * 100,
                rate,
                left < 0 ? "--:--" : "%02d:%02d".formatted(left / 60, left % 60),
                step,
                progress.what());
    }
}
