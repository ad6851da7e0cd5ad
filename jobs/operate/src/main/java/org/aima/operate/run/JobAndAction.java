package org.aima.operate.run;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A job and one of its actions.
 *
 * @param action empty for the job's default
 */
public record JobAndAction(String job, String action) {

    /** As operators write it: {@code JOB} or {@code JOB:ACTION}. */
    public static JobAndAction of(String text) {
        int colon = text.indexOf(':');
        return colon < 0
                ? new JobAndAction(text, "")
                : new JobAndAction(text.substring(0, colon), text.substring(colon + 1));
    }

    /**
     * The arguments of the job's own main method; paths become absolute.
     *
     * @param files given by {@code -c}
     */
    public List<String> arguments(List<Path> files, List<String> keyValues) {
        List<String> arguments = new ArrayList<>();
        if (!action.isEmpty()) {
            arguments.addAll(List.of("--action", action));
        }
        files.forEach(f -> arguments.addAll(List.of("-c", f.toAbsolutePath().toString())));
        arguments.addAll(keyValues);
        return arguments;
    }
}
