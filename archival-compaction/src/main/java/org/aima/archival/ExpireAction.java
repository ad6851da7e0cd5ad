package org.aima.archival;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.aima.archival.core.ArchivedFile;
import org.aima.archival.core.ManifestChain;
import org.aima.archival.core.Retention;
import org.aima.archival.core.RewriteRule;
import org.aima.archival.function.RewriteUnit;
import org.aima.archival.store.ArchiveStore;
import org.aima.archival.store.LiveResults;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.pipeline.RunContext;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Composition root of {@code archival-compaction:expire}: retention by analysis type. */
final class ExpireAction extends MaintenanceAction {

    @Override
    public String name() {
        return "expire";
    }

    @Override
    void define(
            StreamExecutionEnvironment environment,
            Configuration configuration,
            RunContext run,
            ArchiveStore archive,
            LiveResults live,
            ManifestChain chain) {
        Retention retention =
                ArchivalCompactionSettings.of(configuration, run.submittedAtMillis()).retention();
        Instant now = Instant.ofEpochMilli(run.submittedAtMillis());
        List<RewriteUnit> units = new ArrayList<>(unfinished(archive, chain, run));
        int slice = freeSlice(chain, run);
        for (ArchivedFile file : chain.live()) {
            boolean due =
                    retention
                            .limit(file.analysisType(), now)
                            .map(limit -> file.minTimestamp() < limit.toEpochMilli())
                            .orElse(false);
            if (due) {
                units.add(new RewriteUnit(slice++, 0, new ArchivedFile[] {file}));
            }
        }
        sinks(
                topology(configuration, run)
                        .rewrite(
                                units(environment, units, RewriteUnit.class),
                                RewriteRule.expire(retention, run.submittedAtMillis())),
                configuration,
                run);
    }
}
