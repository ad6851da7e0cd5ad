package org.aima.personclustering;

import static org.aima.jobs.pipeline.Operators.named;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.config.Option;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.error.ConfigurationProblem;
import org.aima.jobs.model.Figure;
import org.aima.jobs.model.Reject;
import org.aima.jobs.pipeline.JobAction;
import org.aima.jobs.pipeline.RunContext;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.jobs.pipeline.RunPhase;
import org.aima.jobs.pipeline.StepJournal;
import org.aima.jobs.pipeline.StepResult;
import org.aima.jobs.pipeline.Verification;
import org.aima.jobs.pipeline.WriteGuard;
import org.aima.personclustering.core.EmbeddingEvent;
import org.aima.personclustering.core.LinkingParameters;
import org.aima.personclustering.core.Modality;
import org.aima.personclustering.core.PersonChange;
import org.aima.personclustering.core.PersonComposer;
import org.aima.personclustering.core.PersonSnapshot;
import org.aima.stores.StoreOptions;
import org.aima.stores.StoreReach;
import org.aima.stores.kafka.EmbeddingEvents;
import org.aima.stores.kafka.TopicSink;
import org.aima.stores.kafka.TopicSource;
import org.aima.stores.milvus.MilvusAddress;
import org.aima.stores.milvus.MilvusEmbeddingStore;
import org.aima.stores.mongo.LedgerSinks;
import org.aima.stores.mongo.MongoAddress;
import org.aima.stores.mongo.MongoRunLedger;
import org.aima.stores.mongo.MongoWriteGuard;
import org.aima.stores.redis.CachedCopies;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;

/**
 * Composition root of {@code person-clustering:assign}: topic in, topology, stores and topic out.
 */
final class AssignAction implements JobAction {
    private static final int EVENT_VERSION = 1;
    private static final String PLAN = "look";
    private static final ObjectMapper JSON = new ObjectMapper();

    @Override
    public String name() {
        return "assign";
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
        options.addAll(AssignOptions.all());
        return options;
    }

    @Override
    public List<ConfigurationProblem> preflight(Configuration configuration) {
        List<ConfigurationProblem> problems =
                new ArrayList<>(new ReclusterAction().preflight(configuration));
        problems.addAll(StoreReach.topic(configuration, AssignOptions.TOPIC));
        return problems;
    }

    /** Beside that of a batch: the two go on together, and writes give way to a batch. */
    @Override
    public String target(Configuration configuration) {
        return new ReclusterAction().target(configuration) + "#assign";
    }

    @Override
    public RunLedger ledger(Configuration configuration) {
        return new MongoRunLedger(StoreOptions.mongo(configuration));
    }

    @Override
    public List<RunPhase> phases(Configuration configuration, boolean planOnly) {
        return planOnly ? List.of(RunPhase.step(PLAN)) : List.of(RunPhase.graph("run"));
    }

    /** A plan: who is known, and how many events lie in the topic. */
    @Override
    public StepResult step(
            String phase, Configuration configuration, RunContext run, StepJournal journal) {
        List<Figure> figures = new ArrayList<>();
        try (StoredPersons persons =
                        new StoredPersons(
                                StoreOptions.mongo(configuration),
                                StoreOptions.milvus(configuration),
                                PersonClusteringSettings.linking(configuration),
                                configuration.get(AssignOptions.EXEMPLARS));
                EmbeddingEvents events =
                        new EmbeddingEvents(
                                configuration.get(StoreOptions.KAFKA_BOOTSTRAP),
                                configuration.get(AssignOptions.TOPIC))) {
            PersonSnapshot known = persons.read(null);
            figures.add(
                    Figure.fact(
                            "recluster",
                            known.recluster().isEmpty()
                                    ? "none succeeded yet"
                                    : known.recluster()));
            figures.add(Figure.count("persons", known.stamps().size()));
            known.spaces()
                    .forEach(
                            (space, in) -> {
                                figures.add(Figure.count("persons." + space, in.groups().size()));
                                figures.add(
                                        Figure.fact(
                                                "threshold." + space,
                                                String.format(
                                                        Locale.ROOT, "%.4f", in.scale().single())));
                            });
            figures.add(
                    Figure.count(
                            "events.written",
                            events.end().values().stream().mapToLong(Long::longValue).sum()));
        }
        return new StepResult(Map.of(), figures);
    }

    @Override
    public void define(
            StreamExecutionEnvironment environment, Configuration configuration, RunContext run) {
        define(environment, configuration, run, dimensions(StoreOptions.milvus(configuration)));
    }

    /** The graph for given dimensions of vectors by collection; reaches no store. */
    void define(
            StreamExecutionEnvironment environment,
            Configuration configuration,
            RunContext run,
            Map<String, Integer> dimensions) {
        configure(environment, configuration);
        MongoAddress mongo = StoreOptions.mongo(configuration);
        MilvusAddress milvus = StoreOptions.milvus(configuration);
        String bootstrap = configuration.get(StoreOptions.KAFKA_BOOTSTRAP);
        String topic = configuration.get(AssignOptions.TOPIC);
        AssignSettings settings = AssignSettings.of(configuration, dimensions);
        WriteGuard guard =
                new MongoWriteGuard(mongo, target(configuration), run.runId(), run.fence());
        Map<String, LinkingParameters> linking = settings.linking();
        int exemplars = settings.limits().mostExemplars();
        double gap = AssignSettings.mergeGapSeconds(configuration);
        double support = configuration.get(PersonClusteringOptions.MINIMUM_SUPPORT);
        String batch = new ReclusterAction().target(configuration);
        CachedCopies.@Nullable Keys cached =
                StoreOptions.cached(configuration, StoreOptions.CACHED_PERSON).orElse(null);
        AssignTopology.Outcome outcome =
                new AssignTopology(
                                settings,
                                () -> new StoredPersons(mongo, milvus, linking, exemplars),
                                () ->
                                        CacheForgettingPersons.over(
                                                new PersonWriter(
                                                        mongo,
                                                        milvus,
                                                        new PersonComposer(gap, support),
                                                        batch),
                                                cached),
                                guard)
                        .define(
                                new TopicSource<>(
                                                bootstrap,
                                                topic,
                                                configuration.get(AssignOptions.GROUP),
                                                EmbeddingEvent.class,
                                                record ->
                                                        new EmbeddingEvent(
                                                                "kafka:"
                                                                        + topic
                                                                        + "/"
                                                                        + record.partition()
                                                                        + "@"
                                                                        + record.offset(),
                                                                record.timestampMillis(),
                                                                record.value()),
                                                "embedding events")
                                        .in(environment));
        String runId = run.runId();
        named(
                outcome.changes()
                        .sinkTo(
                                TopicSink.of(
                                        bootstrap,
                                        configuration.get(AssignOptions.CHANGES),
                                        PersonChange::personId,
                                        change -> json(change, runId))),
                "sink-changes",
                "tell who changed");
        named(
                outcome.rejects()
                        .sinkTo(
                                TopicSink.of(
                                        bootstrap,
                                        configuration.get(AssignOptions.DEAD_LETTERS),
                                        Reject::key,
                                        reject -> json(reject, runId))),
                "sink-rejected-events",
                "write rejected events");
        named(
                outcome.rejects().sinkTo(LedgerSinks.deadLettersAsTheyCome(mongo, run, guard)),
                "sink-dead-letters",
                "write dead letters");
    }

    private static void configure(
            StreamExecutionEnvironment environment, Configuration configuration) {
        org.apache.flink.configuration.Configuration flink =
                new org.apache.flink.configuration.Configuration();
        flink.set(StateBackendOptions.STATE_BACKEND, "rocksdb");
        flink.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, true);
        String directory = configuration.get(AssignOptions.CHECKPOINTS);
        if (!directory.equals(AssignOptions.CLUSTER)) {
            flink.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, directory);
        }
        environment.configure(flink);
    }

    private static Map<String, Integer> dimensions(MilvusAddress milvus) {
        Map<String, Integer> dimensions = new HashMap<>();
        try (MilvusEmbeddingStore store = new MilvusEmbeddingStore(milvus)) {
            for (Modality modality : Modality.values()) {
                dimensions.put(
                        modality.collection(),
                        store.describe(modality.collection())
                                .orElseThrow(
                                        () ->
                                                AimaException.failed(
                                                        "no collection " + modality.collection(),
                                                        null))
                                .vector()
                                .dimension());
            }
        }
        return dimensions;
    }

    /** An event as resources/schema/person-changed.json describes it. */
    static String json(PersonChange change, String runId) {
        ObjectNode event = JSON.createObjectNode();
        event.put("version", EVENT_VERSION);
        event.put("event", "person_changed");
        event.put("person_id", change.personId());
        event.put("created", change.created());
        for (String media : change.mediaIds()) {
            event.withArray("media_ids").add(media);
        }
        event.put("run_id", runId);
        event.put("at", Instant.ofEpochMilli(change.atMillis()).toString());
        return event.toString();
    }

    static String json(Reject reject, String runId) {
        ObjectNode event = JSON.createObjectNode();
        event.put("version", EVENT_VERSION);
        event.put("source", reject.source());
        event.put("embedding_id", reject.key());
        event.put("reason", reject.reason());
        event.put("detail", reject.detail());
        event.put("payload", reject.payload());
        event.put("run_id", runId);
        return event.toString();
    }

    /**
     * After the stream was stopped: while it runs, what is on its way is not in both stores yet.
     */
    @Override
    public Verification verify(Configuration configuration, RunContext run) {
        return new PersonVerifier(
                        StoreOptions.mongo(configuration),
                        StoreOptions.milvus(configuration),
                        Map.of())
                .verify();
    }
}
