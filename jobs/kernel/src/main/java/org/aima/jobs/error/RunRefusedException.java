package org.aima.jobs.error;

import java.util.Optional;

/**
 * A gate inside a running job said no before anything was written; {@code aima run} finds it in the
 * failure that the cluster reports and ends with exit code 3.
 */
public final class RunRefusedException extends AimaException {
    private static final long serialVersionUID = 1L;

    public RunRefusedException(String message) {
        super(ExitCode.REFUSED, message, null);
    }

    /**
     * The message of such an exception in a failure that a cluster tells as text, if there is one.
     */
    public static Optional<String> messageIn(String failure) {
        String mark = RunRefusedException.class.getName() + ": ";
        String shortMark = RunRefusedException.class.getSimpleName() + ": ";
        return failure.lines()
                .filter(l -> l.contains(shortMark))
                .map(
                        l ->
                                l.contains(mark)
                                        ? l.substring(l.indexOf(mark) + mark.length())
                                        : l.substring(l.indexOf(shortMark) + shortMark.length()))
                .findFirst();
    }
}
