package org.aima.archival.function;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/**
 * Ends a run at a numbered step when a file on the worker says so: what crash tests are made of.
 *
 * <p>The file holds the number, and {@code halt} after it when the whole process is to end. It is
 * deleted before the crash, so that a resumed run passes.
 *
 * @param file its path, {@code -} for none
 */
public record CrashHook(String file) implements Serializable {
    public static final int SELECTED_FIRST = 1;
    public static final int BEFORE_WRITE = 2;
    public static final int BEFORE_UPLOAD = 3;
    public static final int AFTER_UPLOAD = 4;
    public static final int BEFORE_READ_BACK = 5;
    public static final int AFTER_READ_BACK = 6;
    public static final int BEFORE_COMMIT = 7;
    public static final int AFTER_COMMIT = 8;
    public static final int BEFORE_DELETE = 9;
    public static final int AFTER_FIRST_DELETE = 10;
    public static final int AFTER_DELETE = 11;
    public static final int AFTER_SUMMARIES = 12;
    public static final int BEFORE_DONE = 13;
    public static final int AFTER_DONE = 14;
    public static final int REWRITE_BEGUN = 21;
    public static final int REWRITE_BEFORE_COMMIT = 22;
    public static final int REWRITE_AFTER_COMMIT = 23;
    public static final int REWRITE_AFTER_SUMMARIES = 24;
    public static final int ERASE_AFTER_TOMBSTONES = 31;
    public static final int ERASE_BEFORE_PLACES = 32;
    public static final int ERASE_BETWEEN_PLACES = 33;
    public static final int RESTORE_AFTER_FIRST_BATCH = 41;

    /** Crashes here if the file names this point. */
    public void reached(int point) {
        if (file.equals("-")) {
            return;
        }
        Path path = Path.of(file);
        try {
            String[] words = Files.readString(path, StandardCharsets.UTF_8).strip().split("\\s+");
            if (words[0].equals(Integer.toString(point)) && Files.deleteIfExists(path)) {
                if (words.length > 1 && words[1].equals("halt")) {
                    Runtime.getRuntime().halt(1);
                }
                throw new SuppressRestartsException(
                        new IllegalStateException("crash hook at point " + point));
            }
        } catch (NoSuchFileException e) {
            return;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
