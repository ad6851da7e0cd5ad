package org.aima.personclustering;

import java.time.Duration;
import java.util.List;
import org.aima.jobs.config.Option;

/** The options of person-clustering:recluster. */
final class PersonClusteringOptions {
    static final Option<Integer> NEIGHBOURS =
            Option.integer(
                            "neighbours.k",
                            "Nearest neighbours that propose links, for each vector.")
                    .defaultsTo("50")
                    .require(k -> k >= 2 && k <= 1_000, "give a whole number from 2 to 1000");
    static final Option<String> SOURCE =
            Option.text(
                            "neighbours.source",
                            "Who finds neighbours: flink compares vectors inside the job, milvus asks"
                                    + " the collection's index, one request at a time a searcher.")
                    .defaultsTo("flink")
                    .require(s -> s.equals("flink") || s.equals("milvus"), "give flink or milvus");
    static final Option<Integer> SEARCHERS =
            Option.integer(
                            "neighbours.searchers",
                            "Requests to Milvus at one time when it finds the neighbours.")
                    .defaultsTo("2")
                    .require(s -> s >= 1 && s <= 64, "give a whole number from 1 to 64");
    static final Option<Integer> BLOCK_ROWS =
            Option.integer("neighbours.block-rows", "Vectors that are compared as one block.")
                    .defaultsTo("2000")
                    .require(r -> r >= 64 && r <= 16_384, "give a whole number from 64 to 16384");
    static final Option<Integer> EXACT_UP_TO =
            Option.integer(
                            "neighbours.exact-up-to",
                            "Collections of at most so many rows are compared pair by pair; larger ones"
                                    + " by cells.")
                    .defaultsTo("20000")
                    .require(n -> n >= 0, "give a whole number from 0");
    static final Option<Integer> PROBES =
            Option.integer(
                            "neighbours.probes",
                            "Cells in which the neighbours of a vector are looked for; more find more"
                                    + " and take longer.")
                    .defaultsTo("48")
                    .require(p -> p >= 1 && p <= 1_000, "give a whole number from 1 to 1000");
    static final Option<Double> MINIMUM_RECALL =
            Option.number(
                            "neighbours.min-recall",
                            "Share of the neighbours that may be linked that must be found, measured on"
                                    + " about 500 vectors; below it a run is refused before it writes.")
                    .defaultsTo("0.95")
                    .require(v -> v >= 0 && v <= 1, "give a number from 0 to 1");
    static final Option<String> THRESHOLD_FACE =
            threshold("threshold.face", "Similarity at which two single faces are one person");
    static final Option<String> THRESHOLD_VOICE =
            threshold("threshold.voice", "Similarity at which two single voices are one person");
    static final Option<Double> FALSE_LINKS =
            Option.number(
                            "linking.false-links",
                            "Links to strangers a vector may expect by chance; smaller is stricter.")
                    .defaultsTo("0.01")
                    .require(v -> v > 0 && v < 1, "give a number between 0 and 1");
    static final Option<Double> MINIMUM_QUALITY =
            Option.number(
                            "linking.min-quality",
                            "Faces of lower confidence join persons but never bring two together; 0 for"
                                    + " none.")
                    .defaultsTo("0.5")
                    .require(v -> v >= 0 && v <= 1, "give a number from 0 to 1");
    static final Option<Duration> MERGE_GAP =
            Option.duration(
                            "appearances.merge-gap",
                            "Time ranges of an appearance at most this far apart become one.")
                    .defaultsTo("1s");
    static final Option<Double> MINIMUM_SUPPORT =
            Option.number(
                            "attributes.min-support",
                            "Share of a person's results that must show a piece of clothing or a"
                                    + " feature.")
                    .defaultsTo("0.2")
                    .require(v -> v >= 0 && v <= 1, "give a number from 0 to 1");

    static final Option<Double> MAX_MOVED =
            Option.number(
                            "apply.max-moved",
                            "Share of the members with a person that may get another one; a run that"
                                    + " would move more is refused before it writes.")
                    .defaultsTo("0.05")
                    .require(v -> v >= 0 && v <= 1, "give a number from 0 to 1");
    static final Option<Double> MINIMUM_SPEECH =
            Option.number(
                            "fusion.min-probability",
                            "Probability from which voices become the person that is seen speaking; 1"
                                    + " joins none.")
                    .defaultsTo("0.95")
                    .require(v -> v >= 0.5 && v <= 1, "give a number from 0.5 to 1");

    static final String NO_LABELS = "none";
    static final Option<String> LABELS =
            Option.text(
                            "report.labels",
                            "A CSV file with the columns embedding_id,identity; the report then scores"
                                    + " the persons against it.")
                    .defaultsTo(NO_LABELS)
                    .require(
                            f ->
                                    f.equals(NO_LABELS)
                                            || java.nio.file.Files.isReadable(
                                                    java.nio.file.Path.of(f)),
                            "name a file that can be read, or none");

    private PersonClusteringOptions() {}

    static List<Option<?>> all() {
        return List.of(
                NEIGHBOURS,
                SOURCE,
                SEARCHERS,
                BLOCK_ROWS,
                EXACT_UP_TO,
                PROBES,
                MINIMUM_RECALL,
                THRESHOLD_FACE,
                THRESHOLD_VOICE,
                FALSE_LINKS,
                MINIMUM_QUALITY,
                MERGE_GAP,
                MINIMUM_SUPPORT,
                MAX_MOVED,
                MINIMUM_SPEECH,
                LABELS);
    }

    /** Those of conf/person-clustering.yaml, which all actions read. */
    static List<Option<?>> inConfiguration() {
        return List.of(
                NEIGHBOURS,
                BLOCK_ROWS,
                THRESHOLD_FACE,
                THRESHOLD_VOICE,
                FALSE_LINKS,
                MINIMUM_QUALITY,
                MERGE_GAP,
                MINIMUM_SUPPORT);
    }

    private static Option<String> threshold(String key, String purpose) {
        return Option.text(key, purpose + ": auto derives it from the data.")
                .defaultsTo("auto")
                .require(
                        PersonClusteringOptions::isThreshold,
                        "give auto or a number between -1 and 1");
    }

    private static boolean isThreshold(String text) {
        if (text.equals("auto")) {
            return true;
        }
        try {
            double value = Double.parseDouble(text);
            return value > -1 && value < 1;
        } catch (NumberFormatException e) {
            return false;
        }
    }
}
