package org.aima.personclustering.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** A sample of pairs holds every n-th of them, n as small as the room allows. */
class PairSampleTest {
    @Property
    void everyNthPairInOrder(
            @ForAll @IntRange(max = 20_000) int pairs,
            @ForAll @IntRange(min = 1, max = 1_500) int half) {
        PairSample sample = new PairSample(2 * half);
        for (int i = 0; i < pairs; i++) {
            sample.add(i, i + 1, i);
        }
        List<Integer> held = new ArrayList<>();
        sample.forEach(
                (left, right, similarity) -> {
                    assertThat(right).isEqualTo(left + 1);
                    assertThat(similarity).isEqualTo(left);
                    held.add(left);
                });
        int step = sample.step();
        List<Integer> expected = new ArrayList<>();
        for (int i = 0; i < pairs; i += step) {
            expected.add(i);
        }
        assertThat(held).isEqualTo(expected);
        assertThat(held.size()).isLessThanOrEqualTo(2 * half);
        assertThat(step == 1 || held.size() > half).isTrue();
    }
}
