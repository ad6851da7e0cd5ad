package org.aima.personclustering;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.aima.jobs.config.Option;

/** The options of person-clustering:assign. */
final class AssignOptions {
    static final Option<String> TOPIC =
            topic("topic", "Topic of new embeddings.").defaultsTo("aima.embeddings");
    static final Option<String> CHANGES =
            topic("changes.topic", "Topic that is told which persons changed.")
                    .defaultsTo("aima.changes");
    static final Option<String> DEAD_LETTERS =
            topic("dead-letter.topic", "Topic of events that could not be used.")
                    .defaultsTo("aima.embeddings.rejected");
    static final Option<String> GROUP =
            Option.text(
                            "group",
                            "Consumer group whose offsets a start without state begins at; the"
                                    + " topic's start where it has none.")
                    .defaultsTo("aima-assign");
    static final Option<Duration> REFRESH =
            Option.duration(
                            "persons.refresh",
                            "How often changed persons are read again: the bound of how old what is"
                                    + " known may be, but for the time reading takes.")
                    .defaultsTo("30s")
                    .require(d -> d.compareTo(Duration.ofSeconds(1)) >= 0, "give at least 1s");
    static final Option<Integer> EXEMPLARS =
            Option.integer(
                            "persons.exemplars",
                            "Vectors of a person in a space that new ones are compared with.")
                    .defaultsTo("8")
                    .require(e -> e >= 1 && e <= 64, "give a whole number from 1 to 64");
    static final Option<Duration> ROUND =
            Option.duration("decide.every", "Time between two rounds of decisions.")
                    .defaultsTo("200ms")
                    .require(d -> d.compareTo(Duration.ofMillis(10)) >= 0, "give at least 10ms");
    static final Option<Duration> SETTLE =
            Option.duration(
                            "undecided.settle",
                            "How long strangers gather before they become a new person; more makes"
                                    + " fewer persons that the next recluster has to merge.")
                    .defaultsTo("500ms")
                    .require(d -> d.compareTo(Duration.ofMinutes(10)) <= 0, "give at most 10m");
    static final Option<Duration> PATIENCE =
            Option.duration(
                            "undecided.patience",
                            "How long an embedding that fits nobody waits for others; then it stays"
                                    + " without person until the next recluster.")
                    .defaultsTo("24h");
    static final Option<Integer> MOST_UNDECIDED =
            Option.integer(
                            "undecided.max",
                            "Embeddings of one space that wait at most; of more the oldest are let"
                                    + " go.")
                    .defaultsTo("10000")
                    .require(n -> n >= 1 && n <= 200_000, "give a whole number from 1 to 200000");
    static final Option<Duration> WRITE =
            Option.duration("write.every", "How long decisions are gathered before a write.")
                    .defaultsTo("200ms")
                    .require(d -> d.compareTo(Duration.ofMillis(10)) >= 0, "give at least 10ms");
    static final Option<Duration> REMEMBER =
            Option.duration(
                            "duplicates.remember",
                            "How long an embedding's event is known again when it comes once more.")
                    .defaultsTo("7d")
                    .require(d -> d.compareTo(Duration.ofMinutes(1)) >= 0, "give at least 1m");
    static final String CLUSTER = "cluster";
    static final Option<String> CHECKPOINTS =
            Option.text(
                            "checkpoints.dir",
                            "Where checkpoints lie, for example s3://bucket/assign; cluster takes"
                                    + " the cluster's execution.checkpointing.dir.")
                    .defaultsTo(CLUSTER)
                    .require(
                            s -> s.equals(CLUSTER) || s.matches("[a-z0-9]+:/.+"),
                            "give a URI such as s3://bucket/assign, or cluster");

    private AssignOptions() {}

    static List<Option<?>> all() {
        List<Option<?>> all =
                new ArrayList<>(
                        List.of(
                                TOPIC,
                                CHANGES,
                                DEAD_LETTERS,
                                GROUP,
                                REFRESH,
                                EXEMPLARS,
                                ROUND,
                                SETTLE,
                                PATIENCE,
                                MOST_UNDECIDED,
                                WRITE,
                                REMEMBER,
                                CHECKPOINTS));
        all.addAll(PersonClusteringOptions.inConfiguration());
        return all;
    }

    private static Option<String> topic(String key, String purpose) {
        return Option.text(key, purpose)
                .require(
                        t -> t.matches("[A-Za-z0-9._-]{1,200}"),
                        "give 1-200 letters, digits, dots, _ or -");
    }
}
