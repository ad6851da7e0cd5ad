package org.aima.jobs.pipeline;

import java.io.PrintStream;
import java.util.Locale;
import java.util.Optional;

/**
 * How a job's process outside the cluster tells how far it is: lines on standard error that {@code
 * aima} turns into progress with rate and ETA.
 */
public final class ProgressLines {
    private static final String MARK = "aima-progress ";
    private static final long EVERY_MILLIS = 1_000;

    private final PrintStream out;
    private long shownAt;

    public ProgressLines(PrintStream out) {
        this.out = out;
    }

    /** To standard error. */
    public static ProgressLines ofProcess() {
        return new ProgressLines(System.err);
    }

    /**
     * Tells how far the work is, at most once a second.
     *
     * @param done units done, of {@code total}; 0 of 0 when that is not known
     * @param what the work, in words
     */
    public synchronized void show(long done, long total, String what) {
        long now = System.currentTimeMillis();
        if (now - shownAt >= EVERY_MILLIS) {
            shownAt = now;
            print(done, total, what);
        }
    }

    /** Tells something once, whenever the last line was. */
    public synchronized void tell(String what) {
        print(0, 0, what);
    }

    private void print(long done, long total, String what) {
        out.println(MARK + String.format(Locale.ROOT, "%d %d %s", done, total, what));
        out.flush();
    }

    /** What a line tells; empty for a line that is not one of these. */
    public static Optional<Progress> read(String line) {
        if (!line.startsWith(MARK)) {
            return Optional.empty();
        }
        String[] words = line.substring(MARK.length()).split(" ", 3);
        try {
            return words.length < 3
                    ? Optional.empty()
                    : Optional.of(
                            new Progress(
                                    Long.parseLong(words[0]), Long.parseLong(words[1]), words[2]));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** How far a piece of work is. */
    public record Progress(long done, long total, String what) {}
}
