package org.aima.testkit.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A started command of the operator whose output goes to files, so that it can never block. */
public final class Command {
    private static final long MINUTES = 6;
    private static final ObjectMapper JSON =
            new ObjectMapper()
                    .enable(
                            com.fasterxml.jackson.databind.DeserializationFeature
                                    .FAIL_ON_TRAILING_TOKENS);

    private final List<String> words;
    private final Process process;
    private final Path out;
    private final Path err;

    private Command(List<String> words, Process process, Path out, Path err) {
        this.words = words;
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /** How a command ended and what it printed. */
    public record Result(List<String> words, int exit, String out, String err) {

        /** Fails unless the command ended with this code. */
        public Result exits(int code) {
            assertThat(exit)
                    .as(
                            "exit code of %s%n--- standard error:%n%s%n--- standard output:%n%s",
                            String.join(" ", words), err, out)
                    .isEqualTo(code);
            return this;
        }

        /** Standard output as the one JSON document that it has to be. */
        public JsonNode json() {
            try {
                return JSON.readTree(out);
            } catch (IOException e) {
                throw new AssertionError("not exactly one JSON document:\n" + out, e);
            }
        }

        /** Standard output and standard error. */
        public String all() {
            return out + err;
        }
    }

    /** Starts a command with exactly the given environment. */
    public static Command start(
            Path directory, Map<String, String> environment, List<String> words) {
        try {
            Path out = Files.createTempFile("e2e", ".out");
            Path err = Files.createTempFile("e2e", ".err");
            ProcessBuilder builder =
                    new ProcessBuilder(words)
                            .directory(directory.toFile())
                            .redirectOutput(out.toFile())
                            .redirectError(err.toFile());
            builder.environment().clear();
            builder.environment().putAll(environment);
            Process process = builder.start();
            process.getOutputStream().close();
            return new Command(words, process, out, err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether it has not ended yet. */
    public boolean alive() {
        return process.isAlive();
    }

    /** What it has written to standard error so far. */
    public String errorsSoFar() {
        try {
            return Files.readString(err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code kill -9} of the command and all it started, as when a terminal's machine dies. */
    public void kill() {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
        await();
    }

    /** Kills the client alone, with -9; what it started has to notice by itself. */
    public void killClient() {
        process.children().findFirst().orElse(process.toHandle()).destroyForcibly();
        await();
    }

    /** How it ended; fails when it does not end within some minutes. */
    public Result await() {
        try {
            if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
                String errors = errorsSoFar();
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                throw new AssertionError(
                        String.join(" ", words) + " does not end; it said:\n" + errors);
            }
            Result result =
                    new Result(
                            words,
                            process.exitValue(),
                            Files.readString(out),
                            Files.readString(err));
            Files.deleteIfExists(out);
            Files.deleteIfExists(err);
            return result;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
