package org.aima.testkit.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.aima.jobs.launch.JobEnvironment;
import org.aima.jobs.pipeline.Operators;
import org.aima.stores.paging.KeyRange;
import org.aima.stores.paging.Page;
import org.aima.stores.paging.PageReader;
import org.aima.stores.paging.PageReaderFactory;
import org.aima.stores.paging.PagedSource;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The paged source on a real Flink cluster, its rows in memory. */
@Timeout(120)
class PagedSourceTest {
    @RegisterExtension static final MiniCluster CLUSTER = new MiniCluster();

    private final String id = UUID.randomUUID().toString();
    private final Script script = new Script();

    PagedSourceTest() {
        Script.BY_ID.put(id, script);
    }

    @AfterEach
    void forget() {
        Script.BY_ID.remove(id);
    }

    private static List<String> keys(int rows) {
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            keys.add("key-%06d".formatted(i));
        }
        return keys;
    }

    private static void run(
            StreamExecutionEnvironment environment,
            PageReaderFactory<String> readers,
            CollectingSink<String> sink)
            throws Exception {
        define(environment, readers, sink);
        environment.execute();
    }

    private static void define(
            StreamExecutionEnvironment environment,
            PageReaderFactory<String> readers,
            CollectingSink<String> sink) {
        var source =
                Operators.named(
                        environment.fromSource(
                                new PagedSource<>(readers, Types.STRING),
                                WatermarkStrategy.noWatermarks(),
                                "rows"),
                        "read",
                        "read rows");
        Operators.named(source.sinkTo(sink), "collect", "collect");
    }

    @Test
    void everyRowIsReadOnceByTwoReaders() throws Exception {
        List<String> keys = keys(5_000);
        for (RuntimeExecutionMode mode :
                List.of(RuntimeExecutionMode.BATCH, RuntimeExecutionMode.STREAMING)) {
            try (CollectingSink<String> sink = new CollectingSink<>()) {
                run(
                        JobEnvironment.create(mode, 2),
                        () -> new ListPageReader(keys(5_000), 700, 90),
                        sink);
                assertThat(sink.rows().stream().sorted().toList()).as("%s", mode).isEqualTo(keys);
            }
        }
    }

    @Test
    void emptyCollectionEndsTheJob() throws Exception {
        try (CollectingSink<String> sink = new CollectingSink<>()) {
            run(
                    JobEnvironment.create(RuntimeExecutionMode.BATCH, 2),
                    () -> new ListPageReader(List.of(), 10, 10),
                    sink);
            assertThat(sink.rows()).isEmpty();
        }
    }

    @Test
    void failureToReadTheRangesFailsTheJob() {
        StreamExecutionEnvironment environment =
                JobEnvironment.create(RuntimeExecutionMode.BATCH, 2);
        environment.configure(
                new Configuration().set(RestartStrategyOptions.RESTART_STRATEGY, "none"));
        try (CollectingSink<String> sink = new CollectingSink<>()) {
            assertThatThrownBy(() -> run(environment, FailingReader::new, sink))
                    .hasStackTraceContaining("cannot read the ranges of the source")
                    .hasStackTraceContaining("the store is gone");
        }
    }

    @Test
    void afterAFailureReadingResumesBehindTheLastCheckpointedKey() throws Exception {
        int rows = 4_000;
        String scriptId = id;
        StreamExecutionEnvironment environment =
                JobEnvironment.create(RuntimeExecutionMode.STREAMING, 2);
        environment.enableCheckpointing(20);
        environment.configure(
                new Configuration()
                        .set(
                                RestartStrategyOptions
                                        .RESTART_STRATEGY_EXPONENTIAL_DELAY_INITIAL_BACKOFF,
                                java.time.Duration.ofMillis(10)));
        try (CollectingSink<String> sink = new CollectingSink<>()) {
            var source =
                    environment.fromSource(
                            new PagedSource<>(
                                    () -> new RecordingReader(scriptId, rows), Types.STRING),
                            WatermarkStrategy.noWatermarks(),
                            "rows");
            var remembered =
                    Operators.single(
                            Operators.named(source, "read", "read rows")
                                    .process(new RememberAll(scriptId, rows)),
                            "remember",
                            "remember all");
            Operators.named(remembered.sinkTo(sink), "collect", "collect");
            environment.execute();

            assertThat(script.failed).as("the failure was injected").isTrue();
            // The state saw every row exactly once, or its list would have a gap or a double.
            assertThat(sink.rows().stream().sorted().toList()).isEqualTo(keys(rows));
            // The coordinator froze the ranges once: they came back from the checkpoint.
            assertThat(script.frozen).hasValue(1);
            // A range with rows in the checkpoint went on behind them, not at its start.
            assertThat(script.begunBeforeFailure)
                    .as("ranges that were not begun again")
                    .anyMatch(start -> !script.begunAfterFailure.contains(start));
        }
    }

    @Test
    void graphOfTheSourceKeepsTheRules() {
        StreamExecutionEnvironment environment =
                JobEnvironment.create(RuntimeExecutionMode.STREAMING, 2);
        try (CollectingSink<String> sink = new CollectingSink<>()) {
            define(environment, () -> new ListPageReader(List.of(), 1, 1), sink);
            GraphAssertions.assertThatGraph(environment).keepsTheRules();
        }
    }

    /** What happened in one test's job; its functions find it by id in the same JVM. */
    private static final class Script {
        private static final Map<String, Script> BY_ID = new ConcurrentHashMap<>();

        private final AtomicBoolean failed = new AtomicBoolean();
        private final CountDownLatch checkpointed = new CountDownLatch(1);
        private final AtomicInteger frozen = new AtomicInteger();
        private final Set<String> starts = ConcurrentHashMap.newKeySet();
        private final Set<String> begunBeforeFailure = ConcurrentHashMap.newKeySet();
        private final Set<String> begunAfterFailure = ConcurrentHashMap.newKeySet();
    }

    /**
     * Small pages; stops in the middle until a checkpoint holds rows, and notes which ranges were
     * begun before and after the failure.
     */
    private static final class RecordingReader implements PageReader<String> {
        private static final int PAGES_BEFORE_CHECKPOINT = 10;
        private final Script script;
        private final ListPageReader rows;
        private int pages;

        RecordingReader(String id, int rows) {
            this.script = Script.BY_ID.get(id);
            this.rows = new ListPageReader(keys(rows), 1_000, 20);
        }

        @Override
        public List<KeyRange> ranges() {
            script.frozen.incrementAndGet();
            List<KeyRange> ranges = rows.ranges();
            ranges.forEach(range -> script.starts.add(start(range)));
            return ranges;
        }

        @Override
        public Page<String> read(KeyRange range) {
            if (script.starts.contains(start(range))) {
                (script.failed.get() ? script.begunAfterFailure : script.begunBeforeFailure)
                        .add(start(range));
            }
            if (pages++ == PAGES_BEFORE_CHECKPOINT) {
                try {
                    script.checkpointed.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            return rows.read(range);
        }

        private static String start(KeyRange range) {
            return range.after() == null ? "" : range.after();
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }

    /**
     * Keeps every row in state and hands them over at the end; fails once, after a checkpoint, in
     * the middle of the rows.
     */
    private static final class RememberAll extends ProcessFunction<String, String>
            implements CheckpointedFunction, CheckpointListener {
        private final String id;
        private final int expected;
        private transient List<String> seen;
        private transient ListState<String> state;
        private transient long firstWithRows;

        RememberAll(String id, int expected) {
            this.id = id;
            this.expected = expected;
        }

        @Override
        public void initializeState(FunctionInitializationContext context) throws Exception {
            state =
                    context.getOperatorStateStore()
                            .getListState(new ListStateDescriptor<>("seen", Types.STRING));
            seen = new ArrayList<>();
            state.get().forEach(seen::add);
            firstWithRows = Long.MAX_VALUE;
        }

        @Override
        public void snapshotState(FunctionSnapshotContext context) throws Exception {
            state.update(seen);
            if (!seen.isEmpty()) {
                firstWithRows = Math.min(firstWithRows, context.getCheckpointId());
            }
        }

        @Override
        public void notifyCheckpointComplete(long checkpoint) {
            // The notice for an empty checkpoint may come after the next one was taken with rows.
            if (checkpoint >= firstWithRows) {
                Script.BY_ID.get(id).checkpointed.countDown();
            }
        }

        @Override
        public void processElement(String row, Context context, Collector<String> out) {
            seen.add(row);
            Script script = Script.BY_ID.get(id);
            if (script.checkpointed.getCount() == 0 && script.failed.compareAndSet(false, true)) {
                throw new IllegalStateException("injected failure");
            }
            if (seen.size() == expected) {
                seen.stream().sorted().forEach(out::collect);
            }
        }
    }

    /** A store that cannot be asked for its ranges. */
    private static final class FailingReader implements PageReader<String> {
        @Override
        public List<KeyRange> ranges() {
            throw new IllegalStateException("the store is gone");
        }

        @Override
        public Page<String> read(KeyRange range) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }
}
