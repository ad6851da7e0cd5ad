package org.aima.stores.paging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.aima.jobs.pipeline.ProgressLines;
import org.junit.jupiter.api.Test;

class RangeScanTest {
    private static final int RANGES = 7;
    private static final int PAGES = 3;
    private static final int ROWS = 5;

    private final ByteArrayOutputStream told = new ByteArrayOutputStream();
    private final AtomicInteger open = new AtomicInteger();

    /** Ranges of three pages; a row is its number. */
    private final class Numbers implements PageReader<Integer> {
        private final int failingRange;

        Numbers(int failingRange) {
            this.failingRange = failingRange;
            open.incrementAndGet();
        }

        @Override
        public List<KeyRange> ranges() {
            return IntStream.range(0, RANGES)
                    .mapToObj(r -> new KeyRange(Integer.toString(r), null, null))
                    .toList();
        }

        @Override
        public Page<Integer> read(KeyRange range) {
            int number = Integer.parseInt(range.scope());
            if (number == failingRange) {
                throw new IllegalStateException("range " + number);
            }
            int page = range.after() == null ? 0 : Integer.parseInt(range.after());
            int first = (number * PAGES + page) * ROWS;
            return new Page<>(
                    IntStream.range(first, first + ROWS)
                            .mapToObj(i -> new Page.Keyed<>(Integer.toString(i), i))
                            .toList(),
                    page + 1 == PAGES
                            ? null
                            : new KeyRange(range.scope(), Integer.toString(page + 1), null));
        }

        @Override
        public void close() {
            open.decrementAndGet();
        }
    }

    private RangeScan<Integer> scan(int threads, int failingRange) {
        return new RangeScan<>(
                () -> new Numbers(failingRange),
                threads,
                new ProgressLines(new PrintStream(told, true, StandardCharsets.UTF_8)));
    }

    @Test
    void everyRowComesOnceWhateverTheNumberOfThreads() {
        for (int threads : new int[] {1, 2, 4, 16}) {
            List<Integer> seen = Collections.synchronizedList(new ArrayList<>());

            long read =
                    scan(threads, -1)
                            .scan(
                                    RANGES * PAGES * ROWS,
                                    "numbers",
                                    () -> (scope, rows) -> seen.addAll(rows));

            assertThat(read).isEqualTo(RANGES * PAGES * ROWS);
            assertThat(seen)
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(0, RANGES * PAGES * ROWS).boxed().toList());
            assertThat(open).hasValue(0);
        }
        assertThat(told.toString(StandardCharsets.UTF_8))
                .contains(" " + RANGES * PAGES * ROWS + " numbers");
    }

    @Test
    void aFailureOfOneThreadIsTheFailureOfTheScan() {
        assertThatThrownBy(() -> scan(3, 4).scan(0, "numbers", () -> (scope, rows) -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("range 4");
    }
}
