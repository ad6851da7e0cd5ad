package org.aima.archival;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.Period;
import java.util.List;
import org.aima.archival.core.Retention;
import org.aima.jobs.config.Option;

/** The options of archival-compaction; one file serves all actions, so all know all of them. */
final class ArchivalCompactionOptions {
    /** What an option holds that was not given. */
    static final String NONE = "-";

    /** How commits of two runs are kept apart. */
    enum CommitMode {
        /** By a conditional put, which the store must know. */
        CONDITIONAL,
        /** By the lease alone. */
        LEASE_ONLY
    }

    static final Option<String> BUCKET =
            Option.text("archive.bucket", "Bucket of the archive.")
                    .defaultsTo("${env:AIMA_ARCHIVE_BUCKET:-aima-archive}")
                    .require(
                            s -> s.matches("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"),
                            "give a bucket's name: 3-63 lower case letters, digits, . or -");
    static final Option<String> EXPORTS =
            Option.text("archive.exports-bucket", "Bucket of dossier exports, for erasing.")
                    .defaultsTo("exports")
                    .require(
                            s -> s.matches("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"),
                            "give a bucket's name: 3-63 lower case letters, digits, . or -");
    static final Option<CommitMode> COMMIT =
            Option.choice(
                            "commit.mode",
                            CommitMode.class,
                            "What keeps two runs apart: a conditional put, or the lease alone for"
                                    + " stores that do not know conditional puts.")
                    .defaultsTo("conditional");
    static final Option<String> CUTOFF =
            Option.text(
                            "cutoff",
                            "Results before it are archived: an instant, or a period such as P12M"
                                    + " before the run was submitted.")
                    .defaultsTo(NONE)
                    .require(
                            ArchivalCompactionOptions::isCutoff,
                            "give an instant such as 2025-10-01T00:00:00Z or a period such as P12M");
    static final Option<String> POLICY =
            Option.text(
                            "policy",
                            "YAML file whose select.*, hold.* and retention.* win over the options.")
                    .defaultsTo(NONE);
    static final Option<String> TYPES =
            Option.text("select.types", "Analysis types to archive, by comma; all.")
                    .defaultsTo("all");
    static final Option<String> EXCEPT_TYPES =
            Option.text("select.except-types", "Analysis types that stay, by comma; none.")
                    .defaultsTo("none");
    static final Option<String> MEDIA_STATUS =
            Option.text(
                            "select.media-status",
                            "Processing status of media whose results may go, by comma; all.")
                    .defaultsTo("completed,failed");
    static final Option<String> HOLD_DOSSIER =
            Option.text(
                            "hold.dossier-status",
                            "Results of media in dossiers of such a status stay, by comma; none.")
                    .defaultsTo("none");
    static final Option<String> HOLD_CLASSIFICATION =
            Option.text(
                            "hold.classification",
                            "Results of media whose classification is one of these stay, by comma;"
                                    + " none.")
                    .defaultsTo("none");
    static final Option<Integer> TARGET_MIB =
            Option.integer("file.target-mib", "Size at which a file is closed.")
                    .defaultsTo("256")
                    .require(m -> m >= 1 && m <= 4_096, "give 1 to 4096; 128 to 512 reads best");
    static final Option<Integer> ROW_GROUP_MIB =
            Option.integer(
                            "file.row-group-mib",
                            "Size of a row group; a task's memory grows with it.")
                    .defaultsTo("32")
                    .require(m -> m >= 1 && m <= 512, "give 1 to 512");
    static final Option<Integer> PAGE_KIB =
            Option.integer(
                            "file.page-kib",
                            "Size of a page before compression: what restoring one result reads.")
                    .defaultsTo("512")
                    .require(k -> k >= 8 && k <= 8_192, "give 8 to 8192");
    static final Option<Integer> ZSTD_LEVEL =
            Option.integer("file.zstd-level", "Compression level.")
                    .defaultsTo("9")
                    .require(l -> l >= 1 && l <= 19, "give 1 to 19");
    static final Option<Integer> SORT_MIB =
            Option.integer("write.sort-mib", "Memory for sorting, each writing task.")
                    .defaultsTo("64")
                    .require(m -> m >= 1 && m <= 4_096, "give 1 to 4096");
    static final Option<Integer> DELETES =
            Option.integer(
                            "delete.documents-per-second",
                            "Deletions of all tasks together; 0 for no limit.")
                    .defaultsTo("0")
                    .require(n -> n >= 0, "give 0 or more");
    static final Option<String> RESULT_ID =
            Option.text("result_id", "Restore: results, by comma.").defaultsTo(NONE);
    static final Option<String> MEDIA_ID =
            Option.text("media_id", "Restore and erase: media, by comma.").defaultsTo(NONE);
    static final Option<String> PERSON_ID =
            Option.text("person_id", "Restore and erase: persons, by comma.").defaultsTo(NONE);
    static final Option<String> DOSSIER_ID =
            Option.text("dossier_id", "Restore: the media of dossiers, by comma.").defaultsTo(NONE);
    static final Option<String> FROM = time("from", "Restore: results from this instant on.");
    static final Option<String> TO = time("to", "Restore: results before this instant.");
    static final Option<Boolean> ALL =
            Option.flag("all", "Restore: everything.").defaultsTo("false");
    static final Option<Integer> PRIORITY =
            Option.integer(
                            "priority",
                            "Restore: how urgent it is among waiting restores, 0 (first) to 9.")
                    .defaultsTo("5")
                    .require(p -> p >= 0 && p <= 9, "give 0 to 9");
    static final Option<Duration> HOLD =
            Option.duration("restore.hold", "How long a restored result is not archived again.")
                    .defaultsTo("30d");
    static final Option<Integer> COMPACT_BUDGET_GIB =
            Option.integer("compact.budget-gib", "What one run rewrites at most.")
                    .defaultsTo("1024")
                    .require(g -> g >= 1, "give 1 or more");
    static final Option<Integer> COMPACT_GROUP_MIB =
            Option.integer("compact.group-mib", "Files rewritten and published together.")
                    .defaultsTo("2048")
                    .require(m -> m >= 2, "give 2 or more");
    static final Option<Duration> GRACE =
            Option.duration(
                            "compact.grace",
                            "How long a replaced file stays for those who still read it.")
                    .defaultsTo("7d");
    static final Option<Duration> ORPHAN_AGE =
            Option.duration(
                            "clean.age-floor",
                            "Files and unfinished uploads that no manifest names are left alone"
                                    + " until they are this old.")
                    .defaultsTo("3d");
    static final Option<String> RETENTION_TYPES =
            Option.text(
                            "retention.types",
                            "How long results of a type are kept, such as face_detection=P2Y, by"
                                    + " comma; none.")
                    .defaultsTo("none")
                    .require(
                            t -> isRetention(t, Retention.FOREVER),
                            "give type=PERIOD by comma, for example face_detection=P2Y, or none");
    static final Option<String> RETENTION_DEFAULT =
            Option.text("retention.default", "How long results of all other types are kept.")
                    .defaultsTo(Retention.FOREVER)
                    .require(t -> isRetention("none", t), "give a period such as P10Y, or forever");
    static final Option<String> CRASH_FILE =
            Option.text(
                            "crash.file",
                            "For tests: a file on the workers that names the step to crash at.")
                    .defaultsTo(NONE);

    private ArchivalCompactionOptions() {}

    static List<Option<?>> all() {
        return List.of(
                BUCKET,
                EXPORTS,
                COMMIT,
                CUTOFF,
                POLICY,
                TYPES,
                EXCEPT_TYPES,
                MEDIA_STATUS,
                HOLD_DOSSIER,
                HOLD_CLASSIFICATION,
                TARGET_MIB,
                ROW_GROUP_MIB,
                PAGE_KIB,
                ZSTD_LEVEL,
                SORT_MIB,
                DELETES,
                RESULT_ID,
                MEDIA_ID,
                PERSON_ID,
                DOSSIER_ID,
                FROM,
                TO,
                ALL,
                PRIORITY,
                HOLD,
                COMPACT_BUDGET_GIB,
                COMPACT_GROUP_MIB,
                GRACE,
                ORPHAN_AGE,
                RETENTION_TYPES,
                RETENTION_DEFAULT,
                CRASH_FILE);
    }

    /** The options a policy file may set. */
    static List<Option<String>> policy() {
        return List.of(
                TYPES,
                EXCEPT_TYPES,
                MEDIA_STATUS,
                HOLD_DOSSIER,
                HOLD_CLASSIFICATION,
                RETENTION_TYPES,
                RETENTION_DEFAULT);
    }

    private static Option<String> time(String key, String purpose) {
        return Option.text(key, purpose)
                .defaultsTo(NONE)
                .require(
                        t -> t.equals(NONE) || isInstant(t),
                        "give an instant such as 2025-10-01T00:00:00Z");
    }

    private static boolean isCutoff(String text) {
        return text.equals(NONE) || isInstant(text) || isPeriod(text);
    }

    static boolean isInstant(String text) {
        try {
            Instant.parse(text);
            return true;
        } catch (DateTimeException e) {
            return false;
        }
    }

    private static boolean isPeriod(String text) {
        try {
            Period period = Period.parse(text);
            return !period.isNegative() && !period.isZero();
        } catch (DateTimeException e) {
            return false;
        }
    }

    static boolean isRetention(String types, String others) {
        try {
            Retention.parse(types, others);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
