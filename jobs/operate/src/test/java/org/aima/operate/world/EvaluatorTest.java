package org.aima.operate.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.aima.jobs.error.ConfigurationException;
import org.aima.operate.progress.ProgressListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluatorTest {
    @TempDir Path directory;

    private Evaluator.Report evaluate(WorldFixture world, String labels) throws IOException {
        Path file = directory.resolve("labels.csv");
        Files.writeString(file, labels);
        return new Evaluator(world.embeddings)
                .evaluate("face_embeddings", file, ProgressListener.SILENT);
    }

    private static String row(String id, String person) {
        return "{\"embedding_id\":\"%s\",\"embedding\":[1,0,0],\"person_id\":\"%s\"}"
                .formatted(id, person);
    }

    @Test
    void scoresTheRowsThatHaveLabels() throws IOException {
        WorldFixture world = new WorldFixture(directory);
        world.file(
                        "face_embeddings.ndjson",
                        row("a", "p"),
                        row("b", "p"),
                        row("c\\n\\\"", "q"),
                        row("d", ""),
                        row("e", ""),
                        row("unlabelled", "q"))
                .load();

        Evaluator.Report report =
                evaluate(
                        world,
                        "identity,note,embedding_id\r\n1,x,a\r\n1,\"y,z\",b\r\n2,,\"c\n\"\"\"\r\n"
                                + "2,,d\r\n3,,e\r\n3,,gone\r\n");

        assertThat(report.vectors()).isEqualTo(6);
        assertThat(report.withoutLabel()).isEqualTo(1);
        assertThat(report.withoutPerson()).isEqualTo(2);
        assertThat(report.labelsWithoutRow()).isEqualTo(1);
        assertThat(report.scores().labelled()).isEqualTo(5);
        assertThat(report.scores().clusters()).isEqualTo(4);
        assertThat(report.scores().pairwise().precision()).isEqualTo(1);
        assertThat(report.scores().pairwise().recall()).isEqualTo(0.5);
        assertThat(new ObjectMapper().valueToTree(report).at("/scores/bcubed/f").isDouble())
                .isTrue();
    }

    @Test
    void refusesLabelsWithoutTheColumns() {
        assertThat(
                        catchThrowableOfType(
                                () -> evaluate(new WorldFixture(directory), "id,person\na,b\n"),
                                ConfigurationException.class))
                .hasMessageContaining("embedding_id,identity");
    }

    @Test
    void refusesAnUnknownCollection() throws IOException {
        Path file = Files.writeString(directory.resolve("l.csv"), "embedding_id,identity\n");
        assertThat(
                        catchThrowableOfType(
                                () ->
                                        new Evaluator(new WorldFixture(directory).embeddings)
                                                .evaluate("nothing", file, ProgressListener.SILENT),
                                ConfigurationException.class))
                .hasMessageContaining("nothing");
    }
}
