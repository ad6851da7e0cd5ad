package org.aima.archival;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.aima.archival.core.ArchivedFile;
import org.aima.archival.core.CompactionPlanner;
import org.aima.archival.core.ManifestChain;
import org.aima.archival.core.RewriteRule;
import org.aima.archival.function.RewriteUnit;
import org.aima.archival.store.ArchiveStore;
import org.aima.archival.store.LiveResults;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.pipeline.RunContext;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Composition root of {@code archival-compaction:compact}. */
final class CompactAction extends MaintenanceAction {
    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;

    @Override
    public String name() {
        return "compact";
    }

    @Override
    void define(
            StreamExecutionEnvironment environment,
            Configuration configuration,
            RunContext run,
            ArchiveStore archive,
            LiveResults live,
            ManifestChain chain) {
        List<RewriteUnit> units = new ArrayList<>(unfinished(archive, chain, run));
        int slice = freeSlice(chain, run);
        Set<String> grouped = new HashSet<>();
        for (CompactionPlanner.Group group :
                CompactionPlanner.groups(
                        chain.live(),
                        configuration.get(ArchivalCompactionOptions.TARGET_MIB) * MIB,
                        configuration.get(ArchivalCompactionOptions.COMPACT_GROUP_MIB) * MIB,
                        configuration.get(ArchivalCompactionOptions.COMPACT_BUDGET_GIB) * GIB)) {
            units.add(new RewriteUnit(slice++, 0, group.files().toArray(new ArchivedFile[0])));
        }
        // A row of which a newer version exists is read twice until its file is rewritten.
        for (String key : live.filesWithSuperseded()) {
            ArchivedFile file = chain.live(key).orElse(null);
            if (file != null && grouped.add(key)) {
                units.add(new RewriteUnit(slice++, 0, new ArchivedFile[] {file}));
            }
        }
        graph(environment, configuration, run, units);
    }

    /** The graph for given units; reaches no store. */
    static void graph(
            StreamExecutionEnvironment environment,
            Configuration configuration,
            RunContext run,
            List<RewriteUnit> units) {
        sinks(
                topology(configuration, run)
                        .rewrite(
                                units(environment, units, RewriteUnit.class),
                                RewriteRule.compact(run.submittedAtMillis())),
                configuration,
                run);
    }
}
