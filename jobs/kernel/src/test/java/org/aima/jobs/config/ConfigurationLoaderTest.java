package org.aima.jobs.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.aima.jobs.error.ConfigurationException;
import org.aima.jobs.error.ConfigurationProblem;
import org.aima.jobs.error.ExitCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator may write, and what the answer to a mistake is. */
class ConfigurationLoaderTest {
    private static final String CANARY = "hunter2-canary";
    private static final Option<Integer> NEIGHBOURS =
            Option.integer("neighbours.k", "How many.")
                    .defaultsTo("80")
                    .require(k -> k > 0, "give a whole number above 0");
    private static final Option<String> TARGET = Option.text("target", "Where to.");
    private static final Option<Boolean> DRY = Option.flag("dry", "Only look.").defaultsTo("false");
    private static final Option<Double> THRESHOLD =
            Option.number("threshold.face", "From where on.").defaultsTo("0.5");
    private static final Option<Duration> PATIENCE =
            Option.duration("patience", "How long.").defaultsTo("30s");
    private static final Option<Mode> MODE =
            Option.choice("mode", Mode.class, "Which way.").defaultsTo("in-flink");
    private static final Option<SecretReference> PASSWORD =
            Option.secret("store.password", "Login.").defaultsTo("${env:PASSWORD:-}");
    private static final List<Option<?>> ALL =
            List.of(NEIGHBOURS, TARGET, DRY, THRESHOLD, PATIENCE, MODE, PASSWORD);

    private enum Mode {
        IN_FLINK,
        MILVUS
    }

    private static ConfigurationLoader loader(Map<String, String> environment) {
        return new ConfigurationLoader(ALL, environment);
    }

    private static ConfigurationLoader loader() {
        return loader(Map.of());
    }

    private static List<ConfigurationProblem> problems(ConfigurationLoader loader) {
        try {
            loader.load();
        } catch (ConfigurationException e) {
            assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_USAGE);
            assertThat(e.problems()).allMatch(p -> e.getMessage().contains(p.render()));
            return e.problems();
        }
        throw new AssertionError("no problem was found");
    }

    private static String problem(ConfigurationLoader loader) {
        assertThat(problems(loader)).hasSize(1);
        return problems(loader).get(0).render();
    }

    private static String origin(Configuration configuration, String key) {
        return configuration.settings().stream()
                .filter(s -> s.key().equals(key))
                .findFirst()
                .orElseThrow()
                .origin();
    }

    @Test
    void defaultsAreTypedValues() {
        Configuration configuration = loader().arguments(List.of("target=x")).load();
        assertThat(configuration.get(NEIGHBOURS)).isEqualTo(80);
        assertThat(configuration.get(DRY)).isFalse();
        assertThat(configuration.get(THRESHOLD)).isEqualTo(0.5);
        assertThat(configuration.get(PATIENCE)).isEqualTo(Duration.ofSeconds(30));
        assertThat(configuration.get(MODE)).isEqualTo(Mode.IN_FLINK);
        assertThat(configuration.get(TARGET)).isEqualTo("x");
    }

    @Test
    void laterLayersWinAndEveryValueKnowsItsOrigin() {
        Configuration configuration =
                loader().yaml("target: a\nneighbours:\n  k: 1\ndry: true", "first.yaml")
                        .yaml("target: b\nneighbours.k: 2", "second.yaml")
                        .arguments(List.of("target=c"))
                        .load();
        assertThat(configuration.get(TARGET)).isEqualTo("c");
        assertThat(origin(configuration, "target")).isEqualTo("argument");
        assertThat(configuration.get(NEIGHBOURS)).isEqualTo(2);
        assertThat(origin(configuration, "neighbours.k")).isEqualTo("second.yaml");
        assertThat(configuration.get(DRY)).isTrue();
        assertThat(origin(configuration, "dry")).isEqualTo("first.yaml");
        assertThat(origin(configuration, "mode")).isEqualTo("default");
    }

    @Test
    void everyProblemOfEveryLayerIsReportedAtOnce() {
        List<ConfigurationProblem> found =
                problems(
                        loader().yaml("neighbours:\n  k: many\n  kk: 3", "a.yaml")
                                .yaml("mode: magic", "b.yaml")
                                .arguments(List.of("dry=maybe", "patience=soon", "nonsense")));
        assertThat(found)
                .extracting(ConfigurationProblem::key)
                .containsExactlyInAnyOrder(
                        "neighbours.kk",
                        "nonsense",
                        "neighbours.k",
                        "mode",
                        "dry",
                        "patience",
                        "target");
    }

    @Test
    void unknownKeyNamesTheNearest() {
        assertThat(problem(loader().arguments(List.of("target=x", "neighbour.k=3"))))
                .isEqualTo("argument: neighbour.k: unknown key; did you mean neighbours.k?");
    }

    @Test
    void unknownKeyFarFromAllListsThem() {
        assertThat(problem(loader().arguments(List.of("target=x", "something.else.entirely=3"))))
                .contains("unknown key; known keys: dry, mode, neighbours.k");
    }

    @Test
    void wrongTypeTellsOriginKeyValueAndRemedy() {
        assertThat(problem(loader().yaml("target: x\nthreshold:\n  face: high", "conf/job.yaml")))
                .isEqualTo("conf/job.yaml: threshold.face = high: give a number");
    }

    @Test
    void valueOutsideTheConstraintTellsTheConstraint() {
        assertThat(problem(loader().arguments(List.of("target=x", "neighbours.k=0"))))
                .isEqualTo("argument: neighbours.k = 0: give a whole number above 0");
    }

    @Test
    void requiredOptionWithoutValueIsAProblem() {
        assertThat(problem(loader())).contains("target: is required and has no default");
    }

    @Test
    void choiceListsItsWords() {
        assertThat(problem(loader().arguments(List.of("target=x", "mode=IN_FLINK"))))
                .contains("give one of: in-flink, milvus");
    }

    @Test
    void environmentIsReadAndItsFallbackToo() {
        Configuration configuration =
                loader(Map.of("PLACE", "here"))
                        .yaml("target: ${env:PLACE}/${env:WHO:-nobody}", "a.yaml")
                        .load();
        assertThat(configuration.get(TARGET)).isEqualTo("here/nobody");
    }

    @Test
    void missingEnvironmentVariableIsNamed() {
        assertThat(problem(loader().yaml("target: ${env:AIMA_NOWHERE}", "a.yaml")))
                .startsWith("a.yaml: target")
                .contains("environment variable AIMA_NOWHERE is not set");
    }

    @Test
    void missingSecretVariableIsNamed() {
        assertThat(problem(loader().arguments(List.of("target=x", "store.password=${env:PW}"))))
                .contains("environment variable PW is not set");
    }

    @Test
    void valuesFromTheEnvironmentAreNotReadAsPlaceholders() {
        Configuration configuration =
                loader(Map.of("A", "${env:B} $1 \\")).arguments(List.of("target=${env:A}")).load();
        assertThat(configuration.get(TARGET)).isEqualTo("${env:B} $1 \\");
    }

    @Test
    void literalSecretIsRefusedAndNeverPrinted() {
        for (String text :
                List.of(
                        CANARY,
                        "mongodb://user:" + CANARY + "@host",
                        "${env:PASSWORD}" + CANARY,
                        "${env:PASSWORD:-" + CANARY + "}")) {
            for (ConfigurationLoader loader :
                    List.of(
                            loader().arguments(List.of("target=x", "store.password=" + text)),
                            loader().yaml(
                                            "target: x\nstore:\n  password: '" + text + "'",
                                            "a.yaml"))) {
                assertThat(problem(loader))
                        .contains("store.password", "secrets are never written")
                        .doesNotContain(CANARY);
            }
        }
    }

    @Test
    void secretIsShownAsItsReferenceOnly() {
        Configuration configuration =
                loader(Map.of("PW", CANARY))
                        .arguments(List.of("target=x", "store.password=${env:PW}"))
                        .load();
        assertThat(configuration.get(PASSWORD).resolve(Map.of("PW", CANARY))).isEqualTo(CANARY);
        assertThat(configuration.redacted()).containsEntry("store.password", "${env:PW}");
        assertThat(configuration.settings().toString()).doesNotContain(CANARY);
    }

    @Test
    void brokenYamlTellsItsLine() {
        assertThat(
                        problem(
                                loader().arguments(List.of("target=x"))
                                        .yaml("dry: true\nmode: [a", "broken.yaml")))
                .startsWith("broken.yaml: line 2")
                .contains("not valid YAML");
    }

    @Test
    void keyGivenTwiceInOneFileIsAProblem() {
        assertThat(
                        problem(
                                loader().arguments(List.of("target=x"))
                                        .yaml("dry: true\ndry: false", "a.yaml")))
                .startsWith("a.yaml: line 2")
                .contains("Duplicate field 'dry'");
    }

    @Test
    void fileThatIsNoMappingIsAProblem() {
        assertThat(problem(loader().arguments(List.of("target=x")).yaml("- a\n- b", "list.yaml")))
                .contains("write keys and values");
    }

    @Test
    void emptyFileIsNoProblem() {
        assertThat(
                        loader().yaml("", "a.yaml")
                                .yaml("# nothing\n", "b.yaml")
                                .yaml("mode: null\n", "c.yaml")
                                .arguments(List.of("target=x"))
                                .load()
                                .get(MODE))
                .isEqualTo(Mode.IN_FLINK);
    }

    @Test
    void keyWithoutValueIsAProblem() {
        assertThat(problem(loader().arguments(List.of("target=x")).yaml("mode:\n", "a.yaml")))
                .startsWith("a.yaml: mode: give one of");
    }

    @Test
    void filesAreReadAndMissingOnesNamed(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("job.yaml"), "target: from file");
        assertThat(loader().file(file).load().get(TARGET)).isEqualTo("from file");
        assertThat(
                        problem(
                                loader().arguments(List.of("target=x"))
                                        .file(directory.resolve("absent.yaml"))))
                .contains("absent.yaml", "cannot be read");
    }

    @Test
    void listsBecomeTextWithCommas() {
        assertThat(loader().yaml("target: [a, b, c]", "a.yaml").load().get(TARGET))
                .isEqualTo("a,b,c");
    }

    @Test
    void optionThatWasNotLoadedCannotBeRead() {
        Configuration configuration = loader().arguments(List.of("target=x")).load();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> configuration.get(Option.text("other", "?")))
                .withMessageContaining("other");
    }

    @Test
    void noProblemsThrowNothing() {
        Configuration.throwIfAny(List.of());
        assertThatExceptionOfType(ConfigurationException.class)
                .isThrownBy(
                        () ->
                                Configuration.throwIfAny(
                                        List.of(new ConfigurationProblem("o", "k", "v", "r"))))
                .withMessageContaining("o: k = v: r");
    }
}
