package org.aima.jobs.error;

import org.jspecify.annotations.Nullable;

/** An error whose message is written for the operator and whose kind decides the exit code. */
public class AimaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ExitCode exitCode;

    public AimaException(ExitCode exitCode, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    public ExitCode exitCode() {
        return exitCode;
    }

    /** A guard (gate, lock, incompatible state) said no; nothing was changed. */
    public static AimaException refused(String message) {
        return new AimaException(ExitCode.REFUSED, message, null);
    }

    /** The work failed; the message says what and how to go on. */
    public static AimaException failed(String message, @Nullable Throwable cause) {
        return new AimaException(ExitCode.FAILED, message, cause);
    }

    /** The command line itself is wrong. */
    public static AimaException usage(String message) {
        return new AimaException(ExitCode.BAD_USAGE, message, null);
    }
}
