package org.aima.dossier;

import static org.aima.jobs.pipeline.Operators.named;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.aima.dossier.core.AggregationRules;
import org.aima.dossier.core.ChangeMessage;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.config.Option;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.ConfigurationProblem;
import org.aima.jobs.model.Reject;
import org.aima.jobs.pipeline.JobAction;
import org.aima.jobs.pipeline.RunContext;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.jobs.pipeline.RunPhase;
import org.aima.jobs.pipeline.Verification;
import org.aima.jobs.pipeline.WriteGuard;
import org.aima.stores.StoreOptions;
import org.aima.stores.StoreReach;
import org.aima.stores.kafka.TopicSource;
import org.aima.stores.mongo.LedgerSinks;
import org.aima.stores.mongo.MongoAddress;
import org.aima.stores.mongo.MongoDocumentStore;
import org.aima.stores.mongo.MongoRunLedger;
import org.aima.stores.mongo.MongoWriteGuard;
import org.aima.stores.redis.CachedCopies;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;

/** Composition root of {@code dossier-aggregation:refresh}: events in, current dossiers out. */
final class RefreshAction implements JobAction {

    @Override
    public String name() {
        return "refresh";
    }

    @Override
    public RuntimeExecutionMode mode() {
        return RuntimeExecutionMode.STREAMING;
    }

    @Override
    public boolean endless() {
        return true;
    }

    @Override
    public List<Option<?>> options() {
        List<Option<?>> options = new ArrayList<>(StoreOptions.all());
        options.addAll(DossierAggregationOptions.all());
        return options;
    }

    @Override
    public List<ConfigurationProblem> preflight(Configuration configuration) {
        List<ConfigurationProblem> problems = StoreReach.mongo(configuration);
        problems.addAll(StoreReach.cache(configuration));
        problems.addAll(StoreReach.topic(configuration, DossierAggregationOptions.TOPIC));
        if (configuration
                        .get(DossierAggregationOptions.QUIET)
                        .compareTo(configuration.get(DossierAggregationOptions.MAX_WAIT))
                > 0) {
            problems.add(
                    new ConfigurationProblem(
                            "settings",
                            DossierAggregationOptions.QUIET.key(),
                            configuration.get(DossierAggregationOptions.QUIET).toString(),
                            "give at most "
                                    + DossierAggregationOptions.MAX_WAIT.key()
                                    + ", "
                                    + configuration.get(DossierAggregationOptions.MAX_WAIT)));
        }
        return problems;
    }

    /** A rebuild may run beside it: both publish by compare-and-swap. */
    @Override
    public String target(Configuration configuration) {
        return configuration.get(StoreOptions.MONGO_DATABASE)
                + "/"
                + DossierCollections.DOSSIERS
                + "/refresh";
    }

    @Override
    public RunLedger ledger(Configuration configuration) {
        return new MongoRunLedger(StoreOptions.mongo(configuration));
    }

    @Override
    public List<RunPhase> phases(Configuration configuration, boolean planOnly) {
        if (planOnly) {
            throw AimaException.usage(
                    "refresh follows events and has no plan; see what a rebuild would change with:"
                            + " aima plan dossier-aggregation:rebuild");
        }
        return List.of(RunPhase.graph("run"));
    }

    @Override
    public void define(
            StreamExecutionEnvironment environment, Configuration configuration, RunContext run) {
        MongoAddress mongo = StoreOptions.mongo(configuration);
        RefreshSettings settings = RefreshSettings.of(configuration);
        WriteGuard guard =
                new MongoWriteGuard(mongo, target(configuration), run.runId(), run.fence());
        DataStream<ChangeMessage> messages =
                new TopicSource<>(
                                configuration.get(StoreOptions.KAFKA_BOOTSTRAP),
                                settings.topic(),
                                settings.group(),
                                ChangeMessage.class,
                                r ->
                                        new ChangeMessage(
                                                r.partition(),
                                                r.offset(),
                                                r.timestampMillis(),
                                                r.value()),
                                "changes")
                        .in(environment);
        DataStream<Reject> rejects =
                new RefreshTopology(settings, stores(configuration, mongo, run), guard)
                        .define(messages);
        named(
                rejects.sinkTo(LedgerSinks.deadLettersAsTheyCome(mongo, run, guard)),
                "sink-dead-letters",
                "write dead letters");
    }

    private static RefreshTopology.Stores stores(
            Configuration configuration, MongoAddress mongo, RunContext run) {
        DossierAggregationSettings settings = DossierAggregationSettings.of(configuration);
        AggregationRules rules = settings.rules();
        int history = settings.historyVersions();
        long maxResults = RefreshSettings.of(configuration).maxResults();
        String runId = run.runId();
        CachedCopies.@Nullable Keys cached =
                StoreOptions.cached(configuration, StoreOptions.CACHED_DOSSIER).orElse(null);
        return new RefreshTopology.Stores(
                () -> new AffectedDossiers(new MongoDocumentStore(mongo)),
                () -> new StoredDossierRota(new MongoDocumentStore(mongo)),
                () -> new DossierSources(new MongoDocumentStore(mongo), rules, maxResults),
                () ->
                        CacheForgettingShelf.over(
                                new MongoDossierShelf(
                                        mongo, runId, InstantSource.system(), history),
                                cached));
    }

    @Override
    public Verification verify(Configuration configuration, RunContext run) {
        try (DossierVerifier verifier =
                new DossierVerifier(StoreOptions.mongo(configuration), run.runId())) {
            return verifier.verify();
        }
    }
}
