package org.aima.stores.paging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import org.aima.stores.paging.PagedEnumerator.State;
import org.apache.flink.api.connector.source.ReaderInfo;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SplitsAssignment;
import org.apache.flink.metrics.groups.SplitEnumeratorMetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.util.FlinkRuntimeException;
import org.junit.jupiter.api.Test;

/** Who gets which range when, one event after the other. */
class PagedEnumeratorTest {
    private static final State FRESH = new State(false, List.of());

    private final Coordinator coordinator = new Coordinator();

    private PagedEnumerator<String> enumerator(int ranges, State state) {
        return new PagedEnumerator<>(coordinator, () -> new Ranges(ranges), state);
    }

    @Test
    void readersThatAskEarlyGetTheirRangesOnceTheseAreFrozen() {
        PagedEnumerator<String> enumerator = enumerator(3, FRESH);
        coordinator.register(0, 1);
        enumerator.start();
        enumerator.handleSplitRequest(0, null);
        enumerator.handleSplitRequest(1, null);
        assertThat(coordinator.assigned).isEmpty();
        coordinator.runCalls();
        assertThat(coordinator.assigned.keySet()).containsExactly(0, 1);
        enumerator.handleSplitRequest(1, null);
        assertThat(coordinator.assigned.get(1)).hasSize(2);
        assertThat(coordinator.finished).isEmpty();
        enumerator.handleSplitRequest(0, null);
        enumerator.handleSplitRequest(1, null);
        assertThat(coordinator.finished).containsExactly(0, 1);
        assertThat(coordinator.splitIds()).doesNotHaveDuplicates().hasSize(3);
    }

    @Test
    void moreReadersThanRangesAreTold() {
        PagedEnumerator<String> enumerator = enumerator(1, FRESH);
        coordinator.register(0, 1);
        enumerator.start();
        coordinator.runCalls();
        enumerator.handleSplitRequest(0, null);
        enumerator.handleSplitRequest(1, null);
        assertThat(coordinator.finished).containsExactly(1);
    }

    @Test
    void failureToReadTheRangesFailsTheSource() {
        PagedEnumerator<String> enumerator =
                new PagedEnumerator<>(
                        coordinator,
                        () -> {
                            throw new IllegalStateException("no server");
                        },
                        FRESH);
        enumerator.start();
        assertThatExceptionOfType(FlinkRuntimeException.class)
                .isThrownBy(coordinator::runCalls)
                .havingRootCause()
                .withMessage("no server");
        assertThat(enumerator.snapshotState(1)).isEqualTo(FRESH);
    }

    @Test
    void restoredStateIsNotFrozenAgain() {
        PagedEnumerator<String> first = enumerator(3, FRESH);
        coordinator.register(0);
        first.start();
        coordinator.runCalls();
        first.handleSplitRequest(0, null);
        State state = first.snapshotState(1);
        assertThat(state.pending()).hasSize(2);

        coordinator.assigned.clear();
        PagedEnumerator<String> restored = enumerator(99, state);
        restored.start();
        assertThat(coordinator.calls).isEmpty();
        for (int i = 0; i < 3; i++) {
            restored.handleSplitRequest(0, null);
        }
        assertThat(coordinator.assigned.get(0)).containsExactlyElementsOf(state.pending());
        assertThat(coordinator.finished).containsExactly(0);
    }

    @Test
    void checkpointBeforeTheRangesAreFrozenFreezesAfterRestore() {
        PagedEnumerator<String> first = enumerator(2, FRESH);
        first.start();
        State state = first.snapshotState(1);
        coordinator.calls.clear();
        coordinator.register(0);
        PagedEnumerator<String> restored = enumerator(2, state);
        restored.start();
        coordinator.runCalls();
        restored.handleSplitRequest(0, null);
        assertThat(coordinator.assigned.get(0)).hasSize(1);
    }

    @Test
    void splitsOfAFailedReaderAreHandedOutAgain() {
        PagedEnumerator<String> enumerator = enumerator(1, FRESH);
        coordinator.register(0, 1);
        enumerator.start();
        coordinator.runCalls();
        enumerator.handleSplitRequest(0, null);
        PagedSplit lost = coordinator.assigned.get(0).get(0);
        enumerator.addSplitsBack(List.of(lost), 0);
        enumerator.handleSplitRequest(1, null);
        assertThat(coordinator.assigned.get(1)).containsExactly(lost);
    }

    @Test
    void readerThatIsGoneWhenItsTurnComesCostsNoRange() {
        PagedEnumerator<String> enumerator = enumerator(1, FRESH);
        coordinator.register(0, 1);
        enumerator.start();
        enumerator.handleSplitRequest(0, null);
        coordinator.readers.remove(0);
        coordinator.runCalls();
        enumerator.handleSplitRequest(1, null);
        assertThat(coordinator.assigned).containsOnlyKeys(1);
    }

    /** A reader of nothing but ranges. */
    private record Ranges(int count) implements PageReader<String> {
        @Override
        public List<KeyRange> ranges() {
            List<KeyRange> ranges = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                ranges.add(new KeyRange("s", "k" + i, "k" + (i + 1)));
            }
            return ranges;
        }

        @Override
        public Page<String> read(KeyRange range) {
            return new Page<>(List.of(), null);
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }

    /** A coordinator whose asynchronous calls run when the test says so. */
    private static final class Coordinator implements SplitEnumeratorContext<PagedSplit> {
        private final Map<Integer, ReaderInfo> readers = new TreeMap<>();
        private final Map<Integer, List<PagedSplit>> assigned = new TreeMap<>();
        private final List<Integer> finished = new ArrayList<>();
        private final Deque<Runnable> calls = new ArrayDeque<>();

        void register(int... subtasks) {
            for (int subtask : subtasks) {
                readers.put(subtask, new ReaderInfo(subtask, "here"));
            }
        }

        void runCalls() {
            while (!calls.isEmpty()) {
                calls.poll().run();
            }
        }

        List<String> splitIds() {
            return assigned.values().stream()
                    .flatMap(List::stream)
                    .map(PagedSplit::splitId)
                    .toList();
        }

        @Override
        public SplitEnumeratorMetricGroup metricGroup() {
            return UnregisteredMetricsGroup.createSplitEnumeratorMetricGroup();
        }

        @Override
        public void sendEventToSourceReader(int subtask, SourceEvent event) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int currentParallelism() {
            return readers.size();
        }

        @Override
        public Map<Integer, ReaderInfo> registeredReaders() {
            return readers;
        }

        @Override
        public void assignSplits(SplitsAssignment<PagedSplit> assignment) {
            assignment
                    .assignment()
                    .forEach(
                            (subtask, splits) ->
                                    assigned.computeIfAbsent(subtask, s -> new ArrayList<>())
                                            .addAll(splits));
        }

        @Override
        public void signalNoMoreSplits(int subtask) {
            finished.add(subtask);
        }

        @Override
        public <T> void callAsync(Callable<T> callable, BiConsumer<T, Throwable> handler) {
            calls.add(
                    () -> {
                        T result = null;
                        Throwable error = null;
                        try {
                            result = callable.call();
                        } catch (Exception e) {
                            error = e;
                        }
                        handler.accept(result, error);
                    });
        }

        @Override
        public <T> void callAsync(
                Callable<T> callable,
                BiConsumer<T, Throwable> handler,
                long initialDelay,
                long period) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void runInCoordinatorThread(Runnable runnable) {
            runnable.run();
        }

        @Override
        public void setIsProcessingBacklog(boolean backlog) {
            throw new UnsupportedOperationException();
        }
    }
}
