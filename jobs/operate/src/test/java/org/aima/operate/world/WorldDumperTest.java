package org.aima.operate.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.aima.jobs.error.ConfigurationException;
import org.aima.operate.progress.ProgressListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorldDumperTest {
    @TempDir Path directory;

    private static Path dump(WorldFixture world, Path to) {
        new WorldDumper(world.documents, world.embeddings).dump(to, ProgressListener.SILENT);
        return to;
    }

    private static Map<String, List<Byte>> bytes(Path directory) throws IOException {
        Map<String, List<Byte>> contents = new TreeMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                byte[] content = Files.readAllBytes(file);
                Byte[] boxed = new Byte[content.length];
                for (int i = 0; i < content.length; i++) {
                    boxed[i] = content[i];
                }
                contents.put(file.getFileName().toString(), List.of(boxed));
            }
        }
        contents.remove("world.json");
        return contents;
    }

    @Test
    void whatIsDumpedAndLoadedIsTheSame() throws IOException {
        Path source = Files.createDirectory(directory.resolve("source"));
        WorldFixture world = new WorldFixture(source);
        world.file(
                        "media_items.ndjson",
                        "{\"_id\":{\"$oid\":\"507f1f77bcf86cd799439011\"},\"media_id\":\"m\","
                                + "\"a\":{\"$numberLong\":\"5\"},\"b\":5,\"c\":5.0,\"d\":null,"
                                + "\"e\":{\"$numberDecimal\":\"1.10\"},\"f\":{\"$date\":"
                                + "{\"$numberLong\":\"-1\"}},\"g\":{\"$numberDouble\":\"NaN\"},"
                                + "\"h\":[1,{\"x\":\"\\\"\\n\"}],\"i\":{\"$numberLong\":"
                                + "\"9007199254740993\"}}",
                        "{\"_id\":\"text\",\"media_id\":\"n\"}",
                        "{\"_id\":7,\"media_id\":\"o\"}")
                .file(
                        "face_embeddings.ndjson",
                        "{\"embedding_id\":\"b\",\"embedding\":[0.1,-0.0000001,1e-30],"
                                + "\"confidence\":0.3,\"timestamp\":1760000000000}",
                        "{\"embedding_id\":\"a \\\"\\n\",\"embedding\":[0,0,0]}",
                        "{\"embedding_id\":\"c\",\"embedding\":[1,0,0],\"_partition\":\"video\"}")
                .load();
        Path first = dump(world, directory.resolve("first"));

        WorldFixture copy = new WorldFixture(first);
        LoadReport report = copy.load();
        Path second = dump(copy, directory.resolve("second"));

        assertThat(report.total().rejected()).isZero();
        assertThat(report.total().written()).isEqualTo(6);
        assertThat(copy.all("media_items")).isEqualTo(world.all("media_items"));
        assertThat(copy.embeddings.partitions("face_embeddings"))
                .containsExactly("_default", "video");
        assertThat(bytes(second)).isEqualTo(bytes(first)).hasSize(2);
        assertThat(world.load(first).total().written()).isZero();
        assertThat(Files.readString(first.resolve("world.json")))
                .contains("\"face_embeddings\" : 3");
    }

    @Test
    void namesThePartitionOnlyWhenItIsNotTheDefault() throws IOException {
        WorldFixture world = new WorldFixture(directory);
        world.file(
                        "face_embeddings.ndjson",
                        "{\"embedding_id\":\"a\",\"embedding\":[1,0,0]}",
                        "{\"embedding_id\":\"b\",\"embedding\":[1,0,0],\"_partition\":\"video\"}")
                .load();
        Path out = dump(world, directory.resolve("out"));

        try (LineReader lines = LineReader.open(out.resolve("face_embeddings.ndjson.gz"))) {
            assertThat(new String(lines.next().bytes())).doesNotContain("_partition");
            assertThat(new String(lines.next().bytes())).contains("\"_partition\":\"video\"");
            assertThat(lines.next()).isNull();
        }
    }

    @Test
    void refusesADirectoryThatHoldsSomething() throws IOException {
        Files.writeString(directory.resolve("mine.txt"), "x");

        assertThat(
                        catchThrowableOfType(
                                () -> dump(new WorldFixture(directory), directory),
                                ConfigurationException.class))
                .hasMessageContaining("not empty");
    }
}
