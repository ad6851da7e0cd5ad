package org.aima.operate.flink;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.ExitCode;
import org.aima.operate.stream.SavepointJudge;
import org.aima.operate.stream.StreamVersion;

/** Asks a version's kept jar, in a process of its own, about a savepoint. */
public final class JarJudge implements SavepointJudge {
    private final FlinkStreams streams;

    public JarJudge(FlinkStreams streams) {
        this.streams = streams;
    }

    @Override
    public Verdict judge(StreamVersion version, String savepoint, Set<String> drop) {
        return judge(streams.jar(version), savepoint, drop, version.arguments());
    }

    /** The same for any jar. */
    public static Verdict judge(
            JobJar jar, String savepoint, Set<String> drop, List<String> arguments) {
        JsonNode answer;
        try {
            answer = jar.savepoint(savepoint, drop, arguments);
        } catch (AimaException e) {
            if (e.exitCode() != ExitCode.REFUSED) {
                throw e;
            }
            return new Verdict(false, List.of(String.valueOf(e.getMessage())), "{}");
        }
        List<String> problems = new ArrayList<>();
        for (JsonNode finding : answer.path("findings")) {
            if (finding.path("blocking").asBoolean()) {
                problems.add(line(finding));
            }
        }
        return new Verdict(answer.path("compatible").asBoolean(), problems, answer.toString());
    }

    /** The job's whole answer. */
    public static JsonNode document(Verdict verdict) {
        try {
            return new ObjectMapper().readTree(verdict.json());
        } catch (JsonProcessingException e) {
            throw AimaException.failed("the job's verdict is not JSON", e);
        }
    }

    /** A finding as one line: operator, state, what. */
    public static String line(JsonNode finding) {
        String state = finding.path("state").asText();
        return finding.path("operator").asText()
                + (state.isEmpty() ? "" : "/" + state)
                + ": "
                + finding.path("kind").asText().toLowerCase(java.util.Locale.ROOT).replace('_', ' ')
                + ": "
                + finding.path("detail").asText();
    }
}
