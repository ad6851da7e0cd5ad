package org.aima.operate.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.aima.jobs.error.AimaException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptFilesTest {
    @TempDir Path directory;

    private Path write(String name, String content) throws Exception {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, content);
    }

    @Test
    void keptJarOutlivesTheOneThatWasBuilt() throws Exception {
        KeptFiles kept = new KeptFiles(directory.resolve("kept"));
        Path built = write("job.jar", "first");
        String first = kept.keepJar(built);
        String second = kept.keepJar(write("job.jar", "second"));
        Files.delete(built);
        assertThat(first).isNotEqualTo(second);
        assertThat(kept.jar(first)).hasContent("first");
        assertThat(kept.jar(second)).hasContent("second");
    }

    @Test
    void configurationIsKeptAsItWas() throws Exception {
        KeptFiles kept = new KeptFiles(directory.resolve("kept"));
        write("conf/stores.yaml", "a: 1");
        write("conf/counts.yaml", "b: 1");
        write("conf/other.yaml", "c: 1");
        String name = kept.keepConfiguration(directory.resolve("conf"), "counts");
        write("conf/counts.yaml", "b: 2");
        assertThat(kept.configuration(name).resolve("counts.yaml")).hasContent("b: 1");
        assertThat(kept.configuration(name).resolve("stores.yaml")).hasContent("a: 1");
        assertThat(kept.configuration(name).resolve("other.yaml")).doesNotExist();
        assertThat(kept.keepConfiguration(directory.resolve("conf"), "counts")).isNotEqualTo(name);
    }

    @Test
    void jarThatIsGoneSaysWhereItIsLookedFor() {
        assertThatExceptionOfType(AimaException.class)
                .isThrownBy(() -> new KeptFiles(directory).jar("abc"))
                .withMessageContaining("AIMA_JARS");
    }

    @Test
    void laterSettingsWinAndFilesAreAdded() {
        assertThat(
                        StreamCourse.overlaid(
                                List.of(
                                        "--action",
                                        "count",
                                        "-c",
                                        "a.yaml",
                                        "parallelism=2",
                                        "x=1"),
                                List.of(Path.of("/b.yaml")),
                                List.of("parallelism=3", "y=a=b")))
                .containsExactly(
                        "--action",
                        "count",
                        "-c",
                        "a.yaml",
                        "-c",
                        "/b.yaml",
                        "parallelism=3",
                        "x=1",
                        "y=a=b");
    }
}
