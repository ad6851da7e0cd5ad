package org.aima.backfill;

import static org.aima.jobs.pipeline.Operators.named;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.aima.backfill.core.PartitionScheme;
import org.aima.backfill.function.CopyJournal;
import org.aima.backfill.function.CopyPage;
import org.aima.backfill.function.RowMapperFactory;
import org.aima.backfill.function.SearchProbe;
import org.aima.backfill.function.WriteRanges;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.config.Option;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.ConfigurationProblem;
import org.aima.jobs.launch.LaunchOptions;
import org.aima.jobs.pipeline.JobAction;
import org.aima.jobs.pipeline.RunContext;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.jobs.pipeline.RunPhase;
import org.aima.jobs.pipeline.StepJournal;
import org.aima.jobs.pipeline.StepResult;
import org.aima.jobs.pipeline.Undoing;
import org.aima.jobs.pipeline.Verification;
import org.aima.jobs.pipeline.Verification.Check;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.StoreOptions;
import org.aima.stores.StoreReach;
import org.aima.stores.milvus.MilvusEmbeddingStore;
import org.aima.stores.paging.PageReaderFactory;
import org.aima.stores.paging.PagedSource;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/** Composition root of {@code embedding-backfill:repartition}. */
final class RepartitionAction implements JobAction {
    private static final int PROBE_VECTORS = 20;
    private static final long PROBE_PAUSE_MILLIS = 250;

    @Override
    public String name() {
        return "repartition";
    }

    @Override
    public RuntimeExecutionMode mode() {
        return RuntimeExecutionMode.STREAMING;
    }

    @Override
    public List<Option<?>> options() {
        List<Option<?>> options = new ArrayList<>(StoreOptions.all());
        options.addAll(EmbeddingBackfillOptions.repartition());
        return options;
    }

    @Override
    public List<ConfigurationProblem> preflight(Configuration configuration) {
        List<ConfigurationProblem> problems = new ArrayList<>(reach(configuration));
        if (!problems.isEmpty()) {
            return problems;
        }
        String source = configuration.get(EmbeddingBackfillOptions.SOURCE);
        try (EmbeddingStore store = BackfillStores.of(configuration).vectors()) {
            Optional<EmbeddingSchema> schema = store.describe(source);
            if (schema.isEmpty()) {
                problems.add(
                        new ConfigurationProblem(
                                "store",
                                EmbeddingBackfillOptions.SOURCE.key(),
                                source,
                                "there is no such alias or collection"));
                return problems;
            }
            for (String problem :
                    EmbeddingBackfillSettings.of(configuration).problems(schema.get())) {
                problems.add(
                        new ConfigurationProblem(
                                "argument",
                                "partition-by, fields.*",
                                "",
                                problem + "; it has: " + PageScan.scalars(schema.get())));
            }
            if (configuration.get(EmbeddingBackfillOptions.TARGET).equals(schema.get().name())) {
                problems.add(
                        new ConfigurationProblem(
                                "argument",
                                EmbeddingBackfillOptions.TARGET.key(),
                                schema.get().name(),
                                "the target is the source; give another name, or -"));
            }
        }
        if (configuration.get(EmbeddingBackfillOptions.CATCH_UP_BY)
                        == EmbeddingBackfillOptions.CatchUpBy.KAFKA
                && configuration.get(StoreOptions.KAFKA_BOOTSTRAP).equals("-")) {
            problems.add(
                    new ConfigurationProblem(
                            "argument",
                            StoreOptions.KAFKA_BOOTSTRAP.key(),
                            "-",
                            "catch-up.by=kafka needs Kafka; set AIMA_KAFKA_BOOTSTRAP"));
        }
        return problems;
    }

    /** Problems of reaching the stores. */
    static List<ConfigurationProblem> reach(Configuration configuration) {
        List<ConfigurationProblem> problems = StoreReach.mongo(configuration);
        problems.addAll(StoreReach.milvus(configuration, MilvusEmbeddingStore::collections));
        return problems;
    }

    @Override
    public String target(Configuration configuration) {
        return "milvus/" + configuration.get(EmbeddingBackfillOptions.SOURCE);
    }

    @Override
    public RunLedger ledger(Configuration configuration) {
        return BackfillStores.of(configuration).ledger();
    }

    @Override
    public List<RunPhase> phases(Configuration configuration, boolean planOnly) {
        return planOnly
                ? List.of(RunPhase.step(RepartitionRun.PLAN))
                : List.of(
                        RunPhase.step(RepartitionRun.PLAN),
                        RunPhase.step(RepartitionRun.SNAPSHOT),
                        RunPhase.graph(RepartitionRun.COPY),
                        RunPhase.step(RepartitionRun.INDEX),
                        RunPhase.step(RepartitionRun.LOAD),
                        RunPhase.verify(RepartitionRun.VERIFY),
                        RunPhase.step(RepartitionRun.CATCH_UP),
                        RunPhase.step(RepartitionRun.GATE),
                        RunPhase.step(RepartitionRun.CUT_OVER),
                        RunPhase.step(RepartitionRun.KEEP_OLD));
    }

    @Override
    public StepResult step(
            String phase, Configuration configuration, RunContext run, StepJournal journal) {
        RepartitionSteps steps =
                new RepartitionSteps(configuration, run, journal, target(configuration));
        return switch (phase) {
            case RepartitionRun.PLAN -> new PlanStep(configuration).plan(run);
            case RepartitionRun.SNAPSHOT -> steps.snapshot();
            case RepartitionRun.INDEX -> steps.index();
            case RepartitionRun.LOAD -> steps.load();
            case RepartitionRun.CATCH_UP -> steps.catchUp();
            case RepartitionRun.GATE -> steps.gate();
            case RepartitionRun.CUT_OVER -> steps.cutOver();
            case RepartitionRun.KEEP_OLD -> steps.keepOld();
            default -> throw new IllegalArgumentException(phase);
        };
    }

    @Override
    public void define(
            StreamExecutionEnvironment environment, Configuration configuration, RunContext run) {
        BackfillStores stores = BackfillStores.of(configuration);
        try (RunLedger ledger = stores.ledger();
                EmbeddingStore store = stores.vectors()) {
            RepartitionRun names = RepartitionRun.of(ledger, run.runId());
            RowMapperFactory mappers =
                    mappers(configuration, store, names.source(), names.target());
            List<float[]> probes =
                    SearchQuality.sample(store, names.source(), PROBE_VECTORS).stream()
                            .map(EmbeddingRow::vector)
                            .toList();
            define(environment, configuration, run, names.source(), mappers, probes);
        }
    }

    /** The graph for given schemas; reaches no store. */
    void define(
            StreamExecutionEnvironment environment,
            Configuration configuration,
            RunContext run,
            String source,
            RowMapperFactory mappers,
            List<float[]> probes) {
        BackfillStores stores = BackfillStores.of(configuration);
        String runId = run.runId();
        PageReaderFactory<CopyPage> readers =
                () -> new RangeReader(stores.vectors(), stores.documents(), runId, source, mappers);
        Map<String, String> params = EmbeddingBackfillSettings.searchParams(configuration);
        List<float[]> vectors = new ArrayList<>(probes);
        var pages =
                named(
                        environment.fromSource(
                                new PagedSource<>(readers, TypeInformation.of(CopyPage.class)),
                                WatermarkStrategy.noWatermarks(),
                                "read ranges"),
                        "source-ranges",
                        "read ranges");
        var copied =
                new CopyTopology(
                                writing(configuration, run, mappers.target()),
                                mappers,
                                stores::vectorsOnce,
                                stores::documents,
                                () ->
                                        new SearchProbe(
                                                stores.vectorsOnce().asOfNow(),
                                                source,
                                                vectors,
                                                params,
                                                PROBE_PAUSE_MILLIS),
                                stores.guard(target(configuration), runId, run.fence()))
                        .define(pages);
        named(copied.sinkTo(new DiscardingSink<>()), "sink-figures", "figures are in the journal");
    }

    /** How ranges are written. */
    static WriteRanges.Settings writing(
            Configuration configuration, RunContext run, EmbeddingSchema target) {
        return new WriteRanges.Settings(
                run.runId(),
                run.submittedAtMillis(),
                target,
                configuration.get(EmbeddingBackfillOptions.ROWS_PER_SECOND),
                configuration.get(EmbeddingBackfillOptions.BYTES_PER_SECOND),
                configuration.get(EmbeddingBackfillOptions.SLOW_ANSWER).toMillis(),
                configuration.get(EmbeddingBackfillOptions.BATCH_BYTES),
                configuration.get(EmbeddingBackfillOptions.REQUESTS));
    }

    /** The mapper from the source's schema to the one the target has or is to have. */
    static RowMapperFactory mappers(
            Configuration configuration, EmbeddingStore store, String source, String target) {
        EmbeddingSchema from =
                store.describe(source)
                        .orElseThrow(
                                () ->
                                        AimaException.failed(
                                                "there is no collection " + source, null));
        EmbeddingBackfillSettings settings = EmbeddingBackfillSettings.of(configuration);
        return settings.mappers(
                from,
                settings.targetSchema(
                        from, target, configuration.get(EmbeddingBackfillOptions.SHARDS)));
    }

    @Override
    public Verification verify(Configuration configuration, RunContext run) {
        BackfillStores stores = BackfillStores.of(configuration);
        try (RunLedger ledger = stores.ledger();
                EmbeddingStore store = stores.vectors();
                CopyJournal journal = new CopyJournal(stores.documents(), run.runId())) {
            RepartitionRun names = RepartitionRun.of(ledger, run.runId());
            RowMapperFactory mappers =
                    mappers(configuration, store, names.source(), names.target());
            Verification verification =
                    new BackfillVerifier(
                                    configuration,
                                    stores::vectors,
                                    stores::vectors,
                                    stores::documents)
                            .verify(
                                    names.source(),
                                    names.target(),
                                    mappers,
                                    names.switched() ? null : journal);
            List<Check> checks = new ArrayList<>(verification.checks());
            if (names.switched()) {
                checks.add(addressed(store, names));
            }
            return new Verification(checks);
        }
    }

    private static Check addressed(EmbeddingStore store, RepartitionRun names) {
        String wanted = names.undone() ? names.source() : names.target();
        String found =
                store.describe(names.addressed()).map(EmbeddingSchema::name).orElse("nothing");
        return new Check(
                names.addressed() + " leads to " + wanted,
                found.equals(wanted),
                "a new client is led to " + found);
    }

    @Override
    public Undoing undo(Configuration configuration, RunContext run) {
        return new RepartitionUndo(configuration).undo(run, target(configuration));
    }

    /** Subtasks, for how ranges are cut. */
    static int parallelism(Configuration configuration) {
        return configuration.get(LaunchOptions.PARALLELISM);
    }

    /** Whether rows of a scheme need partitions to be made for them. */
    static boolean makesPartitions(PartitionScheme scheme) {
        return !scheme.byKey();
    }
}
