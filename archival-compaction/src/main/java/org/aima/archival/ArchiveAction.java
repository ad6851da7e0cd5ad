package org.aima.archival;

import static org.aima.jobs.pipeline.Operators.named;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.aima.archival.core.Candidate;
import org.aima.archival.core.Manifest;
import org.aima.archival.core.ManifestChain;
import org.aima.archival.core.MediaFact;
import org.aima.archival.core.ResultFields;
import org.aima.archival.core.SelectionRules;
import org.aima.archival.function.CommitOperator;
import org.aima.archival.store.ArchiveStore;
import org.aima.archival.store.LiveResults;
import org.aima.archival.store.mongo.MediaFactReader;
import org.aima.archival.store.mongo.MongoLiveResults;
import org.aima.archival.store.mongo.PartitionSizes;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.config.Option;
import org.aima.jobs.error.ConfigurationException;
import org.aima.jobs.error.ConfigurationProblem;
import org.aima.jobs.error.RunRefusedException;
import org.aima.jobs.pipeline.JobAction;
import org.aima.jobs.pipeline.RunContext;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.jobs.pipeline.Verification;
import org.aima.jobs.pipeline.WriteGuard;
import org.aima.stores.StoreOptions;
import org.aima.stores.mongo.LedgerSinks;
import org.aima.stores.mongo.MongoAddress;
import org.aima.stores.mongo.MongoPageReader;
import org.aima.stores.mongo.MongoRunLedger;
import org.aima.stores.paging.KeyRange;
import org.aima.stores.paging.MappedPageReader;
import org.aima.stores.paging.Page;
import org.aima.stores.paging.PageReader;
import org.aima.stores.paging.PageReaderFactory;
import org.aima.stores.paging.PagedSource;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.RawBsonDocument;

/** Composition root of {@code archival-compaction:archive}. */
final class ArchiveAction implements JobAction {

    @Override
    public String name() {
        return "archive";
    }

    @Override
    public RuntimeExecutionMode mode() {
        return RuntimeExecutionMode.BATCH;
    }

    @Override
    public List<Option<?>> options() {
        return ArchiveStores.options();
    }

    @Override
    public List<ConfigurationProblem> preflight(Configuration configuration) {
        List<ConfigurationProblem> problems = new ArrayList<>();
        if (configuration
                .get(ArchivalCompactionOptions.CUTOFF)
                .equals(ArchivalCompactionOptions.NONE)) {
            problems.add(
                    new ConfigurationProblem(
                            "argument",
                            ArchivalCompactionOptions.CUTOFF.key(),
                            "",
                            "is required; " + ArchivalCompactionOptions.CUTOFF.remedy()));
        }
        try {
            ArchivalCompactionSettings.of(configuration, 0);
        } catch (ConfigurationException e) {
            problems.addAll(e.problems());
        }
        problems.addAll(ArchiveStores.problems(configuration));
        return problems;
    }

    @Override
    public String target(Configuration configuration) {
        return ArchiveStores.target(configuration);
    }

    @Override
    public RunLedger ledger(Configuration configuration) {
        return new MongoRunLedger(StoreOptions.mongo(configuration));
    }

    @Override
    public void define(
            StreamExecutionEnvironment environment, Configuration configuration, RunContext run) {
        ArchivalCompactionSettings settings =
                ArchivalCompactionSettings.of(configuration, run.submittedAtMillis());
        try (ArchiveStore archive = ArchiveStores.archive(configuration);
                LiveResults live = ArchiveStores.live(configuration)) {
            ManifestChain chain = archive.trustedChain(live.head(archive.bucket()));
            boolean committed = !chain.of(run.runId()).isEmpty();
            if (!run.planOnly()) {
                refuseUnfinished(archive, chain, run.runId());
            }
            define(
                    environment,
                    configuration,
                    run,
                    new CommitOperator.Base(chain.head(), chain.headSha256(), committed),
                    committed
                            ? Map.of()
                            : PartitionSizes.slices(
                                    StoreOptions.mongo(configuration),
                                    filter(settings.rules()),
                                    settings.files().targetBytes()));
        }
    }

    static void refuseUnfinished(ArchiveStore archive, ManifestChain chain, String run) {
        for (Manifest manifest : archive.unfinished(chain)) {
            if (!manifest.run().equals(run)) {
                throw new RunRefusedException(
                        "run "
                                + manifest.run()
                                + " has published "
                                + manifest.key()
                                + " and not finished what follows; go on with: aima resume "
                                + manifest.run());
            }
        }
    }

    /** The graph for a given end of the chain; reaches no store. */
    void define(
            StreamExecutionEnvironment environment,
            Configuration configuration,
            RunContext run,
            CommitOperator.Base base,
            Map<String, Integer> slices) {
        MongoAddress mongo = StoreOptions.mongo(configuration);
        ArchivalCompactionSettings settings =
                ArchivalCompactionSettings.of(configuration, run.submittedAtMillis());
        WriteGuard guard = ArchiveStores.guard(configuration, run);
        ArchiveTopology topology =
                new ArchiveTopology(
                        settings,
                        run,
                        ArchiveStores.factories(configuration),
                        guard,
                        base,
                        new TreeMap<>(slices),
                        ArchiveStores.codeVersion());
        DataStream<Candidate> results = results(environment, mongo, settings.rules(), base);
        DataStream<MediaFact> facts = facts(environment, mongo, settings.rules(), base);
        ArchiveTopology.Outcome outcome =
                run.planOnly() ? topology.plan(results, facts) : topology.define(results, facts);
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

    static BsonDocument filter(SelectionRules rules) {
        return new BsonDocument(
                "timestamp", new BsonDocument("$lt", new BsonDateTime(rules.cutoffMillis())));
    }

    private static DataStream<Candidate> results(
            StreamExecutionEnvironment environment,
            MongoAddress mongo,
            SelectionRules rules,
            CommitOperator.Base base) {
        long cutoff = rules.cutoffMillis();
        boolean committed = base.committed();
        PageReaderFactory<Candidate> readers =
                () ->
                        committed
                                ? new NothingReader<>()
                                : new MappedPageReader<>(
                                        new MongoPageReader(
                                                mongo,
                                                MongoLiveResults.RESULTS,
                                                new BsonDocument(
                                                        "timestamp",
                                                        new BsonDocument(
                                                                "$lt", new BsonDateTime(cutoff))),
                                                List.of()),
                                        ArchiveAction::candidate);
        return named(
                environment.fromSource(
                        new PagedSource<>(readers, TypeInformation.of(Candidate.class)),
                        WatermarkStrategy.noWatermarks(),
                        "read results"),
                "source-results",
                "read results");
    }

    private static Candidate candidate(RawBsonDocument raw) {
        byte[] document = MongoLiveResults.bytes(raw);
        String mediaId = "";
        try {
            mediaId = Objects.requireNonNullElse(ResultFields.of(document).mediaId(), "");
        } catch (IllegalArgumentException e) {
            // Selection rejects it; here it only needs a task to go to.
        }
        return new Candidate(mediaId, document);
    }

    private static DataStream<MediaFact> facts(
            StreamExecutionEnvironment environment,
            MongoAddress mongo,
            SelectionRules rules,
            CommitOperator.Base base) {
        DataStream<MediaFact> facts = null;
        for (MediaFactReader.Source source : MediaFactReader.Source.values()) {
            boolean needed = !base.committed() && MediaFactReader.needed(source, rules);
            PageReaderFactory<MediaFact> readers =
                    () ->
                            needed
                                    ? new MediaFactReader(mongo, source, rules)
                                    : new NothingReader<>();
            String what = source.name().toLowerCase(java.util.Locale.ROOT);
            DataStream<MediaFact> read =
                    named(
                            environment.fromSource(
                                    new PagedSource<>(readers, TypeInformation.of(MediaFact.class)),
                                    WatermarkStrategy.noWatermarks(),
                                    "read " + what),
                            "source-" + what,
                            "read " + what);
            facts = facts == null ? read : facts.union(read);
        }
        return Objects.requireNonNull(facts);
    }

    @Override
    public Verification verify(Configuration configuration, RunContext run) {
        return new ArchiveVerifier(configuration).verify(run.runId());
    }

    /** A source without rows. */
    static final class NothingReader<T> implements PageReader<T> {
        @Override
        public List<KeyRange> ranges() {
            return List.of();
        }

        @Override
        public Page<T> read(KeyRange range) {
            return new Page<>(List.of(), null);
        }

        @Override
        public void close() {
            // Nothing was opened.
        }
    }
}
