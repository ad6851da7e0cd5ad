package org.aima.jobs.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.aima.jobs.pipeline.ProgressLines.Progress;
import org.junit.jupiter.api.Test;

/** Progress survives the way from one process to another. */
class ProgressLinesTest {

    @Test
    void readsWhatItWrites() {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        ProgressLines lines =
                new ProgressLines(new PrintStream(written, true, StandardCharsets.UTF_8));
        lines.show(3, 10, "rows of a b");
        lines.tell("window opened");
        assertThat(written.toString(StandardCharsets.UTF_8).lines().map(ProgressLines::read))
                .extracting(p -> p.orElseThrow())
                .containsExactly(
                        new Progress(3, 10, "rows of a b"), new Progress(0, 0, "window opened"));
    }

    @Test
    void otherLinesAreNoProgress() {
        assertThat(ProgressLines.read("Exception in thread main")).isEmpty();
        assertThat(ProgressLines.read("aima-progress x y z")).isEmpty();
    }
}
