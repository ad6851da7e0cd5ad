package org.aima.operate.command;

import java.io.PrintStream;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.aima.operate.progress.ProgressListener;
import org.jspecify.annotations.Nullable;

/** Progress with rate and ETA once a stage takes longer than two seconds. */
final class ProgressLine implements ProgressListener, AutoCloseable {
    private static final long QUIET_MILLIS = 2_000;
    private static final long LINE_EVERY_MILLIS = 5_000;

    private final PrintStream out;
    private final boolean terminal;
    private String stage = "";
    private long start;
    private long lastLine;
    private @Nullable ProgressBar bar;

    ProgressLine(Output output) {
        this.out = output.people();
        this.terminal = output.terminal();
    }

    @Override
    public void advance(String name, long done, long total) {
        long now = System.currentTimeMillis();
        if (!name.equals(stage)) {
            close();
            stage = name;
            start = now;
            lastLine = now;
        }
        if (now - start < QUIET_MILLIS) {
            return;
        }
        if (terminal) {
            ProgressBar shown = bar;
            if (shown == null) {
                shown =
                        new ProgressBarBuilder()
                                .setTaskName(name)
                                .setInitialMax(total)
                                .setStyle(ProgressBarStyle.ASCII)
                                .showSpeed()
                                .setConsumer(new ConsoleProgressBarConsumer(out))
                                .build();
                bar = shown;
            }
            shown.maxHint(total > 0 ? total : -1);
            shown.stepTo(done);
        } else if (now - lastLine >= LINE_EVERY_MILLIS) {
            lastLine = now;
            double rate = done * 1_000.0 / (now - start);
            String eta =
                    total > 0 && rate > 0
                            ? String.format(Locale.ROOT, "%.0f s", (total - done) / rate)
                            : "unknown";
            out.printf(
                    Locale.ROOT,
                    "%s: %,d of %,d, %,.0f a second, ETA %s%n",
                    name,
                    done,
                    total,
                    rate,
                    eta);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
