package org.aima.operate.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.parser.CronParser;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.aima.operate.Aima;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The schedules as far as they can be checked without the products that read them. */
class ScheduleFilesTest {
    private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();
    private static final Path SCHEDULE = ROOT.resolve("submit-scripts/schedule");
    private static final Path INSTALLED = Path.of("/opt/aima");
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final Pattern WORD = Pattern.compile("'([^']*)'|\"([^\"]*)\"|(\\S+)");

    @TempDir private Path directory;

    private record Ran(int exit, String output) {}

    private static Ran run(String... words) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes());
        return new Ran(process.waitFor(), output);
    }

    private static List<String> words(String command) {
        List<String> words = new ArrayList<>();
        Matcher word = WORD.matcher(command);
        while (word.find()) {
            words.add(
                    word.group(1) != null
                            ? word.group(1)
                            : word.group(2) != null ? word.group(2) : word.group(3));
        }
        return words;
    }

    /** The verb's own parser accepts every option, and slots fill every setting. */
    private static void assertAimaTakes(List<String> words) {
        CommandLine.ParseResult parsed =
                new CommandLine(new Aima()).parseArgs(words.toArray(String[]::new));
        assertThat(parsed.subcommand().errors()).isEmpty();
        Slot slot = new Slot("2026-11-27", java.time.Instant.parse("2026-11-27T00:00:00Z"));
        words.forEach(w -> assertThat(slot.fill(w)).doesNotContain("{"));
        if (words.get(0).equals("run")) {
            assertThat(words).contains("--run-id");
        }
    }

    private static void assertCron(String expression) {
        new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX))
                .parse(expression)
                .validate();
    }

    /** A command of an installation at /opt/aima is there and may be executed. */
    private static void assertInstalled(String command) {
        Path here = ROOT.resolve(INSTALLED.relativize(Path.of(command)));
        assertThat(here).isExecutable();
    }

    @Test
    void nightlyCourseIsOneThatAimaTakes() throws Exception {
        Path nightly = SCHEDULE.resolve("nightly");
        assertThat(run("bash", "-n", nightly.toString())).isEqualTo(new Ran(0, ""));
        List<String> slots =
                Files.readAllLines(nightly).stream().filter(l -> l.startsWith("slot ")).toList();
        assertThat(slots).hasSize(5);
        for (String slot : slots) {
            List<String> words = words(slot);
            words.addAll(List.of("--every=day", "--missed=skip"));
            assertAimaTakes(words);
        }
        assertThat(slots.stream().map(s -> words(s).get(1)).distinct())
                .containsExactly(
                        "embedding-backfill:metadata",
                        "person-clustering:recluster",
                        "archival-compaction:archive",
                        "dossier-aggregation:rebuild");
    }

    @Test
    void crontabIsWellFormed() throws Exception {
        int jobs = 0;
        for (String line : Files.readAllLines(SCHEDULE.resolve("cron/aima.crontab"))) {
            if (line.isBlank() || line.startsWith("#") || line.matches("[A-Z_]+=.*")) {
                continue;
            }
            jobs++;
            String[] fields = line.split("\\s+", 6);
            assertCron(String.join(" ", List.of(fields).subList(0, 5)));
            // A bare % would end the command and begin its input.
            assertThat(fields[5]).doesNotContainPattern("(?<!\\\\)%");
            List<String> command = words(fields[5].replace("$(date -u +\\%F)", "2026-11-27"));
            assertInstalled(command.get(0).replace("$AIMA", INSTALLED + "/submit-scripts"));
            if (command.get(0).endsWith("/aima")) {
                assertAimaTakes(command.subList(1, command.size()));
            }
        }
        assertThat(jobs).isEqualTo(6);
    }

    @Test
    void aimaTakesWhatUnitsStart() throws IOException {
        try (var units = Files.list(SCHEDULE.resolve("systemd"))) {
            for (Path unit : units.sorted().toList()) {
                for (String line :
                        Files.readAllLines(unit).stream()
                                .filter(l -> l.startsWith("ExecStart="))
                                .toList()) {
                    List<String> command = words(line.substring("ExecStart=".length()));
                    if (command.get(0).endsWith("/aima")) {
                        assertAimaTakes(command.subList(1, command.size()));
                    }
                }
            }
        }
    }

    @Test
    void systemdAcceptsUnitsAndTimes() throws Exception {
        // Only systemd itself knows its grammar, and not every machine has it.
        assumeThat(
                        Stream.of(System.getenv("PATH").split(File.pathSeparator))
                                .anyMatch(d -> Files.isExecutable(Path.of(d, "systemd-analyze"))))
                .isTrue();
        List<String> verify = new ArrayList<>(List.of("systemd-analyze", "verify"));
        try (var units = Files.list(SCHEDULE.resolve("systemd"))) {
            for (Path unit : units.sorted().toList()) {
                String text = Files.readString(unit);
                Path here = directory.resolve(unit.getFileName());
                Files.writeString(here, text.replace(INSTALLED.toString(), ROOT.toString()));
                verify.add(here.toString());
                for (String line : text.lines().filter(l -> l.startsWith("OnCalendar=")).toList()) {
                    assertThat(
                                    run(
                                                    "systemd-analyze",
                                                    "calendar",
                                                    line.substring("OnCalendar=".length()))
                                            .exit())
                            .as(line)
                            .isZero();
                }
            }
        }
        assertThat(verify).hasSize(2 + 4);
        // Warnings are printed with exit code 0.
        assertThat(run(verify.toArray(String[]::new))).isEqualTo(new Ran(0, ""));
    }

    @Test
    void airflowDagIsPythonWithKnownNamesAndCommands() throws Exception {
        Path reader = Path.of("src/test/resources/schedule/dag.py").toAbsolutePath();
        Ran ran =
                run(
                        "python3",
                        reader.toString(),
                        SCHEDULE.resolve("airflow/aima_nightly.py").toString());
        assertThat(ran.exit()).as(ran.output()).isZero();
        JsonNode answer = new ObjectMapper().readTree(ran.output());
        assertThat(answer.path("problems")).isEmpty();
        assertThat(answer.path("commands")).hasSize(4);
        for (JsonNode command : answer.path("commands")) {
            List<String> words =
                    words(
                            command.asText()
                                    .replace("{{ ds }}", "2026-11-27")
                                    .replaceAll(
                                            "\\{\\{ macros\\.ds_add\\(ds, -\\d+\\) }}",
                                            "2026-05-31"));
            assertInstalled(words.get(0));
            assertAimaTakes(words.subList(1, words.size()));
        }
    }

    // The model's types keep fields they do not know; the API server refuses or drops them.
    private static <T> T strictly(Class<T> type, JsonNode document) throws IOException {
        ObjectMapper strict = new ObjectMapper();
        strict.setAnnotationIntrospector(
                new JacksonAnnotationIntrospector() {
                    private static final long serialVersionUID = 1L;

                    @Override
                    public Boolean hasAnySetter(Annotated annotated) {
                        return annotated.hasAnnotation(JsonAnySetter.class) ? Boolean.FALSE : null;
                    }
                });
        strict.enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
        return strict.treeToValue(document, type);
    }

    @Test
    void cronJobIsOne() throws Exception {
        JsonNode document =
                YAML.readTree(SCHEDULE.resolve("kubernetes/nightly-cronjob.yaml").toFile());
        CronJob job = strictly(CronJob.class, document);
        assertThat(job.getKind()).isEqualTo("CronJob");
        assertThat(job.getApiVersion()).isEqualTo("batch/v1");
        assertCron(job.getSpec().getSchedule());
        assertThat(job.getSpec().getConcurrencyPolicy()).isEqualTo("Forbid");
        var pod = job.getSpec().getJobTemplate().getSpec().getTemplate().getSpec();
        assertThat(pod.getRestartPolicy()).isEqualTo("Never");
        assertInstalled(pod.getContainers().get(0).getCommand().get(0));
        assertThat(job.getSpec().getJobTemplate().getSpec().getPodFailurePolicy().getRules())
                .anyMatch(
                        r ->
                                r.getOnExitCodes() != null
                                        && r.getOnExitCodes()
                                                .getContainerName()
                                                .equals(pod.getContainers().get(0).getName()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"flink-session", "flink-stream", "flink-session-job"})
    void operatorResourcesAreThose(String name) throws Exception {
        JsonNode document =
                YAML.readTree(SCHEDULE.resolve("kubernetes/" + name + ".yaml").toFile());
        String schema = document.path("kind").asText().toLowerCase(java.util.Locale.ROOT);
        try (InputStream published =
                getClass().getResourceAsStream("/schedule/" + schema + ".schema.json")) {
            assertThat(
                            JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                                    .getSchema(published)
                                    .validate(document))
                    .isEmpty();
        }
        if (document.path("spec").has("podTemplate")) {
            strictly(Pod.class, document.path("spec").path("podTemplate"));
        }
        if (document.path("spec").has("job")) {
            assertThat(document.path("spec").path("job").path("args").toString())
                    .contains("\"--run-id\"");
        }
    }
}
