package org.aima.backfill.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.aima.jobs.config.SecretReference;
import org.aima.stores.milvus.MilvusAddress;
import org.aima.stores.milvus.MilvusEmbeddingStore;
import org.aima.stores.mongo.MongoAddress;
import org.aima.stores.mongo.MongoDocumentStore;

/** A stack of this module's own, started and used by the operator's command. */
final class BackfillStack implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long MINUTES = 6;

    private final Path root = Path.of(System.getProperty("aima.root")).toAbsolutePath();
    private final Map<String, String> environment = new TreeMap<>(System.getenv());
    private final Map<String, String> addresses = new TreeMap<>();

    BackfillStack() {
        environment
                .keySet()
                .removeIf(
                        k ->
                                k.startsWith("FLINK_")
                                        || k.startsWith("AIMA_") && !k.equals("AIMA_HOME"));
        environment.put("AIMA_STACK", "e2e-backfill");
        environment.put("AIMA_NO_BUILD", "1");
        environment.put("AIMA_MONGO_DB", "backfill");
        environment.put(
                "AIMA_REPORTS", root.resolve("embedding-backfill/target/e2e-reports").toString());
        aima("stack", "reset", "--yes").exits(0);
        aima("stack", "up").exits(0);
        JsonNode found = aima("stack", "env", "--json").exits(0).json();
        found.fields().forEachRemaining(f -> addresses.put(f.getKey(), f.getValue().asText()));
    }

    /** How a command ended. */
    record Result(List<String> words, int exit, String out, String err) {
        Result exits(int code) {
            assertThat(exit)
                    .as("exit code of %s%n%s%n%s", String.join(" ", words), err, out)
                    .isEqualTo(code);
            return this;
        }

        JsonNode json() {
            try {
                return JSON.readTree(out);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** A command that runs. */
    record Running(List<String> words, Process process, Path out, Path err) {
        Result await() {
            try {
                if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
                    process.descendants().forEach(ProcessHandle::destroyForcibly);
                    process.destroyForcibly();
                    throw new AssertionError(words + " does not end:\n" + Files.readString(err));
                }
                return new Result(
                        words, process.exitValue(), Files.readString(out), Files.readString(err));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }

        /** Kills the client alone, with -9; what it started has to notice by itself. */
        void killClient() {
            process.children().findFirst().orElse(process.toHandle()).destroyForcibly();
            await();
        }
    }

    Running start(String... arguments) {
        try {
            Path out = Files.createTempFile("backfill", ".out");
            Path err = Files.createTempFile("backfill", ".err");
            List<String> words =
                    new ArrayList<>(List.of(root.resolve("submit-scripts/aima").toString()));
            words.addAll(Arrays.asList(arguments));
            ProcessBuilder builder =
                    new ProcessBuilder(words)
                            .directory(root.toFile())
                            .redirectOutput(out.toFile())
                            .redirectError(err.toFile());
            builder.environment().clear();
            builder.environment().putAll(environment);
            return new Running(words, builder.start(), out, err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Result aima(String... arguments) {
        return start(arguments).await();
    }

    private static SecretReference secret(String value) {
        try {
            Path file = Files.createTempFile("backfill", ".secret");
            file.toFile().deleteOnExit();
            return new SecretReference("${file:" + Files.writeString(file, value) + "}");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    MilvusEmbeddingStore milvus() {
        return new MilvusEmbeddingStore(
                new MilvusAddress(
                        secret(addresses.get("AIMA_MILVUS_URI")),
                        secret(""),
                        Duration.ofSeconds(60)));
    }

    MongoDocumentStore mongo() {
        return new MongoDocumentStore(
                new MongoAddress(secret(addresses.get("AIMA_MONGO_URI")), "backfill"));
    }

    @Override
    public void close() {
        aima("stack", "down");
    }
}
