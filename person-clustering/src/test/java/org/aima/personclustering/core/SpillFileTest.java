package org.aima.personclustering.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Vectors in a file are the same vectors, and the file leaves no name behind. */
class SpillFileTest {
    @Test
    void aSpilledSetEqualsOneOnTheHeap(@TempDir Path directory) throws IOException {
        int[] sizes = {30, 20, 10, 1, 1};
        List<VectorBlock> blocks =
                PlantedVectors.blocks(PlantedVectors.around(new Random(1), 32, 0.5, sizes), 3);
        VectorSet heap = new VectorSet(blocks);
        try (SpillFile spill = new SpillFile(directory.resolve("spill"))) {
            VectorSet spilled =
                    new VectorSet(
                            blocks.stream()
                                    .map(b -> VectorSet.Kept.in(spill, b))
                                    .toArray(VectorSet.Kept[]::new));
            assertThat(spilled.size()).isEqualTo(heap.size());
            for (int i = 0; i < heap.size(); i++) {
                assertThat(spilled.id(i)).isEqualTo(heap.id(i));
                assertThat(spilled.copy(i)).isEqualTo(heap.copy(i));
                assertThat(spilled.similarity(i, 0)).isEqualTo(heap.similarity(i, 0));
            }
            try (Stream<Path> files = Files.list(directory.resolve("spill"))) {
                assertThat(files).isEmpty();
            }
        }
    }
}
