package org.aima.archival;

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

/** The jar carries what the job needs and nothing that a Flink distribution brings. */
class JobJarITCase {
    private static final Path JAR =
            Path.of(System.getProperty("basedir", "."), "target", "archival-compaction.jar");

    /**
     * What a distribution's lib directory holds: Flink itself, its logging, its small libraries.
     */
    private static final Pattern DISTRIBUTION =
            Pattern.compile(
                    ".*/(org/apache/flink/(?!flink-(connector|test)).*(?<!-tests)|org/slf4j/.*"
                            + "|org/apache/logging/.*|commons-cli/.*|org/apache/commons/.*"
                            + "|commons-collections/.*|com/esotericsoftware/.*)\\.jar");

    private static List<String> entries() throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            return jar.stream().map(e -> e.getName()).toList();
        }
    }

    private static String text(String entry) throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            return new String(
                    jar.getInputStream(jar.getEntry(entry)).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void carriesNothingOfTheDistribution() throws IOException {
        assertThat(entries())
                .filteredOn(e -> e.startsWith("org/apache/flink/") && e.endsWith(".class"))
                .allMatch(e -> e.startsWith("org/apache/flink/connector/"));
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
        assertThat(entries())
                .contains(
                        "aima-conf/stores.yaml",
                        "aima-conf/archival-compaction.yaml",
                        "org/aima/archival/ArchivalCompactionJob.class",
                        "org/aima/stores/EmbeddingStore.class")
                .contains("org/apache/parquet/avro/AvroParquetWriter.class")
                .anyMatch(e -> e.matches("linux/amd64/libzstd-jni.*"));
    }

    @Test
    void servicesOfAllLibrariesAreMerged() throws IOException {
        // Two libraries of Jackson each bring this file; without merging one of them is lost.
        assertThat(text("META-INF/services/com.fasterxml.jackson.core.ObjectCodec").lines())
                .contains(
                        "com.fasterxml.jackson.databind.ObjectMapper",
                        "com.fasterxml.jackson.dataformat.yaml.YAMLMapper");
    }

    @Test
    void describesItselfOnTheClassPathOfADistribution() throws Exception {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx256m",
                                "-cp",
                                JAR + File.pathSeparator + distribution(),
                                ArchivalCompactionJob.class.getName(),
                                "--describe")
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        assertThat(answer)
                .contains("\"job\":\"archival-compaction\"")
                .contains("\"archive\"")
                .contains("\"file.target-mib\"");
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
