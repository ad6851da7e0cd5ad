package org.aima.archival.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** However little memory there is and in whatever order rows come, they leave in one order. */
class SpillSorterTest {

    @Property(tries = 60)
    void orderDependsOnRowsAlone(
            @ForAll @IntRange(min = 0, max = 400) int rows,
            @ForAll @IntRange(min = 1, max = 20_000) int memory,
            @ForAll long seed)
            throws IOException {
        Random random = new Random(seed);
        List<byte[][]> input = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            byte[] key = new byte[random.nextInt(4)];
            random.nextBytes(key);
            byte[] value = new byte[random.nextInt(60)];
            random.nextBytes(value);
            input.add(new byte[][] {key, value});
        }
        Path directory = Files.createTempDirectory("sorter");
        List<String> sorted = sorted(input, directory, memory);
        Collections.shuffle(input, random);
        assertThat(sorted(input, directory, 1 << 20)).isEqualTo(sorted);
        assertThat(sorted).hasSize(rows);
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).isEmpty();
        }
        Files.delete(directory);
    }

    private static List<String> sorted(List<byte[][]> input, Path directory, long memory)
            throws IOException {
        List<String> out = new ArrayList<>();
        try (SpillSorter sorter = new SpillSorter(directory, memory)) {
            for (byte[][] row : input) {
                sorter.add(row[0], row[1]);
            }
            sorter.drain(value -> out.add(Arrays.toString(value)));
        }
        return out;
    }

    @Property
    void keysComeByMediumThenTimeThenResult(
            @ForAll @IntRange(min = -1_000, max = 1_000) int a,
            @ForAll @IntRange(min = -1_000, max = 1_000) int b) {
        int byTime = Arrays.compareUnsigned(SortKey.of("m", a, "r"), SortKey.of("m", b, "r"));
        assertThat(Integer.signum(byTime)).isEqualTo(Integer.compare(a, b));
        assertThat(Arrays.compareUnsigned(SortKey.of("a", b, "z"), SortKey.of("ab", a, "a")))
                .isNegative();
        assertThat(Arrays.compareUnsigned(SortKey.of("m", a, "r"), SortKey.of("m", a, "s")))
                .isNegative();
    }
}
