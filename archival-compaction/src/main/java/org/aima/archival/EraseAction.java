package org.aima.archival;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.aima.archival.core.ArchivedFile;
import org.aima.archival.core.ManifestChain;
import org.aima.archival.core.RewriteRule;
import org.aima.archival.function.RewriteUnit;
import org.aima.archival.store.ArchiveStore;
import org.aima.archival.store.ErasurePlaces;
import org.aima.archival.store.LiveResults;
import org.aima.archival.store.StoreFactories;
import org.aima.archival.store.places.StoredPlaces;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.error.ConfigurationProblem;
import org.aima.jobs.pipeline.RunContext;
import org.aima.jobs.pipeline.Verification;
import org.aima.jobs.pipeline.Verification.Check;
import org.aima.stores.StoreOptions;
import org.aima.stores.milvus.MilvusAddress;
import org.aima.stores.mongo.MongoAddress;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Composition root of {@code archival-compaction:erase}: a person or medium vanishes everywhere.
 */
final class EraseAction extends MaintenanceAction {

    @Override
    public String name() {
        return "erase";
    }

    @Override
    public List<ConfigurationProblem> preflight(Configuration configuration) {
        List<ConfigurationProblem> problems = super.preflight(configuration);
        if (persons(configuration).isEmpty() && media(configuration).isEmpty()) {
            problems.add(
                    new ConfigurationProblem(
                            "argument",
                            ArchivalCompactionOptions.PERSON_ID.key(),
                            "",
                            "say whom or what to erase: person_id=… or media_id=…"));
        }
        return problems;
    }

    private static Set<String> persons(Configuration configuration) {
        return new TreeSet<>(
                ArchivalCompactionSettings.list(
                        configuration.get(ArchivalCompactionOptions.PERSON_ID),
                        ArchivalCompactionOptions.NONE));
    }

    private static Set<String> media(Configuration configuration) {
        return new TreeSet<>(
                ArchivalCompactionSettings.list(
                        configuration.get(ArchivalCompactionOptions.MEDIA_ID),
                        ArchivalCompactionOptions.NONE));
    }

    private static ErasurePlaces.Factory places(Configuration configuration) {
        MongoAddress mongo = StoreOptions.mongo(configuration);
        MilvusAddress milvus = StoreOptions.milvus(configuration);
        StoreFactories stores = ArchiveStores.factories(configuration);
        String exports = configuration.get(ArchivalCompactionOptions.EXPORTS);
        return () -> new StoredPlaces(mongo, milvus, stores.archive().open(), exports);
    }

    @Override
    void define(
            StreamExecutionEnvironment environment,
            Configuration configuration,
            RunContext run,
            ArchiveStore archive,
            LiveResults live,
            ManifestChain chain) {
        Set<String> persons = persons(configuration);
        Set<String> media = media(configuration);
        Set<String> results;
        try (ErasurePlaces places = places(configuration).open()) {
            results = ((StoredPlaces) places).resultsOf(persons, media);
        }
        List<RewriteUnit> units = new ArrayList<>(unfinished(archive, chain, run));
        int slice = freeSlice(chain, run);
        for (ArchivedFile file : chain.live()) {
            units.add(new RewriteUnit(slice++, 0, new ArchivedFile[] {file}));
        }
        sinks(
                topology(configuration, run)
                        .erase(
                                units(environment, units, RewriteUnit.class),
                                RewriteRule.erase(persons, media, results, run.submittedAtMillis()),
                                places(configuration),
                                new ErasurePlaces.Subjects(
                                        persons, media, new java.util.HashSet<>(results))),
                configuration,
                run);
    }

    @Override
    public Verification verify(Configuration configuration, RunContext run) {
        List<Check> checks = new ArrayList<>(super.verify(configuration, run).checks());
        Set<String> persons = persons(configuration);
        Set<String> media = media(configuration);
        try (ErasurePlaces places = places(configuration).open();
                ArchiveStore archive = ArchiveStores.archive(configuration)) {
            ErasurePlaces.Subjects subjects = new ErasurePlaces.Subjects(persons, media, Set.of());
            for (String place : places.names()) {
                if (place.equals(StoredPlaces.LEFTOVERS)) {
                    continue;
                }
                ErasurePlaces.Found left = places.visit(place, subjects, false);
                checks.add(
                        new Check(
                                "nothing is left in " + place,
                                left.found() == 0,
                                left.found() + " found"));
            }
            long rows = 0;
            RewriteRule rule = RewriteRule.erase(persons, media, Set.of(), 0);
            for (ArchivedFile file : archive.chain().live()) {
                rows += org.aima.archival.store.FileRewriter.matching(archive, file, rule);
            }
            checks.add(new Check("nothing is left in archived files", rows == 0, rows + " rows"));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return new Verification(checks);
    }
}
