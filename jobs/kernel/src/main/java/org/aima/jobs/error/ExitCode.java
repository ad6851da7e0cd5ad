package org.aima.jobs.error;

/** The process exit codes of the command contract. */
public enum ExitCode {
    DONE(0),
    FAILED(1),
    BAD_USAGE(2),
    REFUSED(3),
    INTERRUPTED(4);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }
}
