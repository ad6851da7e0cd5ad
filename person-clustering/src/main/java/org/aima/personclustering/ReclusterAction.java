package org.aima.personclustering;

import static org.aima.jobs.pipeline.Operators.named;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.config.Option;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.ConfigurationProblem;
import org.aima.jobs.evaluation.Labels;
import org.aima.jobs.pipeline.JobAction;
import org.aima.jobs.pipeline.RunContext;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.jobs.pipeline.Undoing;
import org.aima.jobs.pipeline.Verification;
import org.aima.jobs.pipeline.WriteGuard;
import org.aima.personclustering.core.DocumentReader;
import org.aima.personclustering.core.ExistingPerson;
import org.aima.personclustering.core.KnownIdentity;
import org.aima.personclustering.core.Modality;
import org.aima.personclustering.core.PersonWrite;
import org.aima.personclustering.core.PersonWrite.Kind;
import org.aima.personclustering.core.ResultFacts;
import org.aima.personclustering.core.StoredEmbedding;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.StoreOptions;
import org.aima.stores.StoreReach;
import org.aima.stores.milvus.MilvusAddress;
import org.aima.stores.milvus.MilvusEmbeddingStore;
import org.aima.stores.milvus.MilvusPageReader;
import org.aima.stores.milvus.PartitionRow;
import org.aima.stores.mongo.DocumentSource;
import org.aima.stores.mongo.LedgerSinks;
import org.aima.stores.mongo.MongoAddress;
import org.aima.stores.mongo.MongoRowJournal;
import org.aima.stores.mongo.MongoRunLedger;
import org.aima.stores.mongo.MongoUpsertSink;
import org.aima.stores.mongo.MongoWriteAhead;
import org.aima.stores.mongo.MongoWriteGuard;
import org.aima.stores.paging.MappedPageReader;
import org.aima.stores.paging.PageReaderFactory;
import org.aima.stores.paging.PagedSource;
import org.aima.stores.redis.CacheForgettingSink;
import org.aima.stores.redis.CachedCopies;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.jspecify.annotations.Nullable;

/** Composition root of {@code person-clustering:recluster}: stores in, topology, stores out. */
final class ReclusterAction implements JobAction {
    private static final String RESULTS = "analysis_results";
    private static final List<String> ROW_FIELDS =
            List.of("person_id", "media_id", "result_id", "confidence");

    @Override
    public String name() {
        return "recluster";
    }

    @Override
    public RuntimeExecutionMode mode() {
        return RuntimeExecutionMode.BATCH;
    }

    @Override
    public List<Option<?>> options() {
        List<Option<?>> options = new ArrayList<>(StoreOptions.all());
        options.addAll(PersonClusteringOptions.all());
        return options;
    }

    @Override
    public List<ConfigurationProblem> preflight(Configuration configuration) {
        List<ConfigurationProblem> problems = StoreReach.mongo(configuration);
        List<ConfigurationProblem> missing = new ArrayList<>();
        List<ConfigurationProblem> unreachable =
                StoreReach.milvus(
                        configuration,
                        store -> {
                            for (Modality modality : Modality.values()) {
                                if (store.describe(modality.collection()).isEmpty()) {
                                    missing.add(
                                            new ConfigurationProblem(
                                                    "store",
                                                    "milvus collection",
                                                    modality.collection(),
                                                    "does not exist; run: aima migrate"));
                                }
                            }
                        });
        problems.addAll(missing);
        problems.addAll(unreachable);
        problems.addAll(StoreReach.cache(configuration));
        return problems;
    }

    @Override
    public String target(Configuration configuration) {
        return configuration.get(StoreOptions.MONGO_DATABASE) + "/" + PersonModels.PERSONS;
    }

    @Override
    public RunLedger ledger(Configuration configuration) {
        return new MongoRunLedger(StoreOptions.mongo(configuration));
    }

    @Override
    public void define(
            StreamExecutionEnvironment environment, Configuration configuration, RunContext run) {
        define(environment, configuration, run, countRows(StoreOptions.milvus(configuration)));
    }

    /** The graph for given numbers of rows by collection; reaches no store. */
    void define(
            StreamExecutionEnvironment environment,
            Configuration configuration,
            RunContext run,
            Map<String, Long> rowCounts) {
        MongoAddress mongo = StoreOptions.mongo(configuration);
        MilvusAddress milvus = StoreOptions.milvus(configuration);
        // A plan holds no lease on the target; its summary, all it writes, has a fence of its own.
        String runId = run.runId();
        WriteGuard guard =
                run.planOnly()
                        ? WriteGuard.open()
                        : new MongoWriteGuard(
                                mongo, target(configuration), run.runId(), run.fence());
        PersonClusteringTopology.Outcome outcome =
                new PersonClusteringTopology(
                                PersonClusteringSettings.of(configuration, rowCounts),
                                run,
                                () -> new MilvusEmbeddingStore(milvus),
                                () -> new MongoRowJournal(mongo, PersonModels.UNDO, runId),
                                guard)
                        .define(
                                rows(environment, milvus, Modality.FACE),
                                rows(environment, milvus, Modality.VOICE),
                                results(environment, mongo),
                                persons(environment, mongo),
                                aliases(environment, mongo).union(constraints(environment, mongo)));
        named(
                outcome.summary().sinkTo(LedgerSinks.summary(mongo, run, guard)).setParallelism(1),
                "sink-summary",
                "write summary");
        if (!run.planOnly()) {
            Sink<PersonWrite> persons =
                    new MongoUpsertSink<>(mongo, PersonModels.PERSONS, PersonModels::write, guard);
            writePersons(
                    outcome.persons(),
                    StoreOptions.cached(configuration, StoreOptions.CACHED_PERSON)
                            .<Sink<PersonWrite>>map(
                                    keys ->
                                            new CacheForgettingSink<>(
                                                    persons, keys, PersonWrite::personId))
                            .orElse(persons),
                    mongo,
                    run,
                    guard);
            named(
                    outcome.rejects().sinkTo(LedgerSinks.deadLetters(mongo, run, guard)),
                    "sink-dead-letters",
                    "write dead letters");
        }
    }

    private static void writePersons(
            DataStream<PersonWrite> persons,
            Sink<PersonWrite> sink,
            MongoAddress mongo,
            RunContext run,
            WriteGuard guard) {
        String runId = run.runId();
        long at = run.submittedAtMillis();
        DataStream<PersonWrite> changes =
                named(
                        persons.filter(p -> p.kind() != Kind.UNCHANGED),
                        "changed-persons",
                        "changed persons");
        DataStream<PersonWrite> noted =
                named(
                        changes.transform(
                                "note-persons",
                                TypeInformation.of(PersonWrite.class),
                                new MongoWriteAhead<>(
                                        mongo, p -> PersonModels.notes(p, runId, at), guard)),
                        "note-persons",
                        "note what persons were");
        named(noted.sinkTo(sink), "sink-persons", "write persons");
    }

    private static Map<String, Long> countRows(MilvusAddress milvus) {
        Map<String, Long> rows = new HashMap<>();
        try (MilvusEmbeddingStore store = new MilvusEmbeddingStore(milvus)) {
            for (Modality modality : Modality.values()) {
                rows.put(modality.collection(), store.count(modality.collection(), null, null));
            }
        }
        return rows;
    }

    private static DataStream<StoredEmbedding> rows(
            StreamExecutionEnvironment environment, MilvusAddress milvus, Modality modality) {
        String collection = modality.collection();
        PageReaderFactory<StoredEmbedding> readers =
                () -> {
                    MilvusEmbeddingStore store = new MilvusEmbeddingStore(milvus);
                    EmbeddingSchema schema =
                            store.describe(collection)
                                    .orElseThrow(
                                            () ->
                                                    AimaException.failed(
                                                            "no collection " + collection, null));
                    int dimension = schema.vector().dimension();
                    return new MappedPageReader<>(
                            new MilvusPageReader(store, collection, ROW_FIELDS, true),
                            row -> stored(collection, dimension, row));
                };
        String kind = modality.name().toLowerCase(java.util.Locale.ROOT);
        return named(
                environment.fromSource(
                        new PagedSource<>(readers, TypeInformation.of(StoredEmbedding.class)),
                        WatermarkStrategy.noWatermarks(),
                        "read " + kind + " rows"),
                "source-" + kind,
                "read " + kind + " rows");
    }

    private static StoredEmbedding stored(String collection, int dimension, PartitionRow row) {
        return new StoredEmbedding(
                collection,
                row.partition(),
                row.row().id(),
                row.row().vector(),
                dimension,
                row.row().text("person_id"),
                row.row().text("media_id"),
                row.row().text("result_id"),
                row.row().fields().get("confidence") instanceof Float confidence ? confidence : 1f);
    }

    private static DataStream<ResultFacts> results(
            StreamExecutionEnvironment environment, MongoAddress mongo) {
        BsonArray types = new BsonArray();
        for (Modality modality : Modality.values()) {
            types.add(new BsonString(modality.analysisType()));
        }
        return new DocumentSource<>(
                        mongo,
                        RESULTS,
                        new BsonDocument("analysis_type", new BsonDocument("$in", types)),
                        DocumentReader.RESULT_FIELDS,
                        ResultFacts.class,
                        DocumentReader::result,
                        "results")
                .in(environment);
    }

    private static DataStream<ExistingPerson> persons(
            StreamExecutionEnvironment environment, MongoAddress mongo) {
        return new DocumentSource<>(
                        mongo,
                        PersonModels.PERSONS,
                        new BsonDocument(),
                        List.of(),
                        ExistingPerson.class,
                        DocumentReader::person,
                        "persons")
                .in(environment);
    }

    private static DataStream<KnownIdentity> aliases(
            StreamExecutionEnvironment environment, MongoAddress mongo) {
        return new DocumentSource<>(
                        mongo,
                        PersonModels.ALIASES,
                        new BsonDocument(),
                        List.of(),
                        KnownIdentity.class,
                        DocumentReader::alias,
                        "aliases")
                .in(environment);
    }

    private static DataStream<KnownIdentity> constraints(
            StreamExecutionEnvironment environment, MongoAddress mongo) {
        return new DocumentSource<>(
                        mongo,
                        PersonModels.CONSTRAINTS,
                        new BsonDocument(),
                        List.of(),
                        KnownIdentity.class,
                        DocumentReader::constraint,
                        "constraints")
                .in(environment);
    }

    @Override
    public Undoing undo(Configuration configuration, RunContext run) {
        MongoAddress mongo = StoreOptions.mongo(configuration);
        WriteGuard guard =
                new MongoWriteGuard(mongo, target(configuration), run.runId(), run.fence());
        CachedCopies.@Nullable Keys cached =
                StoreOptions.cached(configuration, StoreOptions.CACHED_PERSON).orElse(null);
        try (CachedCopies copies = new CachedCopies(configuration.get(StoreOptions.REDIS_URI));
                PersonUndo undo =
                        new PersonUndo(
                                mongo,
                                StoreOptions.milvus(configuration),
                                guard,
                                run.runId(),
                                ids -> {
                                    if (cached != null) {
                                        copies.forget(cached, ids);
                                    }
                                })) {
            return undo.undo();
        }
    }

    @Override
    public Verification verify(Configuration configuration, RunContext run) {
        String labels = configuration.get(PersonClusteringOptions.LABELS);
        return new PersonVerifier(
                        StoreOptions.mongo(configuration),
                        StoreOptions.milvus(configuration),
                        labels.equals(PersonClusteringOptions.NO_LABELS)
                                ? Map.of()
                                : Labels.read(Path.of(labels)))
                .verify();
    }
}
