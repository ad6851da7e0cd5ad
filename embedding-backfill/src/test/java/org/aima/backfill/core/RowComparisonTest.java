package org.aima.backfill.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.aima.backfill.core.Difference.Kind;
import org.junit.jupiter.api.Test;

/** Every difference is found, and nothing else. */
class RowComparisonTest {

    private static RowComparison comparison(long rows) throws IOException {
        return new RowComparison(Files.createTempDirectory("comparison-"), rows);
    }

    @Test
    void equalSidesDoNotDifferInAnyOrder() throws IOException {
        try (RowComparison comparison = comparison(200_000)) {
            for (int i = 0; i < 1_000; i++) {
                comparison.expect("k" + i, "p" + i % 3, i);
                int j = 999 - i;
                comparison.find("k" + j, "p" + j % 3, j);
            }
            assertThat(comparison.compare(d -> {})).isEmpty();
            assertThat(comparison.expectedRows()).isEqualTo(1_000);
        }
    }

    @Test
    void eachKindIsTold() throws IOException {
        List<Difference> told = new ArrayList<>();
        try (RowComparison comparison = comparison(10)) {
            comparison.expect("lost \"a\"\n", "p", 1);
            comparison.expect("bit", "p", 2);
            comparison.find("bit", "p", 3);
            comparison.expect("moved", "p", 4);
            comparison.find("moved", "q", 4);
            comparison.expect("twice", "p", 5);
            comparison.find("twice", "q", 5);
            comparison.find("twice", "p", 5);
            comparison.find("foreign", "p", 6);
            comparison.compare(told::add);
        }
        assertThat(told)
                .containsExactlyInAnyOrder(
                        new Difference(Kind.MISSING, "lost \"a\"\n", "p", "", 1, 0),
                        new Difference(Kind.CHANGED, "bit", "p", "p", 2, 3),
                        new Difference(Kind.MISPLACED, "moved", "p", "q", 4, 4),
                        new Difference(Kind.DOUBLED, "twice", "p", "q", 5, 5),
                        new Difference(Kind.EXTRA, "foreign", "", "p", 0, 6));
    }

    @Test
    void aSourceThatHoldsAKeyTwiceIsSatisfiedByEitherRow() throws IOException {
        try (RowComparison comparison = comparison(10)) {
            comparison.expect("a", "p", 1);
            comparison.expect("a", "p", 2);
            comparison.find("a", "p", 2);
            assertThat(comparison.compare(d -> {})).isEmpty();
        }
    }

    @Test
    void directoryIsGoneAfterwards() throws IOException {
        Path directory = Files.createTempDirectory("comparison-");
        new RowComparison(directory, 1_000_000).close();
        assertThat(directory).doesNotExist();
    }

    @Property(tries = 60)
    void agreesWithAPlainComparisonOfMaps(
            @ForAll long seed, @ForAll @IntRange(min = 0, max = 400) int rows) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, long[]> left = new HashMap<>();
        Map<String, long[]> right = new HashMap<>();
        for (int i = 0; i < rows; i++) {
            String key = "key-" + random.nextInt(500);
            left.put(key, new long[] {random.nextInt(4), random.nextInt(3)});
            if (random.nextInt(5) > 0) {
                right.put(key, left.get(key));
            } else {
                right.put(
                        "key-" + random.nextInt(500),
                        new long[] {random.nextInt(4), random.nextInt(3)});
            }
        }
        Map<Kind, Long> wanted = new EnumMap<>(Kind.class);
        left.forEach(
                (key, row) -> {
                    long[] there = right.get(key);
                    if (there == null) {
                        wanted.merge(Kind.MISSING, 1L, Long::sum);
                    } else if (there[0] != row[0]) {
                        wanted.merge(Kind.CHANGED, 1L, Long::sum);
                    } else if (there[1] != row[1]) {
                        wanted.merge(Kind.MISPLACED, 1L, Long::sum);
                    }
                });
        right.keySet().stream()
                .filter(k -> !left.containsKey(k))
                .forEach(k -> wanted.merge(Kind.EXTRA, 1L, Long::sum));
        try (RowComparison comparison = comparison(1 + random.nextInt(1_000_000))) {
            left.forEach((key, row) -> comparison.expect(key, "p" + row[1], row[0]));
            right.forEach((key, row) -> comparison.find(key, "p" + row[1], row[0]));
            assertThat(comparison.compare(d -> {})).isEqualTo(wanted);
        }
    }
}
