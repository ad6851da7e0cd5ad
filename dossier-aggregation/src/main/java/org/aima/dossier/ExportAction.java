package org.aima.dossier;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.config.Option;
import org.aima.jobs.error.ConfigurationProblem;
import org.aima.jobs.model.Figure;
import org.aima.jobs.pipeline.JobAction;
import org.aima.jobs.pipeline.ProgressLines;
import org.aima.jobs.pipeline.RunContext;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.jobs.pipeline.RunPhase;
import org.aima.jobs.pipeline.RunPhases;
import org.aima.jobs.pipeline.StepJournal;
import org.aima.jobs.pipeline.StepResult;
import org.aima.jobs.pipeline.Undoing;
import org.aima.jobs.pipeline.Verification;
import org.aima.jobs.pipeline.WriteGuard;
import org.aima.stores.StoreOptions;
import org.aima.stores.StoreReach;
import org.aima.stores.mongo.MongoDocumentStore;
import org.aima.stores.mongo.MongoRunLedger;
import org.aima.stores.mongo.MongoWriteGuard;
import org.aima.stores.s3.S3ObjectStore;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** {@code dossier-aggregation:export}: dossiers as files in the exports bucket. */
final class ExportAction implements JobAction {
    static final Option<String> FORMAT =
            Option.text("format", "Formats, joined by commas: json, parquet, html.")
                    .defaultsTo("json,parquet,html")
                    .require(
                            f -> Set.of("json", "parquet", "html").containsAll(formats(f)),
                            "give some of json,parquet,html");
    static final Option<String> BUCKET =
            Option.text("export.bucket", "Bucket that exports go to.").defaultsTo("exports");

    private static final String EXPORT = "export";

    private static List<String> formats(String text) {
        return Arrays.asList(text.split(","));
    }

    @Override
    public String name() {
        return EXPORT;
    }

    @Override
    public RuntimeExecutionMode mode() {
        return RuntimeExecutionMode.BATCH;
    }

    @Override
    public List<Option<?>> options() {
        List<Option<?>> options = new ArrayList<>(StoreOptions.all());
        options.addAll(DossierAggregationOptions.all());
        options.addAll(List.of(FORMAT, BUCKET));
        return options;
    }

    @Override
    public List<ConfigurationProblem> preflight(Configuration configuration) {
        List<ConfigurationProblem> problems = StoreReach.mongo(configuration);
        try (S3ObjectStore objects = new S3ObjectStore(StoreOptions.s3(configuration))) {
            if (problems.isEmpty() && !objects.bucketExists(configuration.get(BUCKET))) {
                problems.add(
                        new ConfigurationProblem(
                                "store",
                                BUCKET.key(),
                                configuration.get(BUCKET),
                                "does not exist; run: aima migrate"));
            }
        }
        return problems;
    }

    @Override
    public String target(Configuration configuration) {
        return configuration.get(StoreOptions.MONGO_DATABASE)
                + "/"
                + configuration.get(BUCKET)
                + "/"
                + configuration.get(DossierAggregationOptions.DOSSIER);
    }

    @Override
    public RunLedger ledger(Configuration configuration) {
        return new MongoRunLedger(StoreOptions.mongo(configuration));
    }

    @Override
    public List<RunPhase> phases(Configuration configuration, boolean planOnly) {
        return planOnly
                ? List.of(RunPhase.step("plan"))
                : List.of(RunPhase.step(EXPORT), RunPhase.verify("verify"));
    }

    private static DossierExport export(
            Configuration configuration, MongoDocumentStore documents, S3ObjectStore objects) {
        String dossierId = configuration.get(DossierAggregationOptions.DOSSIER);
        return new DossierExport(
                documents,
                objects,
                configuration.get(BUCKET),
                formats(configuration.get(FORMAT)),
                dossierId.equals(DossierAggregationOptions.EVERY) ? "" : dossierId);
    }

    @Override
    public StepResult step(
            String phase, Configuration configuration, RunContext run, StepJournal notes) {
        try (MongoDocumentStore documents =
                        new MongoDocumentStore(StoreOptions.mongo(configuration));
                S3ObjectStore objects = new S3ObjectStore(StoreOptions.s3(configuration));
                WriteGuard guard =
                        new MongoWriteGuard(
                                StoreOptions.mongo(configuration),
                                target(configuration),
                                run.runId(),
                                run.fence())) {
            DossierExport export = export(configuration, documents, objects);
            String at = DossierExport.timestamp(run.submittedAtMillis());
            long[] counts = new long[4];
            export.forEach(
                    dossier -> {
                        counts[0]++;
                        if (!DossierExport.isKey(dossier)) {
                            counts[1]++;
                            export.reject(dossier, run);
                        } else if (!phase.equals("plan")) {
                            guard.check();
                            counts[2] += export.write(dossier, at);
                            counts[3]++;
                            ProgressLines.ofProcess().show(counts[3], 0, "dossiers exported");
                        } else {
                            counts[3]++;
                        }
                    });
            return new StepResult(
                    Map.of("at", at),
                    List.of(
                            Figure.count("read", counts[0]),
                            Figure.count("rejected", counts[1]),
                            Figure.count("written", counts[3]),
                            Figure.count("bytes", counts[2])));
        }
    }

    @Override
    public void define(
            StreamExecutionEnvironment environment, Configuration configuration, RunContext run) {
        throw new IllegalArgumentException("export has no graph");
    }

    private static String exportedAt(Configuration configuration, RunContext run) {
        try (RunLedger ledger = new MongoRunLedger(StoreOptions.mongo(configuration))) {
            return ledger.find(run.runId())
                    .map(r -> String.valueOf(RunPhases.result(r.document(), EXPORT).get("at")))
                    .orElse("");
        }
    }

    /** Every file is there and the JSON holds the content whose fingerprint it tells. */
    @Override
    public Verification verify(Configuration configuration, RunContext run) {
        String at = exportedAt(configuration, run);
        try (MongoDocumentStore documents =
                        new MongoDocumentStore(StoreOptions.mongo(configuration));
                S3ObjectStore objects = new S3ObjectStore(StoreOptions.s3(configuration))) {
            DossierExport export = export(configuration, documents, objects);
            List<String> wrong = new ArrayList<>();
            long[] files = new long[1];
            export.forEach(
                    dossier -> {
                        if (DossierExport.isKey(dossier)) {
                            files[0] += export.check(dossier, at, wrong);
                        }
                    });
            return new Verification(
                    List.of(
                            new Verification.Check(
                                    "every file of every dossier is there and whole",
                                    wrong.isEmpty(),
                                    wrong.isEmpty()
                                            ? String.format(Locale.ROOT, "%,d files", files[0])
                                            : wrong.size()
                                                    + " are not, such as "
                                                    + wrong.subList(
                                                            0, Math.min(5, wrong.size())))));
        }
    }

    /** Removes the files of the run. */
    @Override
    public Undoing undo(Configuration configuration, RunContext run) {
        String at = exportedAt(configuration, run);
        try (MongoDocumentStore documents =
                        new MongoDocumentStore(StoreOptions.mongo(configuration));
                S3ObjectStore objects = new S3ObjectStore(StoreOptions.s3(configuration))) {
            DossierExport export = export(configuration, documents, objects);
            long[] removed = new long[1];
            export.forEach(
                    dossier -> {
                        if (DossierExport.isKey(dossier) && !at.isEmpty()) {
                            removed[0] += export.remove(dossier, at);
                        }
                    });
            return new Undoing(removed[0], 0, 0, 0, List.of());
        }
    }
}
