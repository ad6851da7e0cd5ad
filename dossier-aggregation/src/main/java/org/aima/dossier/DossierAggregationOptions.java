package org.aima.dossier;

import java.time.Duration;
import java.util.List;
import org.aima.jobs.config.Option;

/** The options of dossier-aggregation. */
final class DossierAggregationOptions {
    static final String EVERY = "all";
    static final Option<String> DOSSIER =
            Option.text("dossier_id", "The one dossier to rebuild; all for every one.")
                    .defaultsTo(EVERY);
    static final Option<Duration> MERGE_GAP =
            Option.duration(
                            "appearances.merge-gap",
                            "Time ranges of an appearance at most this far apart become one.")
                    .defaultsTo("1s");
    static final Option<Duration> STILL =
            Option.duration(
                            "relevance.still",
                            "What a sighting without time counts, such as one in an image.")
                    .defaultsTo("1s");
    static final Option<Double> WEIGHT_SCREEN =
            weight("screen", "the share of the persons' screen time", "0.4");
    static final Option<Double> WEIGHT_SPEECH =
            weight("speech", "the share of the persons' speech time", "0.3");
    static final Option<Double> WEIGHT_SPREAD =
            weight("spread", "the share of the dossier's media", "0.2");
    static final Option<Double> WEIGHT_PROMINENCE =
            weight("prominence", "the size of the faces in the frame", "0.1");
    static final Option<Duration> CO_APPEARANCE =
            Option.duration(
                            "events.co-appearance",
                            "Two persons seen together for at least this long are an event.")
                    .defaultsTo("1s");
    static final Option<Duration> SPEECH =
            Option.duration(
                            "events.speech",
                            "A person who speaks for at least this long at a stretch is an event.")
                    .defaultsTo("5s");
    static final Option<Integer> OBJECT_RESULTS =
            Option.integer(
                            "events.object-results",
                            "An object that is detected at least this often is an event.")
                    .defaultsTo("2")
                    .require(n -> n >= 1, "give a whole number from 1");
    static final Option<Double> OBJECT_CONFIDENCE =
            Option.number(
                            "events.object-confidence",
                            "Mean confidence that an object must have to be an event.")
                    .defaultsTo("0.5")
                    .require(v -> v >= 0 && v <= 1, "give a number from 0 to 1");
    static final Option<Duration> SCENE =
            Option.duration("events.scene", "A scene that lasts at least this long is an event.")
                    .defaultsTo("1s");
    static final Option<Integer> COMPANIONS =
            Option.integer(
                            "events.companions",
                            "Persons of one medium, those longest on screen, whose co-appearances"
                                    + " are looked for.")
                    .defaultsTo("50")
                    .require(n -> n >= 2 && n <= 1_000, "give a whole number from 2 to 1000");
    static final Option<Integer> MAX_EVENTS =
            Option.integer(
                            "events.max",
                            "Events in a dossier's document, those of most weight; the others are in"
                                    + " dossier_appearances.")
                    .defaultsTo("500")
                    .require(n -> n >= 0 && n <= 10_000, "give a whole number from 0 to 10000");
    static final Option<Integer> MAX_BYTES =
            Option.integer(
                            "document.max-bytes",
                            "Bytes of persons and events in a dossier's document; what is beyond is"
                                    + " in dossier_appearances.")
                    .defaultsTo("8388608")
                    .require(
                            n -> n >= 10_000 && n <= 12 << 20,
                            "give a whole number from 10000 to 12582912");
    static final Option<Integer> PAGE_REFERENCES =
            Option.integer(
                            "document.page-ranges",
                            "Time ranges in one document of dossier_appearances.")
                    .defaultsTo("5000")
                    .require(n -> n >= 1 && n <= 50_000, "give a whole number from 1 to 50000");
    static final Option<Integer> HISTORY =
            Option.integer(
                            "history.versions",
                            "Former versions of a dossier that are kept to undo a run.")
                    .defaultsTo("5")
                    .require(n -> n >= 1 && n <= 1_000, "give a whole number from 1 to 1000");

    static final Option<String> TOPIC =
            Option.text("topic", "refresh: topic of change events.")
                    .defaultsTo("aima.changes")
                    .require(s -> s.matches("[A-Za-z0-9._-]{1,249}"), "give a topic's name");
    static final Option<String> GROUP =
            Option.text(
                            "refresh.group-id",
                            "refresh: consumer group, whose offsets a start without state goes on"
                                    + " from.")
                    .defaultsTo("aima-dossier-refresh")
                    .require(s -> s.matches("[A-Za-z0-9._-]{1,249}"), "give a group's name");
    static final Option<Duration> QUIET =
            Option.duration(
                            "refresh.quiet",
                            "refresh: a dossier is recounted when no change came for this long.")
                    .defaultsTo("2s");
    static final Option<Duration> MAX_WAIT =
            Option.duration(
                            "refresh.max-wait",
                            "refresh: a dossier is recounted at the latest this long after its"
                                    + " first change.")
                    .defaultsTo("30s");
    static final Option<Integer> MAX_RESULTS =
            Option.integer(
                            "refresh.max-results",
                            "refresh: a dossier with more results is left to rebuild, as a recount"
                                    + " holds them in memory.")
                    .defaultsTo("200000")
                    .require(n -> n >= 1, "give a whole number from 1");
    static final Option<Duration> AUDIT_INTERVAL =
            Option.duration("audit.interval", "refresh: time between two audits.")
                    .defaultsTo("60s")
                    .require(d -> d.compareTo(Duration.ofMillis(100)) >= 0, "give at least 100ms");
    static final Option<Integer> AUDIT_SAMPLE =
            Option.integer(
                            "audit.sample",
                            "refresh: dossiers that one audit recounts, all in turn; 0 for none.")
                    .defaultsTo("5")
                    .require(n -> n >= 0 && n <= 1_000, "give a whole number from 0 to 1000");
    static final Option<Duration> AUDIT_GRACE =
            Option.duration(
                            "audit.grace",
                            "refresh: how long the event of a change may take to arrive before an"
                                    + " audit counts a difference.")
                    .defaultsTo("5m");

    private DossierAggregationOptions() {}

    static List<Option<?>> all() {
        return List.of(
                DOSSIER,
                MERGE_GAP,
                STILL,
                WEIGHT_SCREEN,
                WEIGHT_SPEECH,
                WEIGHT_SPREAD,
                WEIGHT_PROMINENCE,
                CO_APPEARANCE,
                SPEECH,
                OBJECT_RESULTS,
                OBJECT_CONFIDENCE,
                SCENE,
                COMPANIONS,
                MAX_EVENTS,
                MAX_BYTES,
                PAGE_REFERENCES,
                HISTORY,
                TOPIC,
                GROUP,
                QUIET,
                MAX_WAIT,
                MAX_RESULTS,
                AUDIT_INTERVAL,
                AUDIT_SAMPLE,
                AUDIT_GRACE);
    }

    private static Option<Double> weight(String name, String what, String value) {
        return Option.number("relevance.weight." + name, "Weight of " + what + " in relevance.")
                .defaultsTo(value)
                .require(v -> v >= 0 && v <= 1_000, "give a number from 0 to 1000");
    }
}
