package org.aima.operate.stream;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One version of a stream: what was started and from which state.
 *
 * @param jar SHA-256 of the kept jar
 * @param conf name of the kept configuration
 * @param arguments of the job, without the run's own
 * @param operators uid by operator id, so that a later check can name what it misses
 * @param follows the version it replaced, 0 for the first
 * @param flinkJob id of its latest start, chosen before it is submitted
 * @param restoredFrom savepoint or checkpoint of that start, empty when it began without state
 */
public record StreamVersion(
        int number,
        String jar,
        String conf,
        List<String> arguments,
        String codeVersion,
        Map<String, String> settings,
        Map<String, String> operators,
        int follows,
        String flinkJob,
        String restoredFrom,
        State state) {

    /** What became of a version. */
    public enum State {
        STARTING,
        RUNNING,
        STOPPED,
        ROLLED_BACK
    }

    StreamVersion numbered(int newNumber, int replaced) {
        return new StreamVersion(
                newNumber,
                jar,
                conf,
                arguments,
                codeVersion,
                settings,
                operators,
                replaced,
                flinkJob,
                restoredFrom,
                state);
    }

    StreamVersion startedAs(String job, String from) {
        return new StreamVersion(
                number,
                jar,
                conf,
                arguments,
                codeVersion,
                settings,
                operators,
                follows,
                job,
                from,
                State.STARTING);
    }

    StreamVersion in(State newState) {
        return new StreamVersion(
                number,
                jar,
                conf,
                arguments,
                codeVersion,
                settings,
                operators,
                follows,
                flinkJob,
                restoredFrom,
                newState);
    }

    Map<String, Object> document() {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("number", number);
        document.put("jar", jar);
        document.put("conf", conf);
        document.put("arguments", arguments);
        document.put("code_version", codeVersion);
        document.put("settings", rows(settings));
        document.put("operators", rows(operators));
        document.put("follows", follows);
        document.put("flink_job_id", flinkJob);
        document.put("restored_from", restoredFrom);
        document.put("state", state.name().toLowerCase(java.util.Locale.ROOT));
        return document;
    }

    static StreamVersion of(Map<?, ?> document) {
        return new StreamVersion(
                ((Number) Fields.value(document, "number")).intValue(),
                Fields.text(document, "jar"),
                Fields.text(document, "conf"),
                Fields.list(document, "arguments").stream().map(String::valueOf).toList(),
                Fields.text(document, "code_version"),
                map(Fields.list(document, "settings")),
                map(Fields.list(document, "operators")),
                ((Number) Fields.value(document, "follows")).intValue(),
                Fields.text(document, "flink_job_id"),
                Fields.text(document, "restored_from"),
                State.valueOf(Fields.text(document, "state").toUpperCase(java.util.Locale.ROOT)));
    }

    // Keys with dots cannot be addressed in older servers.
    private static List<Map<String, String>> rows(Map<String, String> map) {
        return map.entrySet().stream()
                .map(e -> Map.of("key", e.getKey(), "value", e.getValue()))
                .toList();
    }

    private static Map<String, String> map(List<?> rows) {
        Map<String, String> map = new LinkedHashMap<>();
        for (Object row : rows) {
            if (row instanceof Map<?, ?> entry) {
                map.put(Fields.text(entry, "key"), Fields.text(entry, "value"));
            }
        }
        return map;
    }
}
