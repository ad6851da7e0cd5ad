package org.aima.personclustering.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.aima.personclustering.core.TimeRanges.Range;

/** Merged ranges are apart, in order, and cover what the ranges covered. */
class TimeRangesTest {
    @Provide
    Arbitrary<List<Range>> ranges() {
        Arbitrary<Integer> starts = Arbitraries.integers().between(0, 200);
        Arbitrary<Integer> lengths = Arbitraries.integers().between(0, 15);
        return Combinators.combine(starts, lengths)
                .as((s, l) -> new Range(s / 2.0, (s + l) / 2.0))
                .list()
                .ofMaxSize(40);
    }

    @Property
    void areApartAndInOrder(
            @ForAll("ranges") List<Range> ranges, @ForAll @IntRange(min = 0, max = 5) int gap) {
        List<Range> merged = TimeRanges.merge(ranges, gap);
        for (int i = 1; i < merged.size(); i++) {
            assertThat(merged.get(i).start()).isGreaterThan(merged.get(i - 1).end() + gap);
        }
        assertThat(merged).allMatch(r -> r.start() <= r.end());
    }

    @Property
    void coverEveryRangeAndAddGapsOnly(
            @ForAll("ranges") List<Range> ranges, @ForAll @IntRange(min = 0, max = 5) int gap) {
        List<Range> merged = TimeRanges.merge(ranges, gap);
        for (Range range : ranges) {
            assertThat(merged).anyMatch(m -> m.start() <= range.start() && range.end() <= m.end());
        }
        for (Range m : merged) {
            assertThat(ranges).anyMatch(r -> r.start() == m.start());
            assertThat(ranges).anyMatch(r -> r.end() == m.end());
            for (double t = m.start(); t < m.end(); t += 0.25) {
                double at = t;
                assertThat(ranges).anyMatch(r -> r.start() - gap <= at && at <= r.end() + gap);
            }
        }
    }

    @Property
    void dependOnTheSetOnlyAndMergingAgainChangesNothing(
            @ForAll("ranges") List<Range> ranges,
            @ForAll @IntRange(min = 0, max = 5) int gap,
            @ForAll Random random) {
        List<Range> merged = TimeRanges.merge(ranges, gap);
        List<Range> shuffled = new ArrayList<>(ranges);
        Collections.shuffle(shuffled, random);
        assertThat(TimeRanges.merge(shuffled, gap)).isEqualTo(merged);
        assertThat(TimeRanges.merge(merged, gap)).isEqualTo(merged);
    }
}
