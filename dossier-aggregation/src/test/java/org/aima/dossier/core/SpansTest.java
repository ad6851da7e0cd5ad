package org.aima.dossier.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.BitSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Sets of spans behave as sets of moments, whatever the order they are put together in. */
class SpansTest {
    private static final int LAST = 60;

    @Provide
    Arbitrary<long[]> unordered() {
        Arbitrary<long[]> span =
                Arbitraries.longs()
                        .between(0, LAST)
                        .array(long[].class)
                        .ofSize(2)
                        .map(s -> new long[] {Math.min(s[0], s[1]), Math.max(s[0], s[1])});
        return span.list()
                .ofMaxSize(8)
                .map(l -> l.stream().flatMapToLong(Arrays::stream).toArray());
    }

    private static long[] concat(long[] a, long[] b) {
        long[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    /** The half-open unit intervals that are covered. */
    private static BitSet moments(long[] spans) {
        BitSet moments = new BitSet();
        for (int i = 0; i < spans.length; i += 2) {
            moments.set((int) spans[i], (int) spans[i + 1]);
        }
        return moments;
    }

    @Property
    void mergingInPartsAndAnyOrderIsMergingAtOnce(
            @ForAll("unordered") long[] a,
            @ForAll("unordered") long[] b,
            @ForAll("unordered") long[] c,
            @ForAll long seed) {
        long gap = Math.floorMod(seed, 4);
        long[] x = Spans.of(a, gap);
        long[] y = Spans.of(b, gap);
        long[] z = Spans.of(c, gap);
        long[] whole = Spans.of(concat(concat(a, b), c), gap);
        assertThat(Spans.merge(Spans.merge(x, y, gap), z, gap)).isEqualTo(whole);
        assertThat(Spans.merge(z, Spans.merge(y, x, gap), gap)).isEqualTo(whole);
        assertThat(Spans.merge(whole, whole, gap)).isEqualTo(whole);
    }

    @Property
    void withoutAGapTheyAreTheUnionOfMoments(
            @ForAll("unordered") long[] a, @ForAll("unordered") long[] b) {
        BitSet union = moments(a);
        union.or(moments(b));
        long[] merged = Spans.of(concat(a, b), 0);
        assertThat(moments(merged)).isEqualTo(union);
        assertThat(Spans.length(merged)).isEqualTo(union.cardinality());
    }

    @Property
    void spansStayFurtherApartThanTheGap(@ForAll("unordered") long[] a) {
        long[] merged = Spans.of(a, 3);
        for (int i = 2; i < merged.length; i += 2) {
            assertThat(merged[i] - merged[i - 1]).isGreaterThan(3);
        }
    }

    @Property
    void whatIsCommonIsTheIntersectionOfMoments(
            @ForAll("unordered") long[] a, @ForAll("unordered") long[] b) {
        BitSet common = moments(a);
        common.and(moments(b));
        long[] both = Spans.intersect(Spans.of(a, 0), Spans.of(b, 0));
        assertThat(moments(both)).isEqualTo(common);
        assertThat(Spans.length(both)).isEqualTo(common.cardinality());
    }

    @Property
    void onlyLongSpansAreKept(@ForAll("unordered") long[] a) {
        long[] merged = Spans.of(a, 0);
        long[] kept = Spans.atLeast(merged, 5);
        long expected = 0;
        for (int i = 0; i < merged.length; i += 2) {
            expected += merged[i + 1] - merged[i] >= 5 ? 1 : 0;
        }
        assertThat(Spans.count(kept)).isEqualTo((int) expected);
        assertThat(Spans.atLeast(kept, 5)).isEqualTo(kept);
    }
}
