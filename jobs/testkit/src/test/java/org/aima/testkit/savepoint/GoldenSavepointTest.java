package org.aima.testkit.savepoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.aima.jobs.savepoint.OperatorGraph;
import org.aima.jobs.savepoint.SavepointComparison;
import org.aima.jobs.savepoint.SavepointContent;
import org.aima.jobs.savepoint.SavepointVerdict;
import org.aima.jobs.savepoint.SavepointVerdict.Kind;
import org.aima.testkit.flink.CollectingSink;
import org.aima.testkit.flink.MiniCluster;
import org.aima.testkit.savepoint.SampleStream.Variant;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * A savepoint that was written by an earlier form of the code: its state class has lost, gained and
 * reordered fields since.
 */
class GoldenSavepointTest {
    private static final String GOLDEN = "/savepoints/sample-0.1.0";

    @RegisterExtension static final MiniCluster CLUSTER = new MiniCluster();
    @TempDir Path directory;

    private static String golden() throws Exception {
        Path metadata =
                Path.of(
                        Objects.requireNonNull(
                                        GoldenSavepointTest.class.getResource(
                                                GOLDEN + "/_metadata"))
                                .toURI());
        return metadata.getParent().toUri().toString();
    }

    private static Configuration from(String savepoint) {
        Configuration configuration = new Configuration();
        configuration.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
        return configuration;
    }

    /** Writes the file anew: {@code -Daima.golden=DIRECTORY}. Only for a new release. */
    @Test
    @EnabledIfSystemProperty(named = "aima.golden", matches = ".+")
    void isWritten() throws Exception {
        Path written =
                Path.of(
                        java.net.URI.create(
                                SavepointTaking.savepoint(
                                        Variant.first(), new Configuration(), directory)));
        Path target = Files.createDirectories(Path.of(System.getProperty("aima.golden")));
        try (var files = Files.list(written)) {
            for (Path file : files.toList()) {
                Files.copy(file, target.resolve(file.getFileName()));
            }
        }
    }

    @Test
    void fitsThePresentCode() throws Exception {
        SavepointVerdict verdict =
                SavepointComparison.compare(
                        OperatorGraph.of(SampleStream.define(Variant.first(), new Configuration())),
                        SavepointContent.read(golden(), getClass().getClassLoader()),
                        Set.of());
        assertThat(verdict.compatible()).as("%s", verdict.findings()).isTrue();
        assertThat(verdict.findings())
                .filteredOn(f -> f.state().equals("tally"))
                .singleElement()
                .matches(f -> f.kind() == Kind.MIGRATED);
    }

    @Test
    void isRestoredByTwoThenFourThenOneTaskAndNothingIsLost() throws Exception {
        try (CollectingSink<String> counts = new CollectingSink<>()) {
            String second =
                    SavepointTaking.savepoint(Variant.first(), from(golden()), directory, counts);
            String third =
                    SavepointTaking.savepoint(
                            Variant.first().parallelism(4), from(second), directory, counts);
            SampleStream.define(Variant.first().parallelism(1), from(third), counts)
                    .execute("sample stream");
            Map<Long, Long> highest = new TreeMap<>();
            for (String row : counts.rows()) {
                String[] parts = row.split("=");
                highest.merge(Long.parseLong(parts[0]), Long.parseLong(parts[1]), Math::max);
            }
            assertThat(highest).hasSize(SampleStream.KEYS);
            assertThat(highest.values()).containsOnly(SampleStream.NUMBERS / SampleStream.KEYS);
        }
    }
}
