package org.aima.personclustering.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.aima.personclustering.core.PlantedVectors.Labelled;

/** The neighbour lists are those of brute force, whatever the order of blocks. */
class NeighbourSearchTest {
    /** Single against double precision on unit vectors. */
    private static final double ROUNDING = 1e-5;

    private static List<Labelled> random(Random random, int size, int dimension) {
        return IntStream.range(0, size)
                .mapToObj(
                        i ->
                                new Labelled(
                                        "id-%04d".formatted(i),
                                        PlantedVectors.direction(random, dimension),
                                        i))
                .toList();
    }

    private static double cosine(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }

    @Property(tries = 25)
    void equalsBruteForce(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 700) int size,
            @ForAll @IntRange(min = 1, max = 5) int blocks,
            @ForAll @IntRange(min = 1, max = 20) int k,
            @ForAll @IntRange(min = 2, max = 70) int dimension) {
        List<Labelled> vectors = random(new Random(seed), size, dimension);
        List<VectorBlock> cut = PlantedVectors.blocks(vectors, blocks);
        VectorSet set = new VectorSet(cut);
        for (NeighbourBlock block : PlantedVectors.neighbours(cut, k)) {
            int rows = block.addresses().length / k;
            for (int row = 0; row < rows; row++) {
                int self = set.indexOf(VectorBlock.address(block.block(), row));
                double[] best =
                        IntStream.range(0, size)
                                .filter(i -> i != self)
                                .mapToDouble(
                                        i ->
                                                -cosine(
                                                        vectors.get(self).vector(),
                                                        vectors.get(i).vector()))
                                .sorted()
                                .limit(k)
                                .toArray();
                List<Integer> found = new ArrayList<>();
                for (int at = row * k; at < row * k + k; at++) {
                    int rank = at - row * k;
                    if (rank >= best.length) {
                        assertThat(block.addresses()[at]).isEqualTo(-1);
                        continue;
                    }
                    int neighbour = set.indexOf(block.addresses()[at]);
                    found.add(neighbour);
                    assertThat((double) block.similarities()[at])
                            .isCloseTo(-best[rank], within(ROUNDING))
                            .isCloseTo(
                                    cosine(
                                            vectors.get(self).vector(),
                                            vectors.get(neighbour).vector()),
                                    within(ROUNDING));
                }
                assertThat(found).doesNotContain(self).doesNotHaveDuplicates();
            }
        }
    }

    @Property(tries = 20)
    void orderOfBlocksDoesNotMatter(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 12) int distinct) {
        Random random = new Random(seed);
        List<Labelled> few = random(random, distinct, 16);
        // Many copies of few vectors: nearly every comparison is a tie.
        List<Labelled> vectors =
                IntStream.range(0, 200)
                        .mapToObj(i -> new Labelled("id-" + i, few.get(i % distinct).vector(), i))
                        .toList();
        List<VectorBlock> cut = PlantedVectors.blocks(vectors, 6);
        List<VectorBlock> shuffled = new ArrayList<>(cut);
        Collections.shuffle(shuffled, random);
        List<NeighbourBlock> expected = sorted(PlantedVectors.neighbours(cut, 7));
        List<NeighbourBlock> found = sorted(PlantedVectors.neighbours(shuffled, 7));
        for (int i = 0; i < expected.size(); i++) {
            assertThat(found.get(i).addresses()).isEqualTo(expected.get(i).addresses());
            assertThat(found.get(i).similarities()).isEqualTo(expected.get(i).similarities());
        }
    }

    @Example
    void tiesGoToTheSmallerAddress() {
        float[] same = {0.6f, 0.8f};
        List<Labelled> vectors =
                IntStream.range(0, 9).mapToObj(i -> new Labelled("id-" + i, same, 0)).toList();
        int[] addresses =
                PlantedVectors.neighbours(PlantedVectors.blocks(vectors, 1), 3).get(0).addresses();
        assertThat(Arrays.copyOf(addresses, 6)).containsExactly(1, 2, 3, 0, 2, 3);
    }

    private static List<NeighbourBlock> sorted(List<NeighbourBlock> blocks) {
        return blocks.stream().sorted(Comparator.comparingInt(NeighbourBlock::block)).toList();
    }
}
