package org.aima.archival;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.aima.archival.core.ArchivedFile;
import org.aima.archival.core.ManifestChain;
import org.aima.archival.core.RestoreRule;
import org.aima.archival.function.RestoreUnit;
import org.aima.archival.store.ArchiveStore;
import org.aima.archival.store.LiveResults;
import org.aima.archival.store.mongo.RestoreLookup;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.config.Option;
import org.aima.jobs.error.ConfigurationProblem;
import org.aima.jobs.pipeline.RunContext;
import org.aima.stores.StoreOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Composition root of {@code archival-compaction:restore}. */
final class RestoreAction extends MaintenanceAction {
    private static final int RESULTS_PER_UNIT = 200;

    @Override
    public String name() {
        return "restore";
    }

    @Override
    public List<ConfigurationProblem> preflight(Configuration configuration) {
        List<ConfigurationProblem> problems = super.preflight(configuration);
        boolean named =
                List.of(
                                ArchivalCompactionOptions.RESULT_ID,
                                ArchivalCompactionOptions.MEDIA_ID,
                                ArchivalCompactionOptions.PERSON_ID,
                                ArchivalCompactionOptions.DOSSIER_ID,
                                ArchivalCompactionOptions.FROM,
                                ArchivalCompactionOptions.TO)
                        .stream()
                        .anyMatch(
                                o -> !configuration.get(o).equals(ArchivalCompactionOptions.NONE));
        if (named == configuration.get(ArchivalCompactionOptions.ALL)) {
            problems.add(
                    new ConfigurationProblem(
                            "argument",
                            "result_id",
                            "",
                            "say what to restore: result_id=, media_id=, person_id=, dossier_id=,"
                                    + " from=, to=, or all=true and nothing else"));
        }
        return problems;
    }

    private static List<String> ids(Configuration configuration, Option<String> option) {
        return ArchivalCompactionSettings.list(
                configuration.get(option), ArchivalCompactionOptions.NONE);
    }

    private static long time(Configuration configuration, Option<String> option, long otherwise) {
        String text = configuration.get(option);
        return text.equals(ArchivalCompactionOptions.NONE)
                ? otherwise
                : java.time.Instant.parse(text).toEpochMilli();
    }

    @Override
    void define(
            StreamExecutionEnvironment environment,
            Configuration configuration,
            RunContext run,
            ArchiveStore archive,
            LiveResults live,
            ManifestChain chain) {
        List<String> results = ids(configuration, ArchivalCompactionOptions.RESULT_ID);
        List<String> persons = ids(configuration, ArchivalCompactionOptions.PERSON_ID);
        Set<String> media = new TreeSet<>(ids(configuration, ArchivalCompactionOptions.MEDIA_ID));
        List<String> dossiers = ids(configuration, ArchivalCompactionOptions.DOSSIER_ID);
        long from = time(configuration, ArchivalCompactionOptions.FROM, Long.MIN_VALUE);
        long to = time(configuration, ArchivalCompactionOptions.TO, Long.MAX_VALUE);
        try (RestoreLookup lookup = new RestoreLookup(StoreOptions.mongo(configuration))) {
            media.addAll(lookup.mediaOf(dossiers));
        }
        RestoreRule rule =
                new RestoreRule(
                        List.copyOf(media),
                        persons,
                        results,
                        from,
                        to,
                        run.submittedAtMillis()
                                + configuration.get(ArchivalCompactionOptions.HOLD).toMillis());
        List<RestoreUnit> units = new ArrayList<>();
        boolean pointersServe =
                !results.isEmpty()
                        && media.isEmpty()
                        && persons.isEmpty()
                        && from == Long.MIN_VALUE
                        && to == Long.MAX_VALUE;
        if (pointersServe) {
            for (int i = 0; i < results.size(); i += RESULTS_PER_UNIT) {
                units.add(
                        new RestoreUnit(
                                results.subList(i, Math.min(results.size(), i + RESULTS_PER_UNIT))
                                        .toArray(String[]::new),
                                null));
            }
        } else {
            List<ArchivedFile> newestFirst = new ArrayList<>(chain.live());
            newestFirst.sort(
                    Comparator.comparingLong(ArchivedFile::maxTimestamp)
                            .reversed()
                            .thenComparing(ArchivedFile::key));
            boolean mediaOnly = !media.isEmpty() && persons.isEmpty() && results.isEmpty();
            for (ArchivedFile file : newestFirst) {
                boolean inTime = file.maxTimestamp() >= from && file.minTimestamp() < to;
                boolean mayHold = !mediaOnly || media.stream().anyMatch(file::mayHoldMedia);
                if (inTime && mayHold && (rule.byId() || dossiers.isEmpty())) {
                    units.add(new RestoreUnit(new String[0], file));
                }
            }
        }
        sinks(
                topology(configuration, run)
                        .restore(units(environment, units, RestoreUnit.class), rule),
                configuration,
                run);
    }
}
