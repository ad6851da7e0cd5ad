package org.aima.operate.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.tools.ToolProvider;

/**
 * Builds versions of the sample stream as jars of their own: a state class that changes between
 * versions cannot be on one class path twice.
 */
final class SampleJar {
    /** What a job's jar carries and the cluster does not have. */
    private static final String CARRIED =
            ".*(aima-kernel|aima-stores|jobs/kernel/target|jobs/stores/target|jackson|snakeyaml"
                    + "|mongodb-driver|bson|picocli|commons-text|commons-lang3"
                    + "|flink-connector-mongodb|flink-connector-base|jspecify).*";

    private SampleJar() {}

    static Path build(Path directory, String name, Map<String, String> words) throws IOException {
        Path classes = Files.createDirectories(directory.resolve(name));
        Path source = classes.resolve("CountsJob.java");
        Files.writeString(source, source(words));
        int errors =
                ToolProvider.getSystemJavaCompiler()
                        .run(
                                null,
                                null,
                                null,
                                "-proc:none",
                                "-d",
                                classes.toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                source.toString());
        assertThat(errors).as("the sample job compiles").isZero();
        Path jar = directory.resolve(name + ".jar");
        Set<String> written = new HashSet<>();
        try (OutputStream out = Files.newOutputStream(jar);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.setLevel(Deflater.BEST_SPEED);
            put(
                    zip,
                    written,
                    JarFile.MANIFEST_NAME,
                    "Manifest-Version: 1.0\nMain-Class: org.aima.sample.CountsJob\n\n"
                            .getBytes(StandardCharsets.UTF_8));
            copy(classes, zip, written);
            for (String entry : carried()) {
                copy(Path.of(entry), zip, written);
            }
        }
        return jar;
    }

    private static String source(Map<String, String> words) throws IOException {
        try (InputStream in =
                Objects.requireNonNull(
                        SampleJar.class.getResourceAsStream("/stream/CountsJob.java.txt"))) {
            String source = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            for (Map.Entry<String, String> word : new TreeMap<>(words).entrySet()) {
                source = source.replace("@" + word.getKey() + "@", word.getValue());
            }
            return source;
        }
    }

    private static List<String> carried() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(e -> e.matches(CARRIED))
                .toList();
    }

    private static void copy(Path from, ZipOutputStream zip, Set<String> written)
            throws IOException {
        if (Files.isDirectory(from)) {
            try (Stream<Path> files = Files.walk(from)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    put(zip, written, from.relativize(file).toString(), Files.readAllBytes(file));
                }
            }
            return;
        }
        try (JarFile jar = new JarFile(from.toFile())) {
            for (var entries = jar.entries(); entries.hasMoreElements(); ) {
                ZipEntry entry = entries.nextElement();
                if (!entry.isDirectory()) {
                    put(zip, written, entry.getName(), jar.getInputStream(entry).readAllBytes());
                }
            }
        }
    }

    private static void put(ZipOutputStream zip, Set<String> written, String name, byte[] content)
            throws IOException {
        if (written.add(name)) {
            zip.putNextEntry(new ZipEntry(name));
            zip.write(content);
            zip.closeEntry();
        }
    }
}
