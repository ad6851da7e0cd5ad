package org.aima.archival;

import java.util.ArrayList;
import java.util.List;
import org.aima.archival.store.ArchiveStore;
import org.aima.archival.store.LiveResults;
import org.aima.archival.store.StoreFactories;
import org.aima.archival.store.mongo.MongoLiveResults;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.config.Option;
import org.aima.jobs.error.ConfigurationProblem;
import org.aima.jobs.pipeline.RunContext;
import org.aima.jobs.pipeline.WriteGuard;
import org.aima.stores.StoreException;
import org.aima.stores.StoreOptions;
import org.aima.stores.StoreReach;
import org.aima.stores.mongo.MongoAddress;
import org.aima.stores.mongo.MongoWriteGuard;
import org.aima.stores.s3.S3Address;
import org.aima.stores.s3.S3ObjectStore;

/** How the actions of this job reach the stores. */
final class ArchiveStores {

    private ArchiveStores() {}

    static List<Option<?>> options() {
        List<Option<?>> options = new ArrayList<>(StoreOptions.all());
        options.addAll(ArchivalCompactionOptions.all());
        return options;
    }

    static String codeVersion() {
        String version = ArchiveStores.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    static ArchiveStore archive(Configuration configuration) {
        return factories(configuration).archive().open();
    }

    static LiveResults live(Configuration configuration) {
        return factories(configuration).live().open();
    }

    static StoreFactories factories(Configuration configuration) {
        MongoAddress mongo = StoreOptions.mongo(configuration);
        S3Address s3 = StoreOptions.s3(configuration);
        String bucket = configuration.get(ArchivalCompactionOptions.BUCKET);
        boolean conditional =
                configuration.get(ArchivalCompactionOptions.COMMIT)
                        == ArchivalCompactionOptions.CommitMode.CONDITIONAL;
        return new StoreFactories(
                () -> new ArchiveStore(new S3ObjectStore(s3), bucket, conditional),
                () -> new MongoLiveResults(mongo));
    }

    /** What a run of any action changes: one at a time in a bucket. */
    static String target(Configuration configuration) {
        return "s3://" + configuration.get(ArchivalCompactionOptions.BUCKET);
    }

    // A plan holds no lease on the target; its summary, all it writes, has a fence of its own.
    static WriteGuard guard(Configuration configuration, RunContext run) {
        return run.planOnly()
                ? WriteGuard.open()
                : new MongoWriteGuard(
                        StoreOptions.mongo(configuration),
                        target(configuration),
                        run.runId(),
                        run.fence());
    }

    /** Whether the stores answer, the bucket exists and the store keeps two commits apart. */
    static List<ConfigurationProblem> problems(Configuration configuration) {
        List<ConfigurationProblem> problems = StoreReach.mongo(configuration);
        try (ArchiveStore archive = archive(configuration)) {
            if (!archive.objects().bucketExists(archive.bucket())) {
                problems.add(
                        problem(
                                ArchivalCompactionOptions.BUCKET.key(),
                                archive.bucket(),
                                "does not exist; run: aima migrate"));
            } else if (configuration.get(ArchivalCompactionOptions.COMMIT)
                            == ArchivalCompactionOptions.CommitMode.CONDITIONAL
                    && !archive.refusesSecondPut()) {
                problems.add(
                        problem(
                                ArchivalCompactionOptions.COMMIT.key(),
                                "conditional",
                                "this object store does not honour If-None-Match, so two runs could"
                                        + " both win; use another store, or set commit.mode=lease-only"
                                        + " and never run two archivers"));
            }
        } catch (StoreException e) {
            problems.add(
                    StoreReach.unreachable(
                            configuration, StoreOptions.S3_ENDPOINT, e.getMessage()));
        }
        return problems;
    }

    static ConfigurationProblem problem(String key, String value, String remedy) {
        return new ConfigurationProblem("store", key, value, remedy);
    }
}
