package org.aima.archival;

import java.nio.file.Path;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.aima.archival.ArchivalCompactionOptions.CommitMode;
import org.aima.archival.core.Retention;
import org.aima.archival.core.SelectionRules;
import org.aima.archival.function.CrashHook;
import org.aima.archival.parquet.FileSettings;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.config.ConfigurationLoader;
import org.aima.jobs.config.Option;

/**
 * What the actions need to know, validated.
 *
 * @param rules what is selected, the cut-off included
 * @param sortBytes memory for sorting, each task
 */
record ArchivalCompactionSettings(
        String bucket,
        boolean conditionalCommits,
        SelectionRules rules,
        Retention retention,
        FileSettings files,
        long sortBytes,
        long deletesPerSecond,
        CrashHook crash) {
    private static final long MIB = 1L << 20;

    /**
     * @param submittedAtMillis the run's one clock reading, epoch milliseconds
     * @throws org.aima.jobs.error.ConfigurationException naming every problem of the policy file
     */
    static ArchivalCompactionSettings of(Configuration configuration, long submittedAtMillis) {
        Map<Option<String>, String> policy = policy(configuration);
        return new ArchivalCompactionSettings(
                configuration.get(ArchivalCompactionOptions.BUCKET),
                configuration.get(ArchivalCompactionOptions.COMMIT) == CommitMode.CONDITIONAL,
                new SelectionRules(
                        cutoff(
                                configuration.get(ArchivalCompactionOptions.CUTOFF),
                                submittedAtMillis),
                        submittedAtMillis,
                        list(policy, ArchivalCompactionOptions.TYPES, "all"),
                        list(policy, ArchivalCompactionOptions.EXCEPT_TYPES, "none"),
                        list(policy, ArchivalCompactionOptions.MEDIA_STATUS, "all"),
                        list(policy, ArchivalCompactionOptions.HOLD_DOSSIER, "none"),
                        list(policy, ArchivalCompactionOptions.HOLD_CLASSIFICATION, "none")),
                Retention.parse(
                        policy.getOrDefault(ArchivalCompactionOptions.RETENTION_TYPES, "none"),
                        policy.getOrDefault(
                                ArchivalCompactionOptions.RETENTION_DEFAULT, Retention.FOREVER)),
                new FileSettings(
                        configuration.get(ArchivalCompactionOptions.TARGET_MIB) * MIB,
                        configuration.get(ArchivalCompactionOptions.ROW_GROUP_MIB) * MIB,
                        configuration.get(ArchivalCompactionOptions.PAGE_KIB) << 10,
                        configuration.get(ArchivalCompactionOptions.ZSTD_LEVEL)),
                configuration.get(ArchivalCompactionOptions.SORT_MIB) * MIB,
                configuration.get(ArchivalCompactionOptions.DELETES),
                new CrashHook(configuration.get(ArchivalCompactionOptions.CRASH_FILE)));
    }

    private static Map<Option<String>, String> policy(Configuration configuration) {
        Map<Option<String>, String> values = new HashMap<>();
        for (Option<String> option : ArchivalCompactionOptions.policy()) {
            values.put(option, configuration.get(option));
        }
        String file = configuration.get(ArchivalCompactionOptions.POLICY);
        if (!file.equals(ArchivalCompactionOptions.NONE)) {
            Configuration given =
                    new ConfigurationLoader(
                                    List.copyOf(ArchivalCompactionOptions.policy()),
                                    System.getenv())
                            .file(Path.of(file))
                            .load();
            given.settings().stream()
                    .filter(s -> !s.origin().equals("default"))
                    .forEach(
                            s ->
                                    ArchivalCompactionOptions.policy().stream()
                                            .filter(o -> o.key().equals(s.key()))
                                            .forEach(o -> values.put(o, s.value())));
        }
        return values;
    }

    static List<String> list(String text, String empty) {
        return text.equals(empty)
                ? List.of()
                : Arrays.stream(text.split(","))
                        .map(String::trim)
                        .filter(s -> !s.isEmpty())
                        .distinct()
                        .sorted()
                        .toList();
    }

    private static List<String> list(
            Map<Option<String>, String> policy, Option<String> option, String empty) {
        return list(policy.getOrDefault(option, empty), empty);
    }

    private static long cutoff(String text, long submittedAtMillis) {
        if (text.equals(ArchivalCompactionOptions.NONE)) {
            return Long.MIN_VALUE;
        }
        return ArchivalCompactionOptions.isInstant(text)
                ? Instant.parse(text).toEpochMilli()
                : Instant.ofEpochMilli(submittedAtMillis)
                        .atZone(ZoneOffset.UTC)
                        .minus(Period.parse(text))
                        .toInstant()
                        .toEpochMilli();
    }
}
