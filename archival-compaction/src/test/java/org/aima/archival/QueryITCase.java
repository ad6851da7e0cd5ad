package org.aima.archival;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import org.aima.testkit.flink.MiniCluster;
import org.aima.testkit.servers.RealStores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The queries of docs/archive-queries.md, by DuckDB and pyarrow: the same rows, byte for byte. */
class QueryITCase {
    @RegisterExtension static final RealStores STORES = new RealStores();
    @RegisterExtension static final MiniCluster CLUSTER = new MiniCluster();

    private static final String PACKAGES = "pyarrow duckdb boto3";

    @TempDir Path directory;

    /** A Python of its own with the packages; made once, kept in the suite's cache. */
    private static Path python() throws IOException, InterruptedException {
        String home =
                System.getenv()
                        .getOrDefault(
                                "AIMA_HOME", System.getProperty("user.home") + "/.cache/aima");
        Path venv = Path.of(home, "cache", "python-queries");
        Path python = venv.resolve("bin/python");
        if (!Files.exists(venv.resolve("complete"))) {
            run(Map.of(), "python3", "-m", "venv", "--clear", venv.toString());
            String[] pip =
                    (python + " -m pip install --quiet --disable-pip-version-check " + PACKAGES)
                            .split(" ");
            run(Map.of(), pip);
            Files.writeString(venv.resolve("complete"), PACKAGES);
        }
        return python;
    }

    private static String run(Map<String, String> environment, String... command)
            throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(String.join(" ", command)).isZero();
        return out;
    }

    @Test
    void duckDbAndPyarrowReadWhatWasArchived() throws Exception {
        try (ArchiveWorld world = new ArchiveWorld(STORES, "queries", directory).fill(1_000)) {
            world.run(new ArchiveAction(), "run-1");
            Path script =
                    Path.of(System.getProperty("basedir", "."), "src/test/python/read_archive.py");
            JsonNode seen =
                    new ObjectMapper()
                            .readTree(
                                    run(
                                            Map.of(
                                                    "AIMA_S3_ENDPOINT", STORES.s3().endpoint(),
                                                    "AIMA_S3_ACCESS_KEY",
                                                            STORES.s3().accessKey().resolve(),
                                                    "AIMA_S3_SECRET_KEY",
                                                            STORES.s3().secretKey().resolve()),
                                            python().toString(),
                                            script.toString(),
                                            world.bucket(),
                                            directory.resolve("files").toString()));
            Map<String, String> old = world.old();
            MessageDigest all = MessageDigest.getInstance("SHA-256");
            for (Map.Entry<String, String> row : old.entrySet()) {
                all.update(row.getKey().getBytes(StandardCharsets.UTF_8));
                all.update(
                        MessageDigest.getInstance("SHA-256")
                                .digest(HexFormat.of().parseHex(row.getValue())));
            }
            String expected = HexFormat.of().formatHex(all.digest());
            for (String reader : new String[] {"pyarrow", "duckdb"}) {
                assertThat(seen.path(reader).path("rows").asInt()).isEqualTo(old.size());
                assertThat(seen.path(reader).path("fingerprint").asText()).isEqualTo(expected);
            }
            assertThat(seen.path("duckdb").path("found").asInt()).isOne();
            assertThat(seen.path("duckdb").path("types"))
                    .isEqualTo(seen.path("pyarrow").path("types"));
            assertThat(seen.path("pyarrow").path("compression").asText()).isEqualTo("ZSTD");
            assertThat(seen.path("pyarrow").path("column_index").asBoolean()).isTrue();
            assertThat(seen.path("pyarrow").path("metadata").path("aima.run").asText())
                    .isEqualTo("run-1");
        }
    }
}
