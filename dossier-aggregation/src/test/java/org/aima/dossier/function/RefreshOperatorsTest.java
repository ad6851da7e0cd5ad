package org.aima.dossier.function;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.aima.dossier.core.AppearancePage;
import org.aima.dossier.core.ChangeEvent;
import org.aima.dossier.core.ChangeMessage;
import org.aima.dossier.core.Debounce;
import org.aima.dossier.core.DossierChange;
import org.aima.dossier.core.DossierTouch;
import org.aima.dossier.core.DossierWrite;
import org.aima.jobs.model.Reject;
import org.aima.jobs.pipeline.WriteGuard;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.ProcessFunctionTestHarnesses;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Operators of a refresh one by one: when they act, what they keep, what they never lose. */
class RefreshOperatorsTest {
    private static final Map<String, World> WORLDS = new ConcurrentHashMap<>();
    private static final int KEY_GROUPS = 128;

    private final String id = "w" + System.nanoTime();
    private final World world = new World();

    RefreshOperatorsTest() {
        WORLDS.put(id, world);
    }

    @AfterEach
    void forget() {
        WORLDS.remove(id);
    }

    /** What the operators reach instead of servers. */
    private static final class World
            implements DossierCounter, DossierShelf, DossierFinder, DossierRota {
        private final List<String> counted = Collections.synchronizedList(new ArrayList<>());
        private final List<String> published = Collections.synchronizedList(new ArrayList<>());
        private final List<Integer> lookups = Collections.synchronizedList(new ArrayList<>());
        private final Set<String> stale = ConcurrentHashMap.newKeySet();
        private final Set<String> bad = ConcurrentHashMap.newKeySet();
        private final Set<String> gone = ConcurrentHashMap.newKeySet();
        private int conflicts;
        private boolean pagesFirst;

        @Override
        public Counted count(String dossierId) {
            counted.add(dossierId);
            if (gone.contains(dossierId)) {
                return new Counted(null, "", "", List.of(), 0);
            }
            if (bad.contains(dossierId)) {
                return new Counted(null, "wrong_bson_type", "it is", List.of(), 1);
            }
            return new Counted(
                    new DossierWrite(
                            stale.contains(dossierId)
                                    ? DossierWrite.Kind.PUBLISH
                                    : DossierWrite.Kind.UNCHANGED,
                            dossierId,
                            new byte[0],
                            1,
                            "f",
                            new byte[0],
                            new byte[0],
                            new byte[0],
                            new String[] {"page"},
                            new DossierChange(0, 0, 0, 0, 0, 0, false, false)),
                    "",
                    "",
                    List.of(new AppearancePage("page", new byte[0])),
                    10);
        }

        @Override
        public void storePages(List<AppearancePage> pages) {
            pagesFirst = true;
        }

        @Override
        public List<Answer> publish(List<DossierWrite> writes) {
            if (!pagesFirst) {
                throw new AssertionError("published before its pages");
            }
            if (conflicts > 0) {
                conflicts--;
                return List.of(new Answer(false, "published_meanwhile", ""));
            }
            writes.forEach(
                    w -> {
                        published.add(w.dossierId());
                        stale.remove(w.dossierId());
                    });
            return List.of(Answer.PUBLISHED);
        }

        @Override
        public Found find(List<ChangeEvent> events) {
            lookups.add(events.size());
            Set<String> found = new TreeSet<>();
            events.forEach(e -> found.addAll(List.of(e.dossierIds())));
            return new Found(found, found.size());
        }

        @Override
        public Turn next(String after, int count) {
            int from = after.isEmpty() ? 0 : Integer.parseInt(after);
            List<String> ids = new ArrayList<>();
            for (int i = from; i < Math.min(7, from + count); i++) {
                ids.add("d" + i);
            }
            return new Turn(ids, from + count >= 7 ? "" : Integer.toString(from + count));
        }

        @Override
        public void close() {}
    }

    private RefreshDossiers function() {
        String name = id;
        return new RefreshDossiers(
                () -> WORLDS.get(name),
                () -> WORLDS.get(name),
                WriteGuard.open(),
                new Debounce(100, 1_000),
                500);
    }

    private KeyedOneInputStreamOperatorTestHarness<String, DossierTouch, Reject> harness(
            int parallelism, int index) throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(function()),
                DossierTouch::dossierId,
                Types.STRING,
                KEY_GROUPS,
                parallelism,
                index);
    }

    private KeyedOneInputStreamOperatorTestHarness<String, DossierTouch, Reject> opened()
            throws Exception {
        var harness = harness(1, 0);
        harness.open();
        return harness;
    }

    private static StreamRecord<DossierTouch> touch(String dossier) {
        return new StreamRecord<>(new DossierTouch(dossier, DossierTouch.Cause.CHANGE, 1));
    }

    private static StreamRecord<DossierTouch> audit(String dossier) {
        return new StreamRecord<>(new DossierTouch(dossier, DossierTouch.Cause.AUDIT, 1));
    }

    @Test
    void aBurstIsRecountedOnceWhenItIsOver() throws Exception {
        world.stale.add("a");
        try (var harness = opened()) {
            for (int at = 0; at < 500; at += 50) {
                harness.setProcessingTime(at);
                harness.processElement(touch("a"));
            }
            harness.processElement(touch("b"));
            harness.setProcessingTime(549);
            assertThat(world.counted).isEmpty();
            harness.setProcessingTime(550);
            assertThat(world.counted).containsExactlyInAnyOrder("a", "b");
            assertThat(world.published).containsExactly("a");
            assertThat(harness.numKeyedStateEntries()).isZero();
            assertThat(harness.numProcessingTimeTimers()).isZero();
            assertThat(harness.numEventTimeTimers()).isZero();
        }
    }

    @Test
    void whatNeverIsQuietIsRecountedAfterTheLongestWait() throws Exception {
        try (var harness = opened()) {
            for (int at = 0; at <= 2_300; at += 50) {
                harness.setProcessingTime(at);
                harness.processElement(touch("a"));
            }
            assertThat(world.counted).hasSize(2);
        }
    }

    @Test
    void waitingDossiersSurviveARestoreAtAnotherParallelism() throws Exception {
        List<String> ids = new ArrayList<>();
        OperatorSubtaskState state;
        try (var harness = opened()) {
            for (int i = 0; i < 40; i++) {
                ids.add("d" + i);
                harness.processElement(touch("d" + i));
            }
            world.stale.add("suspect");
            harness.processElement(audit("suspect"));
            state = harness.snapshot(1, 1);
        }
        world.counted.clear();
        for (int subtask = 0; subtask < 3; subtask++) {
            try (var harness = harness(3, subtask)) {
                harness.initializeState(
                        AbstractStreamOperatorTestHarness.repartitionOperatorState(
                                state, KEY_GROUPS, 1, 3, subtask));
                harness.open();
                harness.setProcessingTime(5_000);
            }
        }
        ids.add("suspect");
        assertThat(Set.copyOf(world.counted)).containsExactlyInAnyOrderElementsOf(ids);
        assertThat(world.published).containsExactly("suspect");
    }

    @Test
    void aDossierThatOthersPublishToIsRecountedAgain() throws Exception {
        world.stale.add("a");
        world.conflicts = 7;
        try (var harness = opened()) {
            harness.processElement(touch("a"));
            harness.setProcessingTime(100);
            assertThat(world.counted).as("attempts at once").hasSize(5);
            assertThat(world.published).isEmpty();
            harness.setProcessingTime(199);
            assertThat(world.counted).hasSize(5);
            harness.setProcessingTime(200);
            assertThat(world.counted).hasSize(8);
            assertThat(world.published).containsExactly("a");
            assertThat(harness.numKeyedStateEntries()).isZero();
        }
    }

    @Test
    void whatCannotBeCountedIsADeadLetterAndWhatIsGoneIsNot() throws Exception {
        world.bad.add("bad");
        world.gone.add("gone");
        try (var harness = opened()) {
            harness.processElement(touch("bad"));
            harness.processElement(touch("gone"));
            harness.setProcessingTime(100);
            assertThat(harness.extractOutputValues())
                    .singleElement()
                    .satisfies(
                            r -> {
                                assertThat(r.key()).isEqualTo("bad");
                                assertThat(r.reason()).isEqualTo("wrong_bson_type");
                            });
        }
    }

    @Test
    void drainedItLeavesNothingUndone() throws Exception {
        world.stale.add("a");
        try (var harness = opened()) {
            harness.processElement(touch("a"));
            harness.processWatermark(Watermark.MAX_WATERMARK);
            assertThat(world.published).containsExactly("a");
            assertThat(harness.numKeyedStateEntries()).isZero();
        }
    }

    @Test
    void aDifferenceWithoutEventIsRepairedAfterItsGrace() throws Exception {
        world.stale.add("differs");
        try (var harness = opened()) {
            harness.processElement(audit("differs"));
            harness.processElement(audit("agrees"));
            harness.setProcessingTime(499);
            harness.processElement(audit("differs"));
            assertThat(world.counted).as("audited once").containsExactly("differs", "agrees");
            assertThat(world.published).isEmpty();
            harness.setProcessingTime(500);
            assertThat(world.published).containsExactly("differs");
            assertThat(harness.numKeyedStateEntries()).isZero();
        }
    }

    @Test
    void anEventThatComesMeanwhileExplainsADifference() throws Exception {
        world.stale.add("a");
        try (var harness = opened()) {
            harness.processElement(audit("a"));
            harness.setProcessingTime(450);
            harness.processElement(touch("a"));
            harness.setProcessingTime(500);
            assertThat(world.published).as("waits for quiet").isEmpty();
            harness.setProcessingTime(550);
            assertThat(world.counted).as("audit, recount").hasSize(2);
            assertThat(world.published).containsExactly("a");
        }
    }

    private OneInputStreamOperatorTestHarness<ChangeEvent, DossierTouch> finding()
            throws Exception {
        String name = id;
        var harness =
                new OneInputStreamOperatorTestHarness<>(new FindDossiers(() -> WORLDS.get(name)));
        harness.open();
        return harness;
    }

    private static StreamRecord<ChangeEvent> edit(String dossier, long at) {
        return new StreamRecord<>(
                new ChangeEvent(new String[0], new String[0], new String[] {dossier}, at));
    }

    @Test
    void eventsAreLookedUpTogetherAndNoneOutlastsABarrier() throws Exception {
        try (var harness = finding()) {
            harness.processElement(edit("a", 7));
            harness.processElement(edit("a", 5));
            harness.processElement(edit("b", 9));
            assertThat(world.lookups).isEmpty();
            harness.prepareSnapshotPreBarrier(1);
            assertThat(world.lookups).containsExactly(3);
            assertThat(harness.extractOutputValues())
                    .containsExactly(
                            new DossierTouch("a", DossierTouch.Cause.CHANGE, 5),
                            new DossierTouch("b", DossierTouch.Cause.CHANGE, 5));
            harness.processElement(edit("c", 9));
            harness.setProcessingTime(99);
            assertThat(world.lookups).hasSize(1);
            harness.setProcessingTime(200);
            assertThat(world.lookups).containsExactly(3, 1);
            for (int i = 0; i < 1_001; i++) {
                harness.processElement(edit("d" + i, 9));
            }
            assertThat(world.lookups).containsExactly(3, 1, 500, 500);
        }
    }

    @Test
    void theLastEventsComeBeforeTheLastWatermark() throws Exception {
        try (var harness = finding()) {
            harness.processElement(edit("a", 7));
            harness.processWatermark(Watermark.MAX_WATERMARK);
            assertThat(new ArrayList<>(harness.getOutput()))
                    .containsExactly(
                            new StreamRecord<>(new DossierTouch("a", DossierTouch.Cause.CHANGE, 7)),
                            Watermark.MAX_WATERMARK);
        }
    }

    private OneInputStreamOperatorTestHarness<DossierTouch, DossierTouch> auditing(int index)
            throws Exception {
        String name = id;
        return new OneInputStreamOperatorTestHarness<>(
                new AddAudits(() -> WORLDS.get(name), 1_000, 3), KEY_GROUPS, 2, index);
    }

    @Test
    void allDossiersAreAuditedInTurnsByOneSubtask() throws Exception {
        OperatorSubtaskState state;
        try (var harness = auditing(0)) {
            harness.open();
            harness.processElement(touch("x"));
            harness.setProcessingTime(1_000);
            harness.setProcessingTime(2_000);
            assertThat(harness.extractOutputValues().stream().map(DossierTouch::dossierId))
                    .containsExactly("x", "d0", "d1", "d2", "d3", "d4", "d5");
            state = harness.snapshot(1, 1);
        }
        try (var harness = auditing(0)) {
            harness.initializeState(state);
            harness.open();
            harness.setProcessingTime(1_000);
            harness.setProcessingTime(2_000);
            assertThat(harness.extractOutputValues().stream().map(DossierTouch::dossierId))
                    .as("goes on where it was")
                    .containsExactly("d6", "d0", "d1", "d2");
        }
        try (var harness = auditing(1)) {
            harness.open();
            harness.setProcessingTime(9_000);
            assertThat(harness.extractOutputValues()).isEmpty();
        }
    }

    @Test
    void poisonPassesBesideTheStream() throws Exception {
        try (var harness =
                ProcessFunctionTestHarnesses.forProcessFunction(new ReadChanges("changes"))) {
            String good = "{\"version\":1,\"event\":\"media_changed\",\"media_id\":\"m\"}";
            for (String text : List.of("poison", good, "poison", good)) {
                harness.processElement(
                        new StreamRecord<>(
                                new ChangeMessage(0, text.length(), 5, text.getBytes("UTF-8"))));
            }
            assertThat(harness.extractOutputValues()).hasSize(2);
            assertThat(harness.getSideOutput(ReadChanges.REJECTS)).hasSize(2);
        }
    }
}
