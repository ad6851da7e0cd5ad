package org.aima.personclustering.function;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.aima.jobs.pipeline.WriteGuard;
import org.aima.personclustering.core.Arrival;
import org.aima.personclustering.core.LinkingParameters;
import org.aima.personclustering.core.Member;
import org.aima.personclustering.core.Observation;
import org.aima.personclustering.core.PersonAssigner;
import org.aima.personclustering.core.PersonChange;
import org.aima.personclustering.core.PersonGroup;
import org.aima.personclustering.core.PersonJoin;
import org.aima.personclustering.core.PersonSnapshot;
import org.aima.personclustering.core.PlantedVectors;
import org.aima.personclustering.core.PlantedVectors.Labelled;
import org.aima.personclustering.core.Sighting;
import org.aima.personclustering.core.SpacePersons;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** State of assign's operators survives failures and rescaling, ends in time, and counts add up. */
class AssignOperatorsTest {
    private static final String FACES = "face_embeddings";
    private static final String SPACE = FACES + "/arc";
    private static final int DIMENSION = 128;
    private static final long HOUR = 3_600_000;
    private static final Map<String, Stores> STORES = new ConcurrentHashMap<>();

    private final String name = UUID.randomUUID().toString();
    private final Stores stores = new Stores();
    private final List<Labelled> world =
            PlantedVectors.around(new Random(5), DIMENSION, 0.7, 6, 6, 4);

    /** What the operators' ports reach. */
    private static final class Stores {
        private final Map<String, String> personByRow = new HashMap<>();
        private boolean held;
        private int writes;
        private PersonSnapshot snapshot = new PersonSnapshot("", 0, Map.of(), Map.of(), Map.of());
    }

    private record Readers(String name) implements PersonReader.Factory {
        private static final long serialVersionUID = 1L;

        @Override
        public PersonReader open() {
            return new PersonReader() {
                @Override
                public PersonSnapshot read(@Nullable PersonSnapshot before) {
                    return STORES.get(name).snapshot;
                }

                @Override
                public void close() {}
            };
        }
    }

    private record Shelves(String name) implements PersonShelf.Factory {
        private static final long serialVersionUID = 1L;

        @Override
        public PersonShelf open() {
            Stores stores = STORES.get(name);
            return new PersonShelf() {
                @Override
                public boolean held() {
                    return stores.held;
                }

                @Override
                public Written join(List<PersonJoin> joins, long nowMillis) {
                    stores.writes++;
                    int written = 0;
                    Set<String> persons = new HashSet<>();
                    for (PersonJoin join : joins) {
                        persons.add(join.personId());
                        boolean added =
                                stores.personByRow.putIfAbsent(
                                                join.member().embeddingId(), join.personId())
                                        == null;
                        written += added ? 1 : 0;
                    }
                    return new Written(
                            persons.stream()
                                    .map(p -> new PersonChange(p, false, new String[0], nowMillis))
                                    .toList(),
                            List.of(),
                            written,
                            joins.size() - written);
                }

                @Override
                public void close() {}
            };
        }
    }

    AssignOperatorsTest() {
        STORES.put(name, stores);
    }

    @AfterEach
    void forget() {
        STORES.remove(name);
    }

    private static Member member(String id) {
        return new Member(
                FACES,
                "_default",
                id,
                "",
                "m",
                "r",
                1,
                false,
                0,
                0,
                Double.NaN,
                "",
                0,
                new String[0],
                new String[0]);
    }

    private static Arrival arrival(Labelled vector, String... candidates) {
        return new Arrival(
                new Observation(SPACE, vector.vector(), member(vector.id()), Sighting.UNKNOWN, 1),
                0,
                candidates);
    }

    private PersonSnapshot known(int identity) {
        PersonGroup group = new PersonGroup("known", DIMENSION, 4);
        world.stream()
                .filter(v -> v.identity() == identity)
                .skip(2)
                .forEach(
                        v ->
                                group.add(
                                        PersonGroup.memberNumber(v.id()),
                                        v.vector(),
                                        Sighting.UNKNOWN,
                                        false));
        return new PersonSnapshot(
                "r1",
                0,
                Map.of("known", "1"),
                Map.of(),
                Map.of(
                        SPACE,
                        SpacePersons.of(LinkingParameters.DEFAULT, null, Map.of("known", group))));
    }

    private KeyedOneInputStreamOperatorTestHarness<String, Arrival, PersonJoin> decide()
            throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(
                        new DecidePersons(
                                new Readers(name),
                                HOUR,
                                200,
                                new PersonAssigner.Limits(0, 10_000, 100, 4, 30_000, HOUR),
                                Map.of())),
                Arrival::space,
                Types.STRING);
    }

    @Test
    void anEventIsSeenOnceAlsoAfterARestartUntilItIsForgotten() throws Exception {
        Labelled vector = world.get(0);
        OperatorSubtaskState state;
        try (var harness = repeated()) {
            harness.open();
            harness.setStateTtlProcessingTime(0);
            harness.processElement(new StreamRecord<>(arrival(vector)));
            harness.processElement(new StreamRecord<>(arrival(vector)));
            assertThat(harness.extractOutputValues()).hasSize(1);
            state = harness.snapshot(1, 1);
        }
        try (var harness = repeated()) {
            harness.initializeState(state);
            harness.open();
            harness.setStateTtlProcessingTime(1_000);
            harness.processElement(new StreamRecord<>(arrival(vector)));
            assertThat(harness.extractOutputValues()).isEmpty();
            harness.setStateTtlProcessingTime(HOUR + 1);
            harness.processElement(new StreamRecord<>(arrival(vector)));
            assertThat(harness.extractOutputValues()).hasSize(1);
        }
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, Arrival, Arrival> repeated()
            throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(new DropRepeated(HOUR)), Arrival::key, Types.STRING);
    }

    @Test
    void candidatesAreNamedAtTheLatestBeforeACheckpoint() throws Exception {
        stores.snapshot = known(0);
        try (var harness =
                new OneInputStreamOperatorTestHarness<Arrival, Arrival>(
                        new NameCandidates(new Readers(name), HOUR))) {
            harness.open();
            harness.processElement(new StreamRecord<>(arrival(world.get(0))));
            harness.processElement(new StreamRecord<>(arrival(world.get(6))));
            assertThat(harness.extractOutputValues()).isEmpty();
            harness.prepareSnapshotPreBarrier(1);
            List<Arrival> named = harness.extractOutputValues();
            assertThat(named).hasSize(2);
            assertThat(named.get(0).candidates()).containsExactly("known");
            assertThat(named.get(1).candidates()).isEmpty();
            harness.processElement(new StreamRecord<>(arrival(world.get(1))));
            harness.setProcessingTime(20);
            assertThat(harness.extractOutputValues()).hasSize(3);
        }
    }

    @Test
    void whatWaitsAndWhatWasDecidedSurvivesARestart() throws Exception {
        stores.snapshot = known(0);
        List<Labelled> strangers = world.stream().filter(v -> v.identity() == 2).toList();
        OperatorSubtaskState state;
        String made;
        try (var harness = decide()) {
            harness.open();
            harness.processElement(new StreamRecord<>(arrival(world.get(0), "known")));
            harness.processElement(new StreamRecord<>(arrival(strangers.get(0))));
            harness.processElement(new StreamRecord<>(arrival(strangers.get(1))));
            harness.processElement(new StreamRecord<>(arrival(world.get(6))));
            assertThat(harness.extractOutputValues()).isEmpty();
            harness.setProcessingTime(200);
            List<PersonJoin> joins = harness.extractOutputValues();
            assertThat(joins).hasSize(3);
            made =
                    joins.stream()
                            .map(PersonJoin::personId)
                            .filter(p -> !p.equals("known"))
                            .distinct()
                            .reduce((a, b) -> a + b)
                            .orElseThrow();
            state = harness.snapshot(1, 200);
        }
        // The stores do not show the new person yet; one that waits finds its like.
        try (var harness = decide()) {
            harness.initializeState(state);
            harness.open();
            harness.setProcessingTime(300);
            harness.processElement(new StreamRecord<>(arrival(strangers.get(2))));
            harness.processElement(new StreamRecord<>(arrival(world.get(7))));
            harness.setProcessingTime(500);
            List<PersonJoin> joins = harness.extractOutputValues();
            assertThat(joins).hasSize(3);
            assertThat(joins)
                    .filteredOn(j -> j.member().embeddingId().equals(strangers.get(2).id()))
                    .extracting(PersonJoin::personId)
                    .containsExactly(made);
            assertThat(joins)
                    .extracting(j -> j.member().embeddingId())
                    .contains(world.get(6).id(), world.get(7).id());
        }
    }

    @Test
    void whatWaitsInVainIsLetGoByATimerAlsoAfterARestart() throws Exception {
        OperatorSubtaskState state;
        try (var harness = decide()) {
            harness.open();
            harness.processElement(new StreamRecord<>(arrival(world.get(0))));
            harness.setProcessingTime(200);
            state = harness.snapshot(1, 200);
        }
        try (var harness = decide()) {
            harness.initializeState(state);
            harness.open();
            assertThat(harness.numKeyedStateEntries()).isPositive();
            for (long time = 2_200; time <= 14_200; time += 2_000) {
                harness.setProcessingTime(time);
            }
            assertThat(harness.extractOutputValues()).isEmpty();
            assertThat(harness.numKeyedStateEntries()).isZero();
            assertThat(harness.numProcessingTimeTimers()).isZero();
        }
    }

    private static PersonJoin join(String id, String person) {
        return new PersonJoin(person, true, 0.9, member(id), 0, 0);
    }

    private KeyedOneInputStreamOperatorTestHarness<String, PersonJoin, PersonChange> write(
            int tasks, int task) throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new JoinPersons(new Shelves(name), WriteGuard.open(), 200),
                PersonJoin::personId,
                Types.STRING,
                128,
                tasks,
                task);
    }

    @Test
    void decisionsAreWrittenTogetherAndBeforeACheckpoint() throws Exception {
        try (var harness = write(1, 0)) {
            harness.open();
            harness.processElement(new StreamRecord<>(join("a", "p")));
            harness.processElement(new StreamRecord<>(join("b", "p")));
            harness.processElement(new StreamRecord<>(join("c", "q")));
            assertThat(stores.writes).isZero();
            harness.setProcessingTime(200);
            assertThat(stores.writes).isEqualTo(1);
            assertThat(harness.extractOutputValues())
                    .extracting(PersonChange::personId)
                    .containsExactlyInAnyOrder("p", "q");
            harness.processElement(new StreamRecord<>(join("d", "q")));
            harness.prepareSnapshotPreBarrier(1);
            assertThat(stores.personByRow).hasSize(4);
        }
    }

    @Test
    void whileABatchIsAtWorkDecisionsWaitAlsoOverARescaling() throws Exception {
        stores.held = true;
        OperatorSubtaskState state;
        try (var harness = write(1, 0)) {
            harness.open();
            for (int i = 0; i < 20; i++) {
                harness.processElement(new StreamRecord<>(join("row-" + i, "person-" + i % 7)));
            }
            harness.setProcessingTime(200);
            harness.prepareSnapshotPreBarrier(1);
            state = harness.snapshot(1, 200);
            // Taken again, it holds nothing twice.
            harness.prepareSnapshotPreBarrier(2);
            state = harness.snapshot(2, 201);
        }
        assertThat(stores.personByRow).isEmpty();
        stores.held = false;
        List<PersonChange> changes = new ArrayList<>();
        for (int task = 0; task < 3; task++) {
            try (var harness = write(3, task)) {
                harness.initializeState(
                        AbstractStreamOperatorTestHarness.repartitionOperatorState(
                                state, 128, 1, 3, task));
                harness.open();
                harness.setProcessingTime(5_000);
                changes.addAll(harness.extractOutputValues());
                harness.prepareSnapshotPreBarrier(3);
                assertThat(harness.snapshot(3, 5_000)).isNotNull();
            }
        }
        assertThat(stores.personByRow).hasSize(20);
        assertThat(changes).hasSize(7);
    }
}
