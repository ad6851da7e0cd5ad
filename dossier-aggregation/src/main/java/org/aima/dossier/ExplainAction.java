package org.aima.dossier;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.aima.dossier.core.DossierRecount;
import org.aima.dossier.core.DossierWrite;
import org.aima.dossier.core.Explanation;
import org.aima.dossier.core.StoredDossier;
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
import org.aima.jobs.pipeline.Verification;
import org.aima.stores.StoreOptions;
import org.aima.stores.StoreReach;
import org.aima.stores.mongo.MongoDocumentStore;
import org.aima.stores.mongo.MongoRunLedger;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.bson.BsonDocument;

/** {@code dossier-aggregation:explain}: which results a value of a dossier comes from. */
final class ExplainAction implements JobAction {
    static final Option<String> FIELD =
            Option.text("field", "What to explain: " + Explanation.FIELDS + ".")
                    .defaultsTo("results");

    private static final String EXPLAIN = "explain";
    private static final int TOLD = 1_000;

    @Override
    public String name() {
        return EXPLAIN;
    }

    @Override
    public RuntimeExecutionMode mode() {
        return RuntimeExecutionMode.BATCH;
    }

    @Override
    public List<Option<?>> options() {
        List<Option<?>> options = new ArrayList<>(StoreOptions.all());
        options.addAll(DossierAggregationOptions.all());
        options.add(FIELD);
        return options;
    }

    @Override
    public List<ConfigurationProblem> preflight(Configuration configuration) {
        List<ConfigurationProblem> problems = StoreReach.mongo(configuration);
        if (problems.isEmpty()
                && configuration
                        .get(DossierAggregationOptions.DOSSIER)
                        .equals(DossierAggregationOptions.EVERY)) {
            problems.add(
                    new ConfigurationProblem(
                            "settings",
                            DossierAggregationOptions.DOSSIER.key(),
                            DossierAggregationOptions.EVERY,
                            "give the id of one dossier"));
        }
        return problems;
    }

    /** Nothing is changed, so no other run is kept out. */
    @Override
    public String target(Configuration configuration) {
        return configuration.get(StoreOptions.MONGO_DATABASE)
                + "/explain/"
                + configuration.get(DossierAggregationOptions.DOSSIER);
    }

    @Override
    public RunLedger ledger(Configuration configuration) {
        return new MongoRunLedger(StoreOptions.mongo(configuration));
    }

    @Override
    public List<RunPhase> phases(Configuration configuration, boolean planOnly) {
        return List.of(RunPhase.step(EXPLAIN));
    }

    @Override
    public StepResult step(
            String phase, Configuration configuration, RunContext run, StepJournal notes) {
        Known known = read(configuration);
        Set<String> media = Set.of(known.stored().mediaIds());
        Explanation explanation = new Explanation(known.dossier(), known.recount().results(media));
        String field = configuration.get(FIELD);
        List<String> lines = explanation.of(field);
        if (lines.isEmpty()) {
            throw AimaException.usage(
                    "the dossier has no "
                            + field
                            + "; it has, for example, "
                            + explanation.known());
        }
        List<String> told = new ArrayList<>(lines.subList(0, Math.min(TOLD, lines.size())));
        if (told.size() < lines.size()) {
            told.add("and " + (lines.size() - told.size()) + " more lines");
        }
        told.add(known.agreement());
        List<Figure> figures = new ArrayList<>();
        for (int i = 0; i < told.size(); i++) {
            ProgressLines.ofProcess().tell(told.get(i));
            figures.add(Figure.fact("chain.%04d".formatted(i), told.get(i)));
        }
        return new StepResult(Map.of(), figures);
    }

    /** A dossier, all that a recount of it needs, and what the recount gives. */
    private record Known(
            BsonDocument dossier,
            StoredDossier stored,
            DossierRecount recount,
            DossierWrite recounted) {

        boolean agrees() {
            return recounted.kind() == DossierWrite.Kind.UNCHANGED;
        }

        String agreement() {
            return agrees()
                    ? "recounted now: the same as is published"
                    : "recounted now: not what is published; its sources or the settings have"
                            + " changed since: "
                            + recounted.change().told();
        }
    }

    private static Known read(Configuration configuration) {
        String id = configuration.get(DossierAggregationOptions.DOSSIER);
        try (DossierSources sources =
                new DossierSources(
                        new MongoDocumentStore(StoreOptions.mongo(configuration)),
                        DossierAggregationSettings.of(configuration).rules(),
                        Long.MAX_VALUE)) {
            DossierSources.Sources found =
                    sources.read(id)
                            .orElseThrow(() -> AimaException.usage("there is no dossier " + id));
            StoredDossier stored = found.stored();
            if (!stored.problem().isEmpty()) {
                throw AimaException.failed(
                        "dossier " + id + " cannot be read: " + stored.problemDetail(), null);
            }
            return new Known(
                    found.dossier(), stored, found.recount(), found.recount().rebuild(stored));
        }
    }

    @Override
    public void define(
            StreamExecutionEnvironment environment, Configuration configuration, RunContext run) {
        throw new IllegalArgumentException("explain has no graph");
    }

    @Override
    public Verification verify(Configuration configuration, RunContext run) {
        Known known = read(configuration);
        return new Verification(
                List.of(
                        new Verification.Check(
                                "the dossier is what its sources give",
                                known.agrees(),
                                known.agreement())));
    }
}
