package org.aima.dossier.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;

/**
 * Leads from a value of a dossier to the results it was computed from, each live or with the
 * archive file that holds it.
 */
public final class Explanation {
    /** What can be explained, for messages. */
    public static final String FIELDS =
            "persons.<person_id>, events.<event_id>, results, results.<analysis_type>,"
                    + " top_objects.<class>, top_scenes.<scene>, top_tags.<tag>";

    private final BsonDocument dossier;
    private final List<Detection> results;

    /**
     * @param dossier as it is stored
     * @param results of its media, with their persons
     */
    public Explanation(BsonDocument dossier, List<Detection> results) {
        this.dossier = dossier;
        this.results = results;
    }

    /** Line by line; empty when the dossier has no such field. */
    public List<String> of(String field) {
        int dot = field.indexOf('.');
        String list = dot < 0 ? field : field.substring(0, dot);
        String name = dot < 0 ? "" : field.substring(dot + 1);
        return switch (list) {
            case "persons" ->
                    entry("persons", "person_id", name).map(p -> person(name, p)).orElse(List.of());
            case "events" -> entry("events", "event_id", name).map(this::event).orElse(List.of());
            case "results" -> chain(field, r -> name.isEmpty() || r.type().equals(name));
            case "top_objects" ->
                    chain(field, r -> r.type().equals(Detection.OBJECT) && r.label().equals(name));
            case "top_scenes" ->
                    chain(field, r -> r.type().equals(Detection.SCENE) && r.label().equals(name));
            case "top_tags" -> chain(field, r -> List.of(r.tags()).contains(name));
            default -> List.of();
        };
    }

    private Optional<BsonDocument> entry(String list, String idField, String id) {
        BsonString wanted = new BsonString(id);
        for (BsonValue value : DocumentReader.array(dossier, list)) {
            if (value instanceof BsonDocument entry && wanted.equals(entry.get(idField))) {
                return Optional.of(entry);
            }
        }
        return Optional.empty();
    }

    private List<String> person(String personId, BsonDocument entry) {
        List<String> lines = new ArrayList<>();
        lines.add(
                "relevance_score "
                        + number(entry, "relevance_score")
                        + " from "
                        + entry.get("relevance", new BsonDocument())
                        + "; screen "
                        + number(entry, "screen_seconds")
                        + " s, speech "
                        + number(entry, "speech_seconds")
                        + " s");
        lines.addAll(
                chain("person " + personId, r -> r.personId().equals(personId) && isOfAPerson(r)));
        return lines;
    }

    private static boolean isOfAPerson(Detection result) {
        return result.type().equals(Detection.FACE) || result.type().equals(Detection.VOICE);
    }

    private List<String> event(BsonDocument event) {
        if (!MachineContent.isMachines(event)) {
            return List.of("made by people; not computed");
        }
        List<String> lines = new ArrayList<>();
        lines.add(DocumentReader.text(event, "description"));
        List<String> about = new ArrayList<>();
        for (BsonValue subject : DocumentReader.array(event, "about")) {
            about.add(subject.asString().getValue());
        }
        lines.addAll(chain("event", source(DocumentReader.text(event, "kind"), about)));
        return lines;
    }

    private static Predicate<Detection> source(String kind, List<String> about) {
        return switch (kind) {
            case "co_appearance" ->
                    r -> r.type().equals(Detection.FACE) && about.contains(r.personId());
            case "speech" -> r -> r.type().equals(Detection.VOICE) && about.contains(r.personId());
            case "object" -> r -> r.type().equals(Detection.OBJECT) && about.contains(r.label());
            case "scene" -> r -> r.type().equals(Detection.SCENE) && about.contains(r.label());
            default -> r -> false;
        };
    }

    private List<String> chain(String what, Predicate<Detection> from) {
        Map<String, List<Detection>> byMedium = new TreeMap<>();
        for (Detection result : results) {
            if (from.test(result)) {
                byMedium.computeIfAbsent(result.mediaId(), m -> new ArrayList<>()).add(result);
            }
        }
        List<String> lines = new ArrayList<>();
        long count = byMedium.values().stream().mapToLong(List::size).sum();
        lines.add(what + ": " + count + " results in " + byMedium.size() + " media");
        byMedium.forEach(
                (medium, found) -> {
                    lines.add("medium " + medium);
                    found.forEach(r -> lines.add("  " + told(r)));
                });
        return lines;
    }

    private static String told(Detection result) {
        String when =
                result.timed()
                        ? String.format(
                                Locale.ROOT,
                                "%.3f-%.3f s",
                                FixedPoint.seconds(result.startMillis()),
                                FixedPoint.seconds(result.endMillis()))
                        : "no time";
        String confidence =
                result.hasConfidence()
                        ? "confidence " + FixedPoint.share(result.confidence())
                        : "no confidence";
        return result.resultId()
                + " "
                + result.type()
                + (result.personId().isEmpty() ? "" : " of " + result.personId())
                + " "
                + when
                + " "
                + confidence
                + (result.archived() ? " archived in " + result.archive() : " live");
    }

    private static String number(BsonDocument entry, String field) {
        return Double.toString(DocumentReader.number(entry, field));
    }

    /** Ids that a field can be asked for by, the first few, for a message. */
    public List<String> known() {
        List<String> known = new ArrayList<>();
        for (String[] list : new String[][] {{"persons", "person_id"}, {"events", "event_id"}}) {
            BsonArray entries = DocumentReader.array(dossier, list[0]);
            for (BsonValue value : entries.subList(0, Math.min(3, entries.size()))) {
                if (value instanceof BsonDocument entry) {
                    known.add(list[0] + "." + DocumentReader.text(entry, list[1]));
                }
            }
        }
        return known;
    }
}
