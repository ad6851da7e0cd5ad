package org.aima.archival;

import java.util.ArrayList;
import java.util.Arrays;
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
        // Their summaries are still to be written; another unit must not replace them meanwhile.
        Set<String> unfinished = new HashSet<>();
        units.forEach(u -> Arrays.stream(u.files()).forEach(f -> unfinished.add(f.key())));
        units.addAll(
                units(
                        CompactionPlanner.groups(
                                chain.live().stream()
                                        .filter(f -> !unfinished.contains(f.key()))
                                        .toList(),
                                configuration.get(ArchivalCompactionOptions.TARGET_MIB) * MIB,
                                configuration.get(ArchivalCompactionOptions.COMPACT_GROUP_MIB)
                                        * MIB,
                                configuration.get(ArchivalCompactionOptions.COMPACT_BUDGET_GIB)
                                        * GIB),
                        live.filesWithSuperseded().stream()
                                .flatMap(key -> chain.live(key).stream())
                                .toList(),
                        freeSlice(chain, run)));
        graph(environment, configuration, run, units);
    }

    /**
     * A unit for each group, and one for each other file with superseded rows: such a row is read
     * twice until its file is rewritten. No file is in two units, they would get in each other's
     * way.
     */
    static List<RewriteUnit> units(
            List<CompactionPlanner.Group> groups, List<ArchivedFile> superseded, int firstSlice) {
        List<RewriteUnit> units = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        int slice = firstSlice;
        for (CompactionPlanner.Group group : groups) {
            group.files().forEach(f -> taken.add(f.key()));
            units.add(new RewriteUnit(slice++, 0, group.files().toArray(new ArchivedFile[0])));
        }
        for (ArchivedFile file : superseded) {
            if (taken.add(file.key())) {
                units.add(new RewriteUnit(slice++, 0, new ArchivedFile[] {file}));
            }
        }
        return units;
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
