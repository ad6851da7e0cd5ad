package org.aima.personclustering.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.aima.personclustering.core.PlantedVectors.Labelled;

/** A vector set is in order of id, whatever the blocks, and addresses lead to its rows. */
class VectorSetTest {
    @Property(tries = 50)
    void isInOrderOfIdAndFindsRowsByAddress(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 60) int size,
            @ForAll @IntRange(min = 1, max = 7) int blocks,
            @ForAll @IntRange(min = 1, max = 9) int dimension) {
        Random random = new Random(seed);
        List<Labelled> vectors = PlantedVectors.around(random, dimension, 0, new int[size]);
        for (int i = 0; i < size; i++) {
            vectors.add(new Labelled("id-" + i, PlantedVectors.direction(random, dimension), i));
        }
        List<VectorBlock> cut = PlantedVectors.blocks(vectors, blocks);
        Collections.shuffle(cut, random);
        VectorSet set = new VectorSet(cut);
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < set.size(); i++) {
            ids.add(set.id(i));
        }
        assertThat(ids).hasSize(size).isSorted().doesNotHaveDuplicates();
        for (VectorBlock block : cut) {
            for (int row = 0; row < block.rows(); row++) {
                int index = set.indexOf(VectorBlock.address(block.block(), row));
                assertThat(set.id(index)).isEqualTo(block.ids()[row]);
                assertThat(set.similarity(index, index)).isCloseTo(1, within(1e-5));
            }
        }
    }

    @Property
    void dotEqualsTheSumInDouble(
            @ForAll long seed, @ForAll @IntRange(min = 0, max = 19) int length) {
        Random random = new Random(seed);
        float[] a = new float[length + 3];
        float[] b = new float[length + 5];
        for (int i = 0; i < a.length; i++) {
            a[i] = random.nextFloat() - 0.5f;
        }
        for (int i = 0; i < b.length; i++) {
            b[i] = random.nextFloat() - 0.5f;
        }
        double expected = 0;
        for (int i = 0; i < length; i++) {
            expected += (double) a[3 + i] * b[5 + i];
        }
        assertThat(VectorSet.dot(a, 3, b, 5, length)).isCloseTo(expected, within(1e-5));
    }

    @Property
    void addressHoldsBlockAndRow(
            @ForAll @IntRange(min = 0, max = 65_535) int block,
            @ForAll @IntRange(min = 0, max = 65_535) int row) {
        int address = VectorBlock.address(block, row);
        assertThat(VectorBlock.blockOf(address)).isEqualTo(block);
        assertThat(VectorBlock.rowOf(address)).isEqualTo(row);
    }

    @Property
    void everyIdHasABlock(@ForAll String id, @ForAll @IntRange(min = 1, max = 1_000) int blocks) {
        assertThat(VectorBlock.blockFor(id, blocks))
                .isBetween(0, blocks - 1)
                .isEqualTo(VectorBlock.blockFor(id, blocks));
    }
}
