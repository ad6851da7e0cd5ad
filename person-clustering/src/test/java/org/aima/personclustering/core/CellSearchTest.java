package org.aima.personclustering.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.aima.personclustering.core.PlantedVectors.Labelled;

/** Cells find nearly all neighbours, the same in every order and on any number of tasks. */
class CellSearchTest {
    private static final int DIMENSION = 48;
    private static final int K = 8;

    private static List<VectorBlock> planted(long seed, int identities) {
        int[] sizes = new Random(seed).ints(identities, 1, 14).toArray();
        return PlantedVectors.blocks(
                PlantedVectors.around(new Random(seed), DIMENSION, 0.6, sizes), 4);
    }

    @Property(tries = 10)
    void tasksAndOrderDoNotMatter(
            @ForAll long seed, @ForAll @IntRange(min = 2, max = 6) int tasks) {
        List<VectorBlock> blocks = planted(seed, 60);
        List<VectorBlock> shuffled = new ArrayList<>(blocks);
        Collections.shuffle(shuffled, new Random(seed));
        List<NeighbourBlock> one =
                PlantedVectors.neighbours(PlantedVectors.probed(blocks, 5, 0.2), K, 1);
        for (NeighbourBlock other :
                PlantedVectors.neighbours(PlantedVectors.probed(shuffled, 5, 0.2), K, tasks)) {
            NeighbourBlock same =
                    one.stream().filter(b -> b.block() == other.block()).findFirst().orElseThrow();
            assertThat(other.addresses()).isEqualTo(same.addresses());
            assertThat(other.similarities()).isEqualTo(same.similarities());
            assertThat(other.audited()).isEqualTo(same.audited());
            assertThat(other.exactAddresses()).isEqualTo(same.exactAddresses());
        }
    }

    @Example
    void auditedRowsAreComparedWithAllAndRecallFollows() {
        List<VectorBlock> blocks = planted(5, 150);
        VectorSet vectors = new VectorSet(blocks);
        List<NeighbourBlock> exact = PlantedVectors.neighbours(blocks, K);
        double few = recall(blocks, vectors, exact, 1).linkable();
        NeighbourRecall many = recall(blocks, vectors, exact, 8);
        assertThat(few).isLessThan(many.linkable());
        assertThat(many.linkable()).isGreaterThan(0.98);
        assertThat(many.ofAll()).isBetween(0.5, many.linkable());
        assertThat(recall(blocks, vectors, exact, 10_000).ofAll()).isEqualTo(1);
    }

    private static NeighbourRecall recall(
            List<VectorBlock> blocks, VectorSet vectors, List<NeighbourBlock> exact, int probes) {
        CalibratedLinking linking =
                CalibratedLinking.begin(vectors, LinkingParameters.DEFAULT, K, SpillFile.onHeap());
        List<NeighbourBlock> found =
                PlantedVectors.neighbours(PlantedVectors.probed(blocks, probes, 0.3), K, 3);
        int audited = 0;
        for (NeighbourBlock block : found) {
            NeighbourBlock truth =
                    exact.stream()
                            .filter(b -> b.block() == block.block())
                            .findFirst()
                            .orElseThrow();
            for (int i = 0; i < block.audited().length; i++) {
                int row = block.audited()[i];
                assertThat(Arrays.copyOfRange(block.exactAddresses(), i * K, (i + 1) * K))
                        .containsExactlyInAnyOrder(
                                Arrays.copyOfRange(truth.addresses(), row * K, (row + 1) * K));
                audited++;
            }
            for (int at = 0; at < block.addresses().length; at++) {
                if (block.addresses()[at] != -1) {
                    linking.add(
                            vectors.indexOf(VectorBlock.address(block.block(), at / K)),
                            vectors.indexOf(block.addresses()[at]),
                            block.similarities()[at]);
                }
            }
        }
        assertThat(audited).isPositive();
        NeighbourRecall recall = new NeighbourRecall(vectors, linking);
        found.forEach(recall::add);
        return recall;
    }

    @Example
    void everyVectorLivesInOneCellAndHugeOnesAreSplit() {
        // One identity as large as all others together.
        int[] sizes = new int[301];
        Arrays.fill(sizes, 1);
        sizes[0] = 300;
        List<Labelled> vectors = PlantedVectors.around(new Random(3), DIMENSION, 0.4, sizes);
        List<VectorBlock> blocks = PlantedVectors.blocks(vectors, 2);
        List<ProbedBlock> probed = PlantedVectors.probed(blocks, 4, 0);
        Set<Integer> seen = new HashSet<>();
        int[] largest = new int[1];
        java.util.Map<Integer, Integer> perCell = new java.util.TreeMap<>();
        for (ProbedBlock block : probed) {
            for (CellPart part : CellAssigner.parts(block)) {
                perCell.merge(part.cell(), part.addresses().length, Integer::sum);
                for (int address : part.addresses()) {
                    assertThat(seen.add(address)).isTrue();
                }
            }
        }
        perCell.values().forEach(n -> largest[0] = Math.max(largest[0], n));
        assertThat(seen).hasSize(600);
        assertThat(largest[0]).isLessThan(200);
    }
}
