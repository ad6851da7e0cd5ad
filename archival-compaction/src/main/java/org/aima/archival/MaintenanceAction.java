package org.aima.archival;

import static org.aima.jobs.pipeline.Operators.named;

import java.util.List;
import org.aima.archival.core.Manifest;
import org.aima.archival.core.ManifestChain;
import org.aima.archival.function.RewriteUnit;
import org.aima.archival.store.ArchiveStore;
import org.aima.archival.store.LiveResults;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.config.Option;
import org.aima.jobs.error.ConfigurationException;
import org.aima.jobs.error.ConfigurationProblem;
import org.aima.jobs.pipeline.JobAction;
import org.aima.jobs.pipeline.RunContext;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.jobs.pipeline.Verification;
import org.aima.jobs.pipeline.WriteGuard;
import org.aima.stores.StoreOptions;
import org.aima.stores.mongo.LedgerSinks;
import org.aima.stores.mongo.MongoAddress;
import org.aima.stores.mongo.MongoRunLedger;
import org.aima.stores.paging.PageReaderFactory;
import org.aima.stores.paging.PagedSource;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** What the actions on an existing archive share: units of work from the chain of manifests. */
abstract class MaintenanceAction implements JobAction {

    @Override
    public final RuntimeExecutionMode mode() {
        return RuntimeExecutionMode.BATCH;
    }

    @Override
    public final List<Option<?>> options() {
        return ArchiveStores.options();
    }

    @Override
    public List<ConfigurationProblem> preflight(Configuration configuration) {
        List<ConfigurationProblem> problems = ArchiveStores.problems(configuration);
        try {
            ArchivalCompactionSettings.of(configuration, 0);
        } catch (ConfigurationException e) {
            problems.addAll(e.problems());
        }
        return problems;
    }

    @Override
    public final String target(Configuration configuration) {
        return ArchiveStores.target(configuration);
    }

    @Override
    public final RunLedger ledger(Configuration configuration) {
        return new MongoRunLedger(StoreOptions.mongo(configuration));
    }

    @Override
    public final void define(
            StreamExecutionEnvironment environment, Configuration configuration, RunContext run) {
        try (ArchiveStore archive = ArchiveStores.archive(configuration);
                LiveResults live = ArchiveStores.live(configuration)) {
            ManifestChain chain = archive.trustedChain(live.head(archive.bucket()));
            if (!run.planOnly()) {
                ArchiveAction.refuseUnfinished(archive, chain, run.runId());
            }
            define(environment, configuration, run, archive, live, chain);
        }
    }

    /** Plans units from the chain and adds the graph that does them. */
    abstract void define(
            StreamExecutionEnvironment environment,
            Configuration configuration,
            RunContext run,
            ArchiveStore archive,
            LiveResults live,
            ManifestChain chain);

    static MaintenanceTopology topology(Configuration configuration, RunContext run) {
        return new MaintenanceTopology(
                ArchivalCompactionSettings.of(configuration, run.submittedAtMillis()),
                run,
                ArchiveStores.factories(configuration),
                ArchiveStores.guard(configuration, run));
    }

    static <T> DataStream<T> units(
            StreamExecutionEnvironment environment, List<T> units, Class<T> type) {
        List<T> copy = new java.util.ArrayList<>(units);
        PageReaderFactory<T> readers = () -> new UnitReader<>(copy);
        return named(
                environment.fromSource(
                        new PagedSource<>(readers, TypeInformation.of(type)),
                        WatermarkStrategy.noWatermarks(),
                        "plan units"),
                "source-units",
                "plan units");
    }

    static void sinks(
            MaintenanceTopology.Outcome outcome, Configuration configuration, RunContext run) {
        MongoAddress mongo = StoreOptions.mongo(configuration);
        WriteGuard guard = ArchiveStores.guard(configuration, run);
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

    /** Units that finish what an earlier attempt of the same run published. */
    static List<RewriteUnit> unfinished(ArchiveStore archive, ManifestChain chain, RunContext run) {
        return archive.unfinished(chain).stream()
                .filter(m -> m.run().equals(run.runId()))
                .map(
                        m ->
                                new RewriteUnit(
                                        0,
                                        m.number(),
                                        m.added()
                                                .toArray(
                                                        new org.aima.archival.core.ArchivedFile
                                                                [0])))
                .toList();
    }

    /** The first slice that no file of the run has: a published file is never written again. */
    static int freeSlice(ManifestChain chain, RunContext run) {
        String mark = "/part-" + run.runId() + "-";
        int free = 0;
        for (Manifest manifest : chain.of(run.runId())) {
            for (var file : manifest.added()) {
                int at = file.key().indexOf(mark);
                if (at >= 0) {
                    int number = at + mark.length();
                    int slice =
                            Integer.parseInt(
                                            file.key(), number, file.key().indexOf('-', number), 10)
                                    / 1_000;
                    free = Math.max(free, slice + 1);
                }
            }
        }
        return free;
    }

    @Override
    public Verification verify(Configuration configuration, RunContext run) {
        return new ArchiveVerifier(configuration).verify(run.runId());
    }
}
