package org.aima.personclustering.function;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.aima.jobs.error.RunRefusedException;
import org.aima.jobs.model.Figure;
import org.aima.jobs.pipeline.FigureCounter;
import org.aima.personclustering.core.Assignment;
import org.aima.personclustering.core.CellAssigner;
import org.aima.personclustering.core.CellMerges;
import org.aima.personclustering.core.CellPart;
import org.aima.personclustering.core.ExistingPerson;
import org.aima.personclustering.core.IdentityInput;
import org.aima.personclustering.core.KnownIdentity;
import org.aima.personclustering.core.LinkInput;
import org.aima.personclustering.core.LinkingParameters;
import org.aima.personclustering.core.Member;
import org.aima.personclustering.core.Membership;
import org.aima.personclustering.core.NeighbourBlock;
import org.aima.personclustering.core.Observation;
import org.aima.personclustering.core.PlantedVectors;
import org.aima.personclustering.core.PlantedVectors.Labelled;
import org.aima.personclustering.core.ProbedBlock;
import org.aima.personclustering.core.Sighting;
import org.aima.personclustering.core.VectorBlock;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.operators.InputSelection;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.ProcessFunctionTestHarnesses;
import org.apache.flink.streaming.util.TwoInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

/** The operators between observations and identities, each by itself. */
class ClusteringOperatorsTest {
    private static final String FACES = "face_embeddings";

    private static Observation observation(String id, String partition) {
        return new Observation(
                FACES + "/net#2",
                new float[] {1, id.length()},
                new Member(
                        FACES,
                        partition,
                        id,
                        "",
                        "m",
                        "r-" + id,
                        1,
                        false,
                        0,
                        0,
                        30,
                        "",
                        0,
                        new String[0],
                        new String[0]),
                Sighting.UNKNOWN,
                1);
    }

    @Test
    void blockIsInOrderOfIdAndKeepsOneOfEachId() throws Exception {
        try (var harness =
                ProcessFunctionTestHarnesses.forKeyedProcessFunction(
                        new AssembleBlocks(), o -> AssembleBlocks.key(o, 1), Types.STRING)) {
            for (Observation o :
                    List.of(
                            observation("ccc", "a"),
                            observation("a", "b"),
                            observation("bb", "b"),
                            observation("a", "a"))) {
                harness.processElement(new StreamRecord<>(o));
            }
            harness.processWatermark(Long.MAX_VALUE);
            VectorBlock block = harness.extractOutputValues().get(0);
            assertThat(block.space()).isEqualTo(FACES + "/net#2");
            assertThat(block.block()).isZero();
            assertThat(block.ids()).containsExactly("a", "bb", "ccc");
            assertThat(block.vectors()).containsExactly(1, 1, 1, 2, 1, 3);
            assertThat(harness.getSideOutput(AssembleBlocks.MEMBERS))
                    .extracting(r -> r.getValue().embeddingId() + r.getValue().partition())
                    .containsExactlyInAnyOrder("aa", "bbb", "ccca");
            assertThat(harness.getSideOutput(ObservationJoin.REJECTS))
                    .singleElement()
                    .satisfies(
                            r -> {
                                assertThat(r.getValue().reason()).isEqualTo("duplicate_id");
                                assertThat(r.getValue().source())
                                        .isEqualTo("milvus:" + FACES + "/b");
                            });
            assertThat(harness.numKeyedStateEntries()).isZero();
        }
    }

    private static List<VectorBlock> blocks(String space, long seed) {
        return PlantedVectors.blocks(planted(seed), 2).stream()
                .map(b -> new VectorBlock(space, b.block(), b.dimension(), b.ids(), b.vectors()))
                .toList();
    }

    private static List<Labelled> planted(long seed) {
        return PlantedVectors.around(new Random(seed), 64, 0.5, 5, 5, 5, 1, 1, 4, 4, 4, 4);
    }

    private static List<NeighbourBlock> neighbours(List<VectorBlock> all) throws Exception {
        NeighbourOperator operator = new NeighbourOperator(6, Map.of());
        try (var harness = new TwoInputStreamOperatorTestHarness<>(operator)) {
            harness.open();
            assertThat(operator.nextSelection()).isEqualTo(InputSelection.FIRST);
            List<ProbedBlock> probed = all.stream().map(ProbedBlock::exact).toList();
            for (ProbedBlock block : probed) {
                for (CellPart part : CellAssigner.parts(block)) {
                    harness.processElement1(new StreamRecord<>(part));
                }
            }
            harness.endInput1();
            assertThat(operator.nextSelection()).isEqualTo(InputSelection.SECOND);
            for (ProbedBlock block : probed) {
                harness.processElement2(new StreamRecord<>(block));
            }
            harness.endInput2();
            return harness.extractOutputValues();
        }
    }

    @Test
    void neighboursComeFromTheOwnSpaceOnly() throws Exception {
        List<VectorBlock> alone = blocks("face_embeddings/a", 1);
        List<VectorBlock> both = new ArrayList<>(alone);
        // The same vectors under another model would be the nearest of all.
        both.addAll(blocks("face_embeddings/b", 1));
        Collections.shuffle(both, new Random(2));
        Map<Integer, NeighbourBlock> expected = new HashMap<>();
        neighbours(alone).forEach(n -> expected.put(n.block(), n));
        List<NeighbourBlock> found = neighbours(both);
        assertThat(found).hasSize(both.size());
        for (NeighbourBlock block : found) {
            assertThat(block.addresses()).isEqualTo(expected.get(block.block()).addresses());
            assertThat(block.similarities()).isEqualTo(expected.get(block.block()).similarities());
        }
    }

    @Test
    void cellsAreLinkedOnceAllBlocksHavePassed() throws Exception {
        List<ProbedBlock> probed = PlantedVectors.probed(blocks("face_embeddings/a", 1), 3, 0);
        NeighbourOperator operator = new NeighbourOperator(6, Map.of());
        try (var harness = new TwoInputStreamOperatorTestHarness<>(operator)) {
            harness.open();
            for (ProbedBlock block : probed) {
                for (CellPart part : CellAssigner.parts(block)) {
                    harness.processElement1(new StreamRecord<>(part));
                }
            }
            harness.endInput1();
            for (ProbedBlock block : probed) {
                harness.processElement2(new StreamRecord<>(block));
            }
            assertThat(harness.getSideOutput(NeighbourOperator.LINKED)).isNullOrEmpty();
            harness.endInput2();
            List<CellMerges> expected =
                    PlantedVectors.linkedInCells(probed, 6, LinkingParameters.DEFAULT).stream()
                            .filter(c -> c.from().length > 0)
                            .toList();
            assertThat(expected).isNotEmpty();
            assertThat(harness.getSideOutput(NeighbourOperator.LINKED))
                    .extracting(StreamRecord::getValue)
                    .usingRecursiveFieldByFieldElementComparator()
                    .containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    @Test
    void eachSpaceIsLinkedByItselfOnceBothInputsEnded() throws Exception {
        List<VectorBlock> all = new ArrayList<>(blocks("face_embeddings/a", 1));
        all.addAll(blocks("voice_embeddings/b", 3));
        List<NeighbourBlock> neighbours = neighbours(all);
        try (var harness =
                new TwoInputStreamOperatorTestHarness<>(new LinkOperator(6, 0.9, Map.of()))) {
            harness.open();
            for (VectorBlock block : all) {
                harness.processElement1(new StreamRecord<>(block));
            }
            harness.endInput1();
            for (NeighbourBlock block : neighbours) {
                harness.processElement2(new StreamRecord<>(LinkInput.of(block)));
            }
            assertThat(harness.extractOutputValues()).isEmpty();
            harness.endInput2();
            Map<String, Set<String>> clusters = new HashMap<>();
            for (Membership m : harness.extractOutputValues()) {
                assertThat(m.space()).startsWith(m.collection());
                clusters.computeIfAbsent(m.cluster(), c -> new HashSet<>()).add(m.embeddingId());
            }
            Set<Set<String>> truth = new HashSet<>(PlantedVectors.truth(planted(1)));
            truth.addAll(PlantedVectors.truth(planted(3)));
            assertThat(new HashSet<>(clusters.values())).isEqualTo(truth);
            assertThat(harness.getSideOutput(LinkOperator.FIGURES))
                    .extracting(r -> r.getValue().name())
                    .contains(
                            "space.face_embeddings/a.threshold",
                            "clusters.face_embeddings",
                            "clusters.voice_embeddings");
        }
    }

    @Test
    void everyExistingPersonHasAFate() throws Exception {
        try (var harness = identity(1)) {
            for (String id : List.of("a", "b", "c")) {
                harness.processElement1(
                        new StreamRecord<>(new Membership(FACES, FACES, id, "cluster", 0.9)));
            }
            harness.endInput1();
            harness.processElement2(new StreamRecord<>(person("p", "a", "gone")));
            harness.processElement2(new StreamRecord<>(person("q", "b", "c")));
            harness.processElement2(new StreamRecord<>(person("r", "unread")));
            assertThat(harness.extractOutputValues()).isEmpty();
            harness.endInput2();
            assertThat(harness.extractOutputValues())
                    .hasSize(3)
                    .allMatch(a -> a.personId().equals("q"));
            assertThat(harness.getSideOutput(IdentityOperator.FATES))
                    .extracting(
                            r ->
                                    r.getValue().personId()
                                            + ">"
                                            + r.getValue().mergedInto()
                                            + List.of(r.getValue().unseenMembers()))
                    .containsExactlyInAnyOrder(
                            "p>[" + FACES + "/gone]", "q>[]", "r>[" + FACES + "/unread]");
        }
    }

    private static TwoInputStreamOperatorTestHarness<Membership, IdentityInput, Assignment>
            identity(double maxMoved) throws Exception {
        var harness =
                new TwoInputStreamOperatorTestHarness<>(
                        new IdentityOperator(new IdentityOperator.Rules(maxMoved, true, 0.98)));
        harness.open();
        return harness;
    }

    @Test
    void aRunThatMovesTooManyIsRefusedAndNamesTheLargestMove() throws Exception {
        for (double allowed : new double[] {0.24, 0.25}) {
            try (var harness = identity(allowed)) {
                for (String id : List.of("a", "b", "c", "d", "new")) {
                    harness.processElement1(
                            new StreamRecord<>(new Membership(FACES, FACES, id, "cluster", 0.9)));
                }
                harness.processElement2(new StreamRecord<>(person("p", "a")));
                harness.processElement2(new StreamRecord<>(person("q", "b", "c", "d")));
                harness.endInput2();
                if (allowed < 0.25) {
                    assertThatThrownBy(harness::endInput1)
                            .hasRootCauseInstanceOf(RunRefusedException.class)
                            .rootCause()
                            .hasMessageContaining("25.00 % of the 4 members")
                            .hasMessageContaining("1 of 1 members from p to q (merged")
                            .hasMessageContaining("apply.max-moved=0.25");
                    assertThat(harness.extractOutputValues()).isEmpty();
                } else {
                    harness.endInput1();
                    assertThat(harness.extractOutputValues()).hasSize(5);
                }
            }
        }
    }

    private static IdentityInput person(String id, String... members) {
        String[] keys = new String[members.length];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = FACES + "/" + members[i];
        }
        return IdentityInput.of(KnownIdentity.of(new ExistingPerson(id, false, keys, new byte[0])));
    }

    @Test
    void figuresAreAddedUpByNameAndEmittedOnce() throws Exception {
        try (var harness = new OneInputStreamOperatorTestHarness<>(new FigureCounter())) {
            harness.open();
            for (int i = 1; i <= 3; i++) {
                harness.processElement(new StreamRecord<>(Figure.count("read", i)));
            }
            harness.processElement(new StreamRecord<>(Figure.fact("threshold", "0.5")));
            assertThat(harness.extractOutputValues()).isEmpty();
            harness.endInput();
            assertThat(harness.extractOutputValues())
                    .containsExactly(Figure.count("read", 6), Figure.fact("threshold", "0.5"));
        }
    }
}
