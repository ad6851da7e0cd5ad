package org.aima.backfill;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.aima.backfill.core.PartitionScheme;
import org.aima.backfill.core.SchemaMapping;
import org.aima.jobs.config.Option;
import org.aima.jobs.config.SecretReference;

/** The options of embedding-backfill. */
final class EmbeddingBackfillOptions {
    /** Stands for a text that is not given. */
    static final String NONE = "-";

    private static final String COLLECTION = "[A-Za-z_][A-Za-z0-9_]{0,254}";

    static final Option<String> SOURCE =
            Option.text("source", "Alias or collection to read.")
                    .require(s -> s.matches(COLLECTION), "give an alias or a collection's name");
    static final Option<String> TARGET =
            Option.text("target", "Collection to write; - for the source's name and a version.")
                    .defaultsTo(NONE)
                    .require(
                            s -> s.equals(NONE) || s.matches(COLLECTION),
                            "give a collection's name, or -");
    static final Option<String> COMPARED =
            Option.text("target", "Alias or collection that is to hold the same.")
                    .require(s -> s.matches(COLLECTION), "give an alias or a collection's name");
    static final Option<String> PARTITION_BY =
            Option.text(
                            "partition-by",
                            "Partitions of the target: media-type, month, quarter, year (UTC), joined by"
                                    + " commas; none; key:<field>.")
                    .defaultsTo("media-type,month")
                    .require(EmbeddingBackfillOptions::isScheme, PartitionScheme.REMEDY);
    static final Option<String> WITHOUT_MEDIA =
            Option.text(
                            "without-media",
                            "Partition of rows whose medium or time is unknown; reject makes them dead"
                                    + " letters.")
                    .defaultsTo("unassigned")
                    .require(s -> s.matches(COLLECTION), "give a partition's name, or reject");
    static final Option<String> RENAME =
            Option.text("fields.rename", "Fields with another name: old:new,…; - for none.")
                    .defaultsTo(NONE)
                    .require(s -> parses(s, NONE, NONE, NONE), "give old:new, joined by commas");
    static final Option<String> DROP =
            Option.text("fields.drop", "Fields to leave behind, joined by commas; - for none.")
                    .defaultsTo(NONE);
    static final Option<String> ADD =
            Option.text(
                            "fields.add",
                            "Fields to add: name:type(length)=const:TEXT, =media:PATH or =result:PATH of"
                                    + " the row's document, joined by semicolons; - for none.")
                    .defaultsTo(NONE)
                    .require(
                            s -> parses(NONE, NONE, s, NONE),
                            "give name:varchar(64)=const:TEXT, name:int64=media:PATH and the like");
    static final Option<String> MAX_LENGTH =
            Option.text(
                            "fields.max-length",
                            "Other lengths of VARCHAR fields: field:bytes,…; - for none. The longest value"
                                    + " is looked up first.")
                    .defaultsTo(NONE)
                    .require(
                            s -> parses(NONE, NONE, NONE, s), "give field:bytes, joined by commas");
    static final Option<Integer> SHARDS =
            Option.integer("shards", "Shards of the target; 0 for as many as the source has.")
                    .defaultsTo("0")
                    .require(n -> n >= 0 && n <= 16, "give a whole number from 0 to 16");
    static final Option<String> INDEX_TYPE =
            Option.text("index.type", "Index of the target; - for the source's.")
                    .defaultsTo(NONE)
                    .require(s -> s.matches("-|[A-Z0-9_]+"), "give a type such as HNSW, or -");
    static final Option<String> INDEX_METRIC =
            Option.text("index.metric", "Metric of the target; - for the source's.")
                    .defaultsTo(NONE)
                    .require(s -> s.matches("-|COSINE|IP|L2"), "give COSINE, IP, L2 or -");
    static final Option<String> INDEX_PARAMS =
            Option.text(
                            "index.params",
                            "Parameters of the target's index: name:value,…; - for the source's.")
                    .defaultsTo(NONE);
    static final Option<String> SEARCH_PARAMS =
            Option.text("search.params", "Parameters of searches: name:value,…; - for none.")
                    .defaultsTo("ef:100");
    static final Option<Integer> MAX_PARTITIONS =
            Option.integer("limits.partitions", "Partitions the server allows in a collection.")
                    .defaultsTo("1024")
                    .require(n -> n >= 1 && n <= 4_096, "give a whole number from 1 to 4096");
    static final Option<Integer> MAX_PARTITIONS_IN_ALL =
            Option.integer(
                            "limits.partitions-in-all",
                            "Partitions times shards the server allows over all collections.")
                    .defaultsTo("65536")
                    .require(n -> n >= 1, "give a whole number from 1");
    static final Option<Integer> ROWS_PER_SECOND =
            Option.integer(
                            "rate.rows-per-second",
                            "Rows all subtasks together write in a second; 0 for no limit.")
                    .defaultsTo("0")
                    .require(n -> n >= 0, "give a whole number from 0");
    static final Option<Integer> BYTES_PER_SECOND =
            Option.integer(
                            "rate.bytes-per-second",
                            "Bytes all subtasks together write in a second; 0 for no limit.")
                    .defaultsTo("0")
                    .require(n -> n >= 0, "give a whole number from 0");
    static final Option<Duration> SLOW_ANSWER =
            Option.duration(
                            "rate.slow-answer",
                            "A write that takes longer is a sign of strain and slows the copy down.")
                    .defaultsTo("5s");
    static final Option<Integer> BATCH_BYTES =
            Option.integer("copy.batch-bytes", "Bytes of one write, by estimate.")
                    .defaultsTo("4194304")
                    .require(
                            n -> n >= 65_536 && n <= 16_777_216,
                            "give a whole number from 65536 to 16777216");
    static final Option<Integer> REQUESTS =
            Option.integer("copy.requests", "Writes one subtask has under way.")
                    .defaultsTo("2")
                    .require(n -> n >= 1 && n <= 16, "give a whole number from 1 to 16");
    static final Option<Integer> RANGE_PAGES =
            Option.integer(
                            "copy.range-pages",
                            "Pages of about 6 MB in a range: what a failure makes a subtask repeat.")
                    .defaultsTo("4")
                    .require(n -> n >= 1 && n <= 64, "give a whole number from 1 to 64");
    static final Option<CatchUpBy> CATCH_UP_BY =
            Option.choice(
                            "catch-up.by",
                            CatchUpBy.class,
                            "How rows changed since the snapshot are found: content compares both"
                                    + " collections whole, kafka reads events, timestamp re-reads rows with a"
                                    + " newer timestamp and compares keys.")
                    .defaultsTo("content");
    static final Option<String> TOPIC =
            Option.text("catch-up.topic", "Topic of embedding events.")
                    .defaultsTo("aima.embeddings")
                    .require(s -> s.matches("[A-Za-z0-9._-]{1,249}"), "give a topic's name");
    static final Option<Integer> MAX_REMAINDER =
            Option.integer(
                            "catch-up.max-remainder",
                            "Rows that may be left for the last difference, made in the window.")
                    .defaultsTo("1000")
                    .require(n -> n >= 0, "give a whole number from 0");
    static final Option<Integer> MAX_ROUNDS =
            Option.integer("catch-up.max-rounds", "Rounds after which a run gives up (exit 3).")
                    .defaultsTo("10")
                    .require(n -> n >= 1 && n <= 1_000, "give a whole number from 1 to 1000");
    static final Option<Integer> THREADS =
            Option.integer("verify.threads", "Pages that a comparison reads at a time.")
                    .defaultsTo("3")
                    .require(n -> n >= 1 && n <= 32, "give a whole number from 1 to 32");
    static final Option<Integer> SAMPLE_ROWS =
            Option.integer("verify.sample-rows", "Rows that are compared bit for bit.")
                    .defaultsTo("500")
                    .require(n -> n >= 1 && n <= 10_000, "give a whole number from 1 to 10000");
    static final Option<Integer> QUERIES =
            Option.integer("verify.queries", "Searches by which recall is measured.")
                    .defaultsTo("50")
                    .require(n -> n >= 0 && n <= 1_000, "give a whole number from 0 to 1000");
    static final Option<Integer> NEIGHBOURS =
            Option.integer("verify.k", "Neighbours of each search.")
                    .defaultsTo("10")
                    .require(n -> n >= 1 && n <= 1_000, "give a whole number from 1 to 1000");
    static final Option<Double> MAX_RECALL_LOSS =
            Option.number(
                            "verify.max-recall-loss",
                            "How much smaller than the source's the target's recall may be, against exact"
                                    + " neighbours.")
                    .defaultsTo("0.01")
                    .require(v -> v >= 0 && v <= 1, "give a number from 0 to 1");
    static final Option<Integer> FILTERS =
            Option.integer("verify.filters", "Filtered queries whose answers must be the same.")
                    .defaultsTo("20")
                    .require(n -> n >= 0 && n <= 1_000, "give a whole number from 0 to 1000");
    static final Option<UndoPolicy> UNDO_ROWS =
            Option.choice(
                            "undo.rows",
                            UndoPolicy.class,
                            "What undo does when rows differ by then: refuse lists them and moves nothing,"
                                    + " leave moves the alias all the same.")
                    .defaultsTo("refuse");
    static final Option<SecretReference> TARGET_URI =
            Option.secret("target.uri", "Address of the target's Milvus.")
                    .defaultsTo("${env:AIMA_TARGET_MILVUS_URI:-}");
    static final Option<SecretReference> TARGET_TOKEN =
            Option.secret("target.token", "user:password or token of the target's Milvus.")
                    .defaultsTo("${env:AIMA_TARGET_MILVUS_TOKEN:-}");

    /** How changes since the snapshot are found. */
    enum CatchUpBy {
        CONTENT,
        KAFKA,
        TIMESTAMP
    }

    /** What an undo does with rows that differ by then. */
    enum UndoPolicy {
        REFUSE,
        LEAVE
    }

    private EmbeddingBackfillOptions() {}

    private static boolean isScheme(String text) {
        try {
            PartitionScheme.parse(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean parses(String rename, String drop, String add, String length) {
        try {
            SchemaMapping.parse(rename, drop, add, length);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Options of how rows are placed and shaped. */
    static List<Option<?>> layout() {
        return List.of(PARTITION_BY, WITHOUT_MEDIA, RENAME, DROP, ADD, MAX_LENGTH);
    }

    /** Options of every copy into a collection. */
    static List<Option<?>> copy() {
        return List.of(
                ROWS_PER_SECOND,
                BYTES_PER_SECOND,
                SLOW_ANSWER,
                BATCH_BYTES,
                REQUESTS,
                RANGE_PAGES,
                INDEX_TYPE,
                INDEX_METRIC,
                INDEX_PARAMS,
                MAX_PARTITIONS,
                MAX_PARTITIONS_IN_ALL,
                SHARDS);
    }

    /** Options of every comparison. */
    static List<Option<?>> verification() {
        return List.of(
                THREADS, SAMPLE_ROWS, QUERIES, NEIGHBOURS, MAX_RECALL_LOSS, FILTERS, SEARCH_PARAMS);
    }

    static List<Option<?>> repartition() {
        List<Option<?>> options = new ArrayList<>(List.of(SOURCE, TARGET));
        options.addAll(layout());
        options.addAll(copy());
        options.addAll(List.of(CATCH_UP_BY, TOPIC, MAX_REMAINDER, MAX_ROUNDS, UNDO_ROWS));
        options.addAll(verification());
        return options;
    }
}
