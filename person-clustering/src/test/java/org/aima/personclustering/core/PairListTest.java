package org.aima.personclustering.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** A pair list keeps each pair once, with its larger similarity, whatever its size. */
class PairListTest {
    @Property(tries = 60)
    void keepsEachPairOnceWithItsLargerSimilarity(
            @ForAll long seed, @ForAll @IntRange(min = 2, max = 3_000_000) int vectors) {
        Random random = new Random(seed);
        PairList pairs = new PairList(vectors, SpillFile.onHeap());
        Map<Long, Double> expected = new TreeMap<>();
        int few = Math.min(vectors, 40);
        for (int i = 0; i < 5_000; i++) {
            int a = vectors - 1 - random.nextInt(few);
            int b = random.nextInt(few);
            double similarity = random.nextInt(10) == 0 ? 1 : 2 * random.nextDouble() - 1;
            pairs.add(a, b, similarity);
            expected.merge((long) Math.min(a, b) << 32 | Math.max(a, b), similarity, Math::max);
        }
        assertThat(pairs.size()).isEqualTo(expected.size());
        List<Long> found = new ArrayList<>();
        pairs.forEach(
                (left, right, similarity) -> {
                    long pair = (long) left << 32 | right;
                    found.add(pair);
                    assertThat(similarity).isCloseTo(expected.get(pair), within(1e-4));
                    assertThat(pairs.contains(right, left)).isTrue();
                });
        assertThat(found).containsExactlyElementsOf(expected.keySet());
        assertThat(pairs.contains(vectors, vectors)).isFalse();
    }

    @Example
    void runsAreMergedInOrder() {
        Random random = new Random(7);
        PairList pairs = new PairList(2_000, SpillFile.onHeap());
        Map<Long, Double> expected = new TreeMap<>();
        for (int i = 0; i < 1_200_000; i++) {
            int a = random.nextInt(2_000);
            int b = random.nextInt(2_000);
            double similarity = random.nextFloat();
            pairs.add(a, b, similarity);
            expected.merge((long) Math.min(a, b) << 32 | Math.max(a, b), similarity, Math::max);
        }
        long[] last = {-1};
        int[] count = new int[1];
        pairs.forEach(
                (left, right, similarity) -> {
                    long pair = (long) left << 32 | right;
                    assertThat(pair).isGreaterThan(last[0]);
                    last[0] = pair;
                    count[0]++;
                    if (Math.abs(similarity - expected.get(pair)) > 1e-4) {
                        throw new AssertionError(pair + " has " + similarity);
                    }
                });
        assertThat(count[0]).isEqualTo(expected.size());
        pairs.clear();
        assertThat(pairs.size()).isZero();
    }

    @Example
    void tooManyVectorsAreRefused() {
        assertThatThrownBy(() -> new PairList(1 << 26, SpillFile.onHeap()))
                .hasMessageContaining("too large");
    }
}
