package org.aima.personclustering.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/** The set answers as a HashSet does, grown or not. */
class LongSetTest {
    @Property
    void answersAsHashSet(
            @ForAll @Size(max = 400) List<@LongRange(min = 0) Long> values,
            @ForAll @IntRange(min = 0, max = 500) int expected) {
        LongSet set = new LongSet(expected);
        Set<Long> model = new HashSet<>();
        for (long value : values) {
            assertThat(set.add(value)).isEqualTo(model.add(value));
        }
        for (long value : values) {
            assertThat(set.add(value)).isFalse();
        }
    }

    @Property
    void tellsCloseKeysApart(@ForAll @IntRange(min = 0, max = 3_000) int expected) {
        LongSet set = new LongSet(expected);
        for (int i = 0; i < 2_000; i++) {
            assertThat(set.add((long) (i % 50) << 32 | i / 50)).isTrue();
        }
    }

    @Property
    void tellsKeysApartThatDifferInTheHighWordOnly(
            @ForAll @IntRange(min = 0, max = 300) int expected) {
        LongSet set = new LongSet(expected);
        // Multiples of 4096 in the high word all hash to one slot of a small table.
        for (int i = 0; i < 200; i++) {
            assertThat(set.add((long) i << 44 | 7)).isTrue();
        }
    }
}
