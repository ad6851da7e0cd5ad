package org.aima.operate.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Dashboards and rules use names that exist, and Prometheus' own checker accepts the rules. */
class MetricsFilesTest {
    private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();
    private static final Path FILES = ROOT.resolve("conf/metrics");
    private static final Pattern NAME = Pattern.compile("\\b(?:flink|aima)_[A-Za-z0-9_]+\\b");
    private static final Pattern QUOTED = Pattern.compile("\"[^\"]*\"");
    private static final Set<String> LABELS = Set.of("aima_job");

    /** The names an expression uses, without labels and what they are compared with. */
    private static Set<String> names(String expression) {
        Set<String> names = new TreeSet<>();
        Matcher name = NAME.matcher(QUOTED.matcher(expression).replaceAll(""));
        while (name.find()) {
            names.add(name.group());
        }
        names.removeAll(LABELS);
        return names;
    }

    private static List<String> expressions(JsonNode document) {
        List<String> found = new ArrayList<>();
        document.findValues("expr").forEach(e -> found.add(e.asText()));
        document.findValues("query").forEach(q -> found.add(q.asText()));
        return found;
    }

    @Test
    void thePageIsWhatTheCodeSays() throws IOException {
        assertThat(Files.readString(ROOT.resolve("docs/metrics.md")))
                .as("write it anew: submit-scripts/aima docs metrics")
                .isEqualTo(MetricCatalogue.markdown());
    }

    @ParameterizedTest
    @ValueSource(strings = {"alerts.yaml", "dashboard-runs.json", "dashboard-jobs.json"})
    void everyNameIsInTheTable(String file) throws IOException {
        // JSON is YAML too.
        JsonNode document =
                new ObjectMapper(new YAMLFactory()).readTree(FILES.resolve(file).toFile());
        Set<String> used = new TreeSet<>();
        expressions(document).forEach(e -> used.addAll(names(e)));
        assertThat(used).hasSizeGreaterThan(5);
        assertThat(MetricCatalogue.names()).containsAll(used);
    }

    @Test
    void everyTopicOfTheRunbookHasARule() throws IOException {
        JsonNode rules =
                new ObjectMapper(new YAMLFactory()).readTree(FILES.resolve("alerts.yaml").toFile());
        String operations = Files.readString(ROOT.resolve("docs/operations.md"));
        assertThat(rules.findValues("alert")).hasSizeGreaterThan(10);
        for (JsonNode alert : rules.findValues("alert")) {
            assertThat(operations).contains("`" + alert.asText() + "`");
        }
    }

    @Test
    void promtoolAcceptsRulesAndTheirTests() throws Exception {
        String promtool =
                run(
                                ROOT,
                                "python3",
                                ROOT.resolve("submit-scripts/stack").toString(),
                                "tool",
                                "promtool")
                        .strip()
                        .lines()
                        .reduce("", (before, line) -> line);
        assertThat(run(FILES, promtool, "check", "config", "prometheus.yaml"))
                .contains("SUCCESS: 17 rules found");
        assertThat(run(FILES, promtool, "test", "rules", "alerts_test.yaml")).contains("SUCCESS");
    }

    private static String run(Path directory, String... words)
            throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(words)
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
