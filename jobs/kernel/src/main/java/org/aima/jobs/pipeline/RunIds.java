package org.aima.jobs.pipeline;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.regex.Pattern;
import org.aima.jobs.error.AimaException;

/** Run ids: {@code <job>-<action>-<UTC time>-<4 hex>}, or given by a scheduler. */
public final class RunIds {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final Pattern VALID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:=-]{0,119}");
    private static final SecureRandom RANDOM = new SecureRandom();

    private RunIds() {}

    public static String create(String job, String action, Clock clock) {
        return "%s-%s-%s-%04x"
                .formatted(job, action, TIME.format(clock.instant()), RANDOM.nextInt(0x10000));
    }

    /** The name Flink shows, and by which a submission whose answer was lost is found again. */
    public static String flinkJobName(String job, String action, String runId) {
        return job + ":" + action + " " + runId;
    }

    /** The same for one of several graphs of a run's course. */
    public static String flinkJobName(String job, String action, String phase, String runId) {
        return phase.equals("run")
                ? flinkJobName(job, action, runId)
                : flinkJobName(job, action + "/" + phase, runId);
    }

    /** Whether Flink's name of a job is that of any graph of a run. */
    public static boolean isJobOf(String flinkJobName, String job, String runId) {
        return flinkJobName.startsWith(job + ":") && flinkJobName.endsWith(" " + runId);
    }

    /** Refuses ids that could not be part of a file name or an object key. */
    public static String check(String runId) {
        if (!VALID.matcher(runId).matches()) {
            throw AimaException.usage(
                    "run id '"
                            + runId
                            + "' is not usable; give 1-120 letters, digits and . _ : = - starting with"
                            + " a letter or digit");
        }
        return runId;
    }
}
