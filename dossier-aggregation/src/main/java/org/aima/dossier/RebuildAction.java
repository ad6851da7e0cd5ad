package org.aima.dossier;

import static org.aima.jobs.pipeline.Operators.named;

import com.mongodb.client.MongoClient;
import java.util.ArrayList;
import java.util.List;
import org.aima.dossier.core.ArchivedResults;
import org.aima.dossier.core.Detection;
import org.aima.dossier.core.DocumentReader;
import org.aima.dossier.core.MediumInfo;
import org.aima.dossier.core.PersonAlias;
import org.aima.dossier.core.PersonMembers;
import org.aima.dossier.core.StoredDossier;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.config.Option;
import org.aima.jobs.error.ConfigurationProblem;
import org.aima.jobs.pipeline.JobAction;
import org.aima.jobs.pipeline.RunContext;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.jobs.pipeline.Undoing;
import org.aima.jobs.pipeline.Verification;
import org.aima.jobs.pipeline.WriteGuard;
import org.aima.stores.StoreOptions;
import org.aima.stores.StoreReach;
import org.aima.stores.mongo.DocumentSource;
import org.aima.stores.mongo.LedgerSinks;
import org.aima.stores.mongo.MongoAddress;
import org.aima.stores.mongo.MongoConnections;
import org.aima.stores.mongo.MongoRunLedger;
import org.aima.stores.mongo.MongoWriteGuard;
import org.aima.stores.redis.CachedCopies;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.jspecify.annotations.Nullable;

/** Composition root of {@code dossier-aggregation:rebuild}: stores in, topology, stores out. */
final class RebuildAction implements JobAction {

    @Override
    public String name() {
        return "rebuild";
    }

    @Override
    public RuntimeExecutionMode mode() {
        return RuntimeExecutionMode.BATCH;
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
        var weights = DossierAggregationSettings.of(configuration).rules().weights();
        if (weights.screen() + weights.speech() + weights.spread() + weights.prominence() == 0) {
            problems.add(
                    new ConfigurationProblem(
                            "settings",
                            "relevance.weight",
                            "0",
                            "give at least one weight above 0"));
        }
        return problems;
    }

    @Override
    public String target(Configuration configuration) {
        return configuration.get(StoreOptions.MONGO_DATABASE) + "/" + DossierCollections.DOSSIERS;
    }

    @Override
    public RunLedger ledger(Configuration configuration) {
        return new MongoRunLedger(StoreOptions.mongo(configuration));
    }

    @Override
    public void define(
            StreamExecutionEnvironment environment, Configuration configuration, RunContext run) {
        define(environment, configuration, run, mediaOf(configuration));
    }

    /** The media of the one dossier that is asked for; null when all are. */
    private static @Nullable List<String> mediaOf(Configuration configuration) {
        String dossierId = configuration.get(DossierAggregationOptions.DOSSIER);
        if (dossierId.equals(DossierAggregationOptions.EVERY)) {
            return null;
        }
        MongoAddress mongo = StoreOptions.mongo(configuration);
        try (MongoClient client = MongoConnections.open(mongo)) {
            BsonDocument found =
                    MongoConnections.call(
                            "find dossier",
                            () ->
                                    client.getDatabase(mongo.database())
                                            .getCollection(
                                                    DossierCollections.DOSSIERS, BsonDocument.class)
                                            .find(equal("dossier_id", dossierId))
                                            .first());
            return found == null ? List.of() : List.of(DocumentReader.dossier(found).mediaIds());
        }
    }

    /** The graph; reaches no store. */
    void define(
            StreamExecutionEnvironment environment,
            Configuration configuration,
            RunContext run,
            @Nullable List<String> media) {
        MongoAddress mongo = StoreOptions.mongo(configuration);
        DossierAggregationSettings settings = DossierAggregationSettings.of(configuration);
        WriteGuard guard =
                run.planOnly()
                        ? WriteGuard.open()
                        : new MongoWriteGuard(
                                mongo, target(configuration), run.runId(), run.fence());
        int history = settings.historyVersions();
        CachedCopies.@Nullable Keys cached =
                StoreOptions.cached(configuration, StoreOptions.CACHED_DOSSIER).orElse(null);
        DossierTopology.Outcome outcome =
                new DossierTopology(
                                settings,
                                run,
                                () ->
                                        CacheForgettingShelf.over(
                                                new MongoDossierShelf(mongo, run, history), cached),
                                guard)
                        .define(inputs(environment, configuration, mongo, media));
        named(
                outcome.summary().sinkTo(LedgerSinks.summary(mongo, run, guard)).setParallelism(1),
                "sink-summary",
                "write summary");
        if (!run.planOnly()) {
            named(
                    outcome.rejects().sinkTo(LedgerSinks.deadLetters(mongo, run, guard)),
                    "sink-dead-letters",
                    "write dead letters");
        }
    }

    private static DossierTopology.Inputs inputs(
            StreamExecutionEnvironment environment,
            Configuration configuration,
            MongoAddress mongo,
            @Nullable List<String> media) {
        BsonDocument dossiers =
                media == null
                        ? new BsonDocument()
                        : equal("dossier_id", configuration.get(DossierAggregationOptions.DOSSIER));
        BsonDocument ofMedia = media == null ? new BsonDocument() : in("media_id", media);
        BsonDocument ofPersons =
                media == null ? new BsonDocument() : in("appearances.media_id", media);
        return new DossierTopology.Inputs(
                new DocumentSource<>(
                                mongo,
                                DossierCollections.DOSSIERS,
                                dossiers,
                                List.of(),
                                StoredDossier.class,
                                DocumentReader::dossier,
                                "dossiers")
                        .in(environment),
                new DocumentSource<>(
                                mongo,
                                DossierCollections.MEDIA,
                                ofMedia,
                                DocumentReader.MEDIUM_FIELDS,
                                MediumInfo.class,
                                DocumentReader::medium,
                                "media items")
                        .in(environment),
                new DocumentSource<>(
                                mongo,
                                DossierCollections.RESULTS,
                                ofMedia,
                                DocumentReader.RESULT_FIELDS,
                                Detection.class,
                                DocumentReader::result,
                                "analysis results")
                        .in(environment),
                new DocumentSource<>(
                                mongo,
                                DossierCollections.SUMMARIES,
                                ofMedia,
                                DocumentReader.SUMMARY_FIELDS,
                                ArchivedResults.class,
                                DocumentReader::summary,
                                "analysis summaries")
                        .in(environment),
                new DocumentSource<>(
                                mongo,
                                DossierCollections.PERSONS,
                                ofPersons,
                                DocumentReader.PERSON_FIELDS,
                                PersonMembers.class,
                                DocumentReader::person,
                                "persons")
                        .in(environment),
                new DocumentSource<>(
                                mongo,
                                DossierCollections.ALIASES,
                                new BsonDocument(),
                                List.of(),
                                PersonAlias.class,
                                DocumentReader::alias,
                                "person aliases")
                        .in(environment));
    }

    private static BsonDocument equal(String field, String value) {
        return new BsonDocument(field, new BsonString(value));
    }

    private static BsonDocument in(String field, List<String> values) {
        BsonArray list = new BsonArray();
        values.forEach(v -> list.add(new BsonString(v)));
        return new BsonDocument(field, new BsonDocument("$in", list));
    }

    @Override
    public Verification verify(Configuration configuration, RunContext run) {
        try (DossierVerifier verifier =
                new DossierVerifier(StoreOptions.mongo(configuration), run.runId())) {
            return verifier.verify();
        }
    }

    @Override
    public Undoing undo(Configuration configuration, RunContext run) {
        MongoAddress mongo = StoreOptions.mongo(configuration);
        CachedCopies.@Nullable Keys cached =
                StoreOptions.cached(configuration, StoreOptions.CACHED_DOSSIER).orElse(null);
        try (WriteGuard guard =
                        new MongoWriteGuard(
                                mongo, target(configuration), run.runId() + "-undo", run.fence());
                CachedCopies copies = new CachedCopies(configuration.get(StoreOptions.REDIS_URI));
                DossierUndo undo =
                        new DossierUndo(
                                mongo,
                                guard,
                                run.runId(),
                                id -> {
                                    if (cached != null) {
                                        copies.forget(cached, List.of(id));
                                    }
                                })) {
            return undo.undo();
        }
    }
}
