package org.aima.backfill;

import static org.aima.jobs.pipeline.Operators.named;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.aima.backfill.core.FilledRow;
import org.aima.backfill.function.CopyJournal;
import org.aima.backfill.function.FillPage;
import org.aima.backfill.function.FillRows;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.config.Option;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.ConfigurationProblem;
import org.aima.jobs.model.Figure;
import org.aima.jobs.pipeline.JobAction;
import org.aima.jobs.pipeline.ProgressLines;
import org.aima.jobs.pipeline.RunContext;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.jobs.pipeline.RunPhase;
import org.aima.jobs.pipeline.StepJournal;
import org.aima.jobs.pipeline.StepResult;
import org.aima.jobs.pipeline.Undoing;
import org.aima.jobs.pipeline.Verification;
import org.aima.jobs.pipeline.Verification.Check;
import org.aima.jobs.pipeline.WriteGuard;
import org.aima.stores.DocumentStore;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.StoreOptions;
import org.aima.stores.mongo.MongoRowJournal;
import org.aima.stores.paging.PageReaderFactory;
import org.aima.stores.paging.PagedSource;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/** Composition root of {@code embedding-backfill:metadata}: fills fields of rows in place. */
final class MetadataAction implements JobAction {
    static final Option<String> COLLECTION =
            Option.text("collection", "Alias or collection whose rows are filled.")
                    .require(
                            s -> s.matches("[A-Za-z_][A-Za-z0-9_]{0,254}"),
                            "give an alias or a collection's name");
    static final Option<String> FIELDS =
            Option.text("fields", "Fields to fill, joined by commas.")
                    .defaultsTo(String.join(",", MetadataReader.FIELDS))
                    .require(
                            s -> MetadataReader.FIELDS.containsAll(Arrays.asList(s.split(","))),
                            "give some of " + String.join(",", MetadataReader.FIELDS));
    static final Option<Boolean> OVERWRITE =
            Option.flag("overwrite", "Whether values that are there and differ are replaced.")
                    .defaultsTo("false");

    private static final String FREEZE = "freeze";
    private static final String FILL = "fill";
    private static final String SUM_UP = "sum-up";
    private static final String UNDO = "run_undo";

    @Override
    public String name() {
        return "metadata";
    }

    @Override
    public RuntimeExecutionMode mode() {
        return RuntimeExecutionMode.STREAMING;
    }

    @Override
    public List<Option<?>> options() {
        List<Option<?>> options = new ArrayList<>(StoreOptions.all());
        options.addAll(
                List.of(
                        COLLECTION,
                        FIELDS,
                        OVERWRITE,
                        EmbeddingBackfillOptions.RANGE_PAGES,
                        EmbeddingBackfillOptions.THREADS));
        return options;
    }

    @Override
    public List<ConfigurationProblem> preflight(Configuration configuration) {
        List<ConfigurationProblem> problems =
                new ArrayList<>(RepartitionAction.reach(configuration));
        if (problems.isEmpty()) {
            try (EmbeddingStore store = BackfillStores.of(configuration).vectors()) {
                if (store.describe(configuration.get(COLLECTION)).isEmpty()) {
                    problems.add(
                            new ConfigurationProblem(
                                    "store",
                                    COLLECTION.key(),
                                    configuration.get(COLLECTION),
                                    "there is no such alias or collection"));
                }
            }
        }
        return problems;
    }

    @Override
    public String target(Configuration configuration) {
        return "milvus/" + configuration.get(COLLECTION);
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
                        RunPhase.step(FREEZE),
                        RunPhase.graph(FILL),
                        RunPhase.step(SUM_UP),
                        RunPhase.verify(RepartitionRun.VERIFY));
    }

    private static EmbeddingSchema schema(Configuration configuration, EmbeddingStore store) {
        return store.describe(configuration.get(COLLECTION))
                .orElseThrow(
                        () ->
                                AimaException.failed(
                                        "there is no collection " + configuration.get(COLLECTION),
                                        null));
    }

    private static List<String> fields(Configuration configuration) {
        return Arrays.asList(configuration.get(FIELDS).split(","));
    }

    @Override
    public StepResult step(
            String phase, Configuration configuration, RunContext run, StepJournal notes) {
        BackfillStores stores = BackfillStores.of(configuration);
        try (EmbeddingStore store = stores.vectors();
                CopyJournal journal = new CopyJournal(stores.documents(), run.runId())) {
            EmbeddingSchema schema = schema(configuration, store);
            return switch (phase) {
                case RepartitionRun.PLAN -> plan(configuration, stores, store, schema);
                case FREEZE -> {
                    long ranges =
                            RangeFreezer.freeze(
                                    configuration, store, schema.name(), journal, notes);
                    yield new StepResult(
                            Map.of("ranges", ranges), List.of(Figure.count("ranges", ranges)));
                }
                case SUM_UP -> {
                    Map<String, Long> sums = new TreeMap<>();
                    for (CopyJournal.Range range : journal.ranges()) {
                        range.counts().forEach((name, n) -> sums.merge(name, n, Long::sum));
                    }
                    List<Figure> figures = new ArrayList<>();
                    sums.forEach((name, n) -> figures.add(Figure.count(name, n)));
                    yield new StepResult(Map.of(), figures);
                }
                default -> throw new IllegalArgumentException(phase);
            };
        }
    }

    /** Counts what is lacking, by field. */
    private static StepResult plan(
            Configuration configuration,
            BackfillStores stores,
            EmbeddingStore store,
            EmbeddingSchema schema) {
        List<String> fields =
                fields(configuration).stream().filter(f -> schema.field(f).isPresent()).toList();
        Map<String, AtomicLong> lacking = new TreeMap<>();
        fields.forEach(f -> lacking.put(f, new AtomicLong()));
        long rows =
                new PageScan(
                                stores::vectors,
                                configuration.get(EmbeddingBackfillOptions.THREADS),
                                ProgressLines.ofProcess())
                        .scan(
                                schema.name(),
                                fields,
                                false,
                                store.count(schema.name(), null, null),
                                "rows looked at",
                                () ->
                                        (partition, page) ->
                                                page.forEach(
                                                        row ->
                                                                lacking.forEach(
                                                                        (field, n) -> {
                                                                            if (FilledRow.isLacking(
                                                                                    row, field)) {
                                                                                n.incrementAndGet();
                                                                            }
                                                                        })));
        List<Figure> figures = new ArrayList<>(List.of(Figure.count("plan.rows", rows)));
        lacking.forEach((field, n) -> figures.add(Figure.count("plan.lacking." + field, n.get())));
        return new StepResult(Map.of(), figures);
    }

    @Override
    public void define(
            StreamExecutionEnvironment environment, Configuration configuration, RunContext run) {
        try (EmbeddingStore store = BackfillStores.of(configuration).vectors()) {
            define(environment, configuration, run, schema(configuration, store));
        }
    }

    /** The graph for a given schema; reaches no store. */
    void define(
            StreamExecutionEnvironment environment,
            Configuration configuration,
            RunContext run,
            EmbeddingSchema schema) {
        BackfillStores stores = BackfillStores.of(configuration);
        String runId = run.runId();
        ArrayList<String> fields = new ArrayList<>(fields(configuration));
        boolean overwrite = configuration.get(OVERWRITE);
        PageReaderFactory<FillPage> readers =
                () ->
                        new MetadataReader(
                                stores.vectors(),
                                stores.documents(),
                                runId,
                                schema,
                                fields,
                                overwrite);
        WriteGuard guard = stores.guard(target(configuration), runId, run.fence());
        var pages =
                named(
                        environment.fromSource(
                                new PagedSource<>(readers, TypeInformation.of(FillPage.class)),
                                WatermarkStrategy.noWatermarks(),
                                "read rows and documents"),
                        "source-rows",
                        "read rows and documents");
        var filled =
                named(
                        pages.transform(
                                "fill-rows",
                                TypeInformation.of(Figure.class),
                                new FillRows(
                                        new FillRows.Settings(
                                                runId, run.submittedAtMillis(), schema, overwrite),
                                        stores::vectors,
                                        stores::documents,
                                        () -> new MongoRowJournal(stores.mongo(), UNDO, runId),
                                        guard)),
                        "fill-rows",
                        "fill rows");
        named(filled.sinkTo(new DiscardingSink<>()), "sink-figures", "figures are in the journal");
    }

    /** Nothing that documents know is lacking any more, and no row was lost. */
    @Override
    public Verification verify(Configuration configuration, RunContext run) {
        BackfillStores stores = BackfillStores.of(configuration);
        try (EmbeddingStore store = stores.vectors();
                RunLedger ledger = stores.ledger();
                CopyJournal journal = new CopyJournal(stores.documents(), run.runId())) {
            EmbeddingSchema schema = schema(configuration, store);
            long read = 0;
            long rejected = 0;
            for (CopyJournal.Range range : journal.ranges()) {
                read += range.counts().getOrDefault("read", 0L);
                rejected += range.counts().getOrDefault("rejected", 0L);
            }
            boolean undone =
                    ledger.find(run.runId())
                            .map(r -> r.state() == RunLedger.RunState.UNDONE)
                            .orElse(false);
            AtomicLong left = new AtomicLong();
            long rows = 0;
            if (!undone) {
                rows = countFillable(configuration, stores, store, schema, left);
            }
            return new Verification(
                    List.of(
                            new Check(
                                    "no row lacks what documents know",
                                    left.get() <= rejected,
                                    String.format(
                                            Locale.ROOT,
                                            "%,d rows read then, %,d now, %,d still to fill, %,d"
                                                    + " rejected",
                                            read,
                                            rows,
                                            left.get(),
                                            rejected)),
                            new Check(
                                    "no row was lost",
                                    undone || rows >= read,
                                    String.format(
                                            Locale.ROOT, "%,d before, %,d now", read, rows))));
        }
    }

    private static long countFillable(
            Configuration configuration,
            BackfillStores stores,
            EmbeddingStore store,
            EmbeddingSchema schema,
            AtomicLong left) {
        long rows = 0;
        try (DocumentStore documents = stores.documents()) {
            MetadataReader reader =
                    new MetadataReader(
                            store,
                            documents,
                            "none",
                            schema,
                            fields(configuration),
                            configuration.get(OVERWRITE));
            for (var range : reader.wholeRanges()) {
                FillPage page = reader.look(range);
                rows += page.ids().length;
                int width = Math.max(1, page.fields().length);
                for (int i = 0; i < page.ids().length; i++) {
                    for (int f = 0; f < page.fields().length; f++) {
                        if (page.values()[i * width + f] != null) {
                            left.incrementAndGet();
                            break;
                        }
                    }
                }
                ProgressLines.ofProcess().show(rows, 0, "rows looked at again");
            }
        }
        return rows;
    }

    @Override
    public Undoing undo(Configuration configuration, RunContext run) {
        BackfillStores stores = BackfillStores.of(configuration);
        try (WriteGuard guard =
                stores.guard(target(configuration), run.runId() + "-undo", run.fence())) {
            return new MetadataUndo(stores, UNDO).undo(run.runId(), guard);
        }
    }
}
