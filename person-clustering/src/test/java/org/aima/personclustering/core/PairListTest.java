package org.aima.personclustering.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

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
        PairList pairs = new PairList(vectors);
        Map<Long, Double> expected = new TreeMap<>();
        int few = Math.min(vectors, 40);
        for (int i = 0; i < 5_000; i++) {
            int a = vectors - 1 - random.nextInt(few);
            int b = random.nextInt(few);
            double similarity = random.nextInt(10) == 0 ? 1 : 2 * random.nextDouble() - 1;
            pairs.add(a, b, similarity);
            expected.merge((long) Math.min(a, b) << 32 | Math.max(a, b), similarity, Math::max);
        }
        pairs.makeDistinct();
        assertThat(pairs.size()).isEqualTo(expected.size());
        int at = 0;
        for (Map.Entry<Long, Double> pair : expected.entrySet()) {
            assertThat(pairs.left(at)).isEqualTo((int) (pair.getKey() >>> 32));
            assertThat(pairs.right(at)).isEqualTo((int) (long) pair.getKey());
            assertThat(pairs.similarity(at)).isCloseTo(pair.getValue(), within(1e-4));
            assertThat(pairs.contains(pairs.right(at), pairs.left(at))).isTrue();
            at++;
        }
        assertThat(pairs.contains(vectors, vectors)).isFalse();
    }

    @Example
    void tooManyVectorsAreRefused() {
        assertThatThrownBy(() -> new PairList(1 << 26)).hasMessageContaining("too large");
    }
}
