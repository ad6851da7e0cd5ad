package org.aima.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * What every job's jar must hold to: it carries what the job needs and nothing that a Flink
 * distribution brings, and it describes itself in a JVM of its own.
 */
public abstract class JobJarContract {
    /**
     * What a distribution's lib directory holds: Flink itself, its logging, its small libraries.
     */
    private static final Pattern DISTRIBUTION =
            Pattern.compile(
                    ".*/(org/apache/flink/(?!flink-(connector|test)).*(?<!-tests)|org/slf4j/.*"
                            + "|org/apache/logging/.*|commons-cli/.*|org/apache/commons/.*"
                            + "|commons-collections/.*|com/esotericsoftware/.*)\\.jar");

    /** Where connectors have their classes; that of Kafka has some in an older place. */
    private static final Pattern CONNECTORS =
            Pattern.compile(
                    "org/apache/flink/(connector|streaming/connectors|streaming/util/serialization)/.*");

    private final Class<?> job;
    private final String name;
    private final Path jar;

    /**
     * @param job the class with the jar's main method
     * @param name the job's name, which is also the jar's in {@code target} of the module
     */
    protected JobJarContract(Class<?> job, String name) {
        this.job = job;
        this.name = name;
        this.jar = Path.of(System.getProperty("basedir", "."), "target", name + ".jar");
    }

    /** Entries, as regular expressions, that this job cannot work without. */
    protected abstract List<String> needed();

    /** Names of actions and options that the description must hold. */
    protected abstract List<String> described();

    private List<String> entries() throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            return file.stream().map(e -> e.getName()).toList();
        }
    }

    @Test
    void carriesNothingOfTheDistribution() throws IOException {
        assertThat(entries())
                .filteredOn(e -> e.startsWith("org/apache/flink/") && e.endsWith(".class"))
                .allMatch(e -> CONNECTORS.matcher(e).matches());
        assertThat(entries())
                .noneMatch(e -> e.startsWith("org/slf4j/"))
                .noneMatch(e -> e.startsWith("org/apache/logging/"))
                .noneMatch(e -> e.startsWith("org/apache/log4j/"))
                .noneMatch(e -> e.startsWith("ch/qos/logback/"))
                .noneMatch(e -> e.matches("(.*/)?log4j2?[^/]*\\.(xml|properties)"))
                .noneMatch(e -> e.matches("META-INF/[^/]+\\.(SF|DSA|RSA)"))
                .noneMatch(e -> e.startsWith("org/junit/") || e.startsWith("org/aima/testkit/"));
    }

    @Test
    void carriesWhatTheJobNeeds() throws IOException {
        List<String> entries = entries();
        assertThat(entries)
                .contains(
                        "aima-conf/stores.yaml",
                        "aima-conf/" + name + ".yaml",
                        job.getName().replace('.', '/') + ".class",
                        "org/aima/stores/EmbeddingStore.class");
        for (String pattern : needed()) {
            assertThat(entries).as(pattern).anyMatch(e -> e.matches(pattern));
        }
    }

    @Test
    void servicesOfAllLibrariesAreMerged() throws IOException {
        // Two libraries of Jackson each bring this file; without merging one of them is lost.
        try (JarFile file = new JarFile(jar.toFile())) {
            String services =
                    new String(
                            file.getInputStream(
                                            file.getEntry(
                                                    "META-INF/services/com.fasterxml.jackson.core.ObjectCodec"))
                                    .readAllBytes(),
                            StandardCharsets.UTF_8);
            assertThat(services.lines())
                    .contains(
                            "com.fasterxml.jackson.databind.ObjectMapper",
                            "com.fasterxml.jackson.dataformat.yaml.YAMLMapper");
        }
    }

    @Test
    void describesItselfOnTheClassPathOfADistribution() throws Exception {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx256m",
                                "-cp",
                                jar + File.pathSeparator + distribution(),
                                job.getName(),
                                "--describe")
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        assertThat(answer).contains("\"job\":\"" + name + "\"");
        for (String word : described()) {
            assertThat(answer).contains("\"" + word + "\"");
        }
    }

    private static String distribution() {
        String home = System.getenv("FLINK_HOME");
        if (home != null && Files.isDirectory(Path.of(home, "lib"))) {
            return Path.of(home, "lib").resolve("*").toString();
        }
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(e -> DISTRIBUTION.matcher(e).matches())
                .collect(Collectors.joining(File.pathSeparator));
    }
}
