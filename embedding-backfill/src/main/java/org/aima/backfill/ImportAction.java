package org.aima.backfill;

import static org.aima.jobs.pipeline.Operators.named;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.aima.backfill.function.CopyPage;
import org.aima.backfill.function.RowMapperFactory;
import org.aima.backfill.function.SearchProbe;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.config.Option;
import org.aima.jobs.error.ConfigurationProblem;
import org.aima.jobs.pipeline.JobAction;
import org.aima.jobs.pipeline.RunContext;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.jobs.pipeline.RunPhase;
import org.aima.jobs.pipeline.RunPhases;
import org.aima.jobs.pipeline.StepJournal;
import org.aima.jobs.pipeline.StepResult;
import org.aima.jobs.pipeline.Undoing;
import org.aima.jobs.pipeline.Verification;
import org.aima.jobs.pipeline.WriteGuard;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.StoreOptions;
import org.aima.stores.paging.PageReaderFactory;
import org.aima.stores.paging.PagedSource;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/** Composition root of {@code embedding-backfill:import}: files into a collection. */
final class ImportAction implements JobAction {

    @Override
    public String name() {
        return "import";
    }

    @Override
    public RuntimeExecutionMode mode() {
        return RuntimeExecutionMode.STREAMING;
    }

    @Override
    public List<Option<?>> options() {
        List<Option<?>> options = new ArrayList<>(StoreOptions.all());
        options.addAll(ImportOptions.all());
        return options;
    }

    @Override
    public List<ConfigurationProblem> preflight(Configuration configuration) {
        return RepartitionAction.reach(configuration);
    }

    @Override
    public String target(Configuration configuration) {
        return "milvus/" + configuration.get(ImportOptions.COLLECTION);
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
                        RunPhase.verify(RepartitionRun.VERIFY),
                        RunPhase.step(RepartitionRun.CUT_OVER));
    }

    private WriteGuard guard(Configuration configuration, RunContext run) {
        return BackfillStores.of(configuration)
                .guard(target(configuration), run.runId(), run.fence());
    }

    @Override
    public StepResult step(
            String phase, Configuration configuration, RunContext run, StepJournal journal) {
        ImportSteps steps = new ImportSteps(configuration);
        try (WriteGuard guard = guard(configuration, run)) {
            return switch (phase) {
                case RepartitionRun.PLAN -> steps.plan();
                case RepartitionRun.SNAPSHOT -> steps.freeze(run, journal, guard);
                case RepartitionRun.INDEX -> steps.index(run, journal, guard);
                case RepartitionRun.CUT_OVER -> steps.cutOver(journal, guard);
                default -> throw new IllegalArgumentException(phase);
            };
        }
    }

    @Override
    public void define(
            StreamExecutionEnvironment environment, Configuration configuration, RunContext run) {
        define(
                environment,
                configuration,
                run,
                new ImportSteps(configuration).mappers(plan(configuration, run)));
    }

    private static Map<String, Object> plan(Configuration configuration, RunContext run) {
        try (RunLedger ledger = BackfillStores.of(configuration).ledger()) {
            return RunPhases.result(
                    ledger.find(run.runId()).orElseThrow().document(), RepartitionRun.PLAN);
        }
    }

    /** The graph for a given schema; reaches no store. */
    void define(
            StreamExecutionEnvironment environment,
            Configuration configuration,
            RunContext run,
            RowMapperFactory mappers) {
        BackfillStores stores = BackfillStores.of(configuration);
        String runId = run.runId();
        ImportFormat format =
                new ImportFormat(
                        StoreOptions.s3(configuration), configuration.get(ImportOptions.FORMAT));
        PageReaderFactory<CopyPage> readers =
                () ->
                        new ImportReader(
                                stores.documents(),
                                format.objects(),
                                runId,
                                mappers,
                                format.wished());
        var pages =
                named(
                        environment.fromSource(
                                new PagedSource<>(readers, TypeInformation.of(CopyPage.class)),
                                WatermarkStrategy.noWatermarks(),
                                "read files"),
                        "source-files",
                        "read files");
        String collection = mappers.target().name();
        var written =
                new CopyTopology(
                                RepartitionAction.writing(configuration, run, mappers.target()),
                                mappers,
                                stores::vectorsOnce,
                                stores::documents,
                                () ->
                                        new SearchProbe(
                                                stores.vectorsOnce(),
                                                collection,
                                                List.of(),
                                                Map.of(),
                                                0),
                                guard(configuration, run))
                        .define(pages);
        named(written.sinkTo(new DiscardingSink<>()), "sink-figures", "figures are in the journal");
    }

    @Override
    public Verification verify(Configuration configuration, RunContext run) {
        return new ImportSteps(configuration).verify(run, plan(configuration, run));
    }

    /** A new collection is dropped, an alias leads where it did; rows of an older one stay. */
    @Override
    public Undoing undo(Configuration configuration, RunContext run) {
        Map<String, Object> document;
        try (RunLedger ledger = BackfillStores.of(configuration).ledger()) {
            document = ledger.find(run.runId()).orElseThrow().document();
        }
        Map<String, Object> plan = RunPhases.result(document, RepartitionRun.PLAN);
        String collection = RepartitionRun.text(plan, "collection");
        if (Boolean.TRUE.equals(plan.get("exists"))) {
            return new Undoing(
                    0,
                    0,
                    0,
                    1,
                    List.of(
                            collection
                                    + " was there before: what its rows were is not kept; restore it"
                                    + " from a copy"));
        }
        Map<String, Object> cutOver = RunPhases.result(document, RepartitionRun.CUT_OVER);
        String alias = RepartitionRun.text(cutOver, "alias");
        String before = RepartitionRun.text(cutOver, "before");
        try (EmbeddingStore store = BackfillStores.of(configuration).vectors()) {
            Optional<String> leads =
                    alias.isEmpty() ? Optional.empty() : store.describe(alias).map(s -> s.name());
            if (leads.isPresent() && leads.get().equals(collection)) {
                if (before.isEmpty()) {
                    store.dropAlias(alias);
                } else {
                    store.pointAlias(alias, before);
                }
            }
            boolean there = store.describe(collection).isPresent();
            store.dropCollection(collection);
            return new Undoing(there ? 1 : 0, there ? 0 : 1, 0, 0, List.of());
        }
    }
}
