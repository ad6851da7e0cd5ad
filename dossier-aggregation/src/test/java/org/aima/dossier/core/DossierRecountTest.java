package org.aima.dossier.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.aima.jobs.model.BsonBytes;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.junit.jupiter.api.Test;

/** Whole dossiers: order does not matter, disjoint media add up, archived results count. */
class DossierRecountTest {
    private static final AggregationRules RULES = AggregationRules.DEFAULT;

    private static BsonDocument content(RandomWorld world, BsonDocument dossier) {
        return content(world.recount(RULES).rebuild(DocumentReader.dossier(dossier)));
    }

    private static BsonDocument content(DossierWrite write) {
        return BsonBytes.decode(write.content());
    }

    private static Map<String, BsonDocument> persons(BsonDocument content) {
        Map<String, BsonDocument> persons = new TreeMap<>();
        content.getArray("persons")
                .forEach(
                        p ->
                                persons.put(
                                        p.asDocument().getString("person_id").getValue(),
                                        p.asDocument()));
        return persons;
    }

    @Property(tries = 60)
    void orderDoesNotMatter(@ForAll @LongRange(max = 1_000_000) long seed) {
        RandomWorld world = new RandomWorld(seed, 12, 6, 3);
        RandomWorld other = new RandomWorld(seed, 12, 6, 3).shuffle(seed + 1);
        for (BsonDocument dossier : world.dossiers) {
            assertThat(content(other, dossier)).isEqualTo(content(world, dossier));
        }
    }

    @Property(tries = 60)
    void timesAndCountsAddUpOverDisjointMedia(@ForAll @LongRange(max = 1_000_000) long seed) {
        RandomWorld world = new RandomWorld(seed, 10, 5, 0);
        BsonArray first = new BsonArray();
        BsonArray second = new BsonArray();
        BsonArray both = new BsonArray();
        for (int m = 0; m < 10; m++) {
            BsonString id = new BsonString("medium-" + m);
            (m % 3 == 0 ? first : second).add(id);
            both.add(id);
        }
        BsonDocument a = content(world, dossier(first));
        BsonDocument b = content(world, dossier(second));
        BsonDocument all = content(world, dossier(both));
        for (String figure : List.of("results", "media", "time_ranges")) {
            assertThat(sum(all, figure)).isEqualTo(sum(a, figure) + sum(b, figure));
        }
        for (String person : persons(all).keySet()) {
            for (String time : List.of("screen_seconds", "speech_seconds")) {
                assertThat(Math.round(1_000 * seconds(all, person, time)))
                        .isEqualTo(
                                Math.round(1_000 * seconds(a, person, time))
                                        + Math.round(1_000 * seconds(b, person, time)));
            }
        }
        assertThat(total(all)).isEqualTo(total(a) + total(b));
    }

    private static double seconds(BsonDocument content, String person, String time) {
        BsonDocument found = persons(content).get(person);
        return found == null ? 0 : found.getDouble(time).getValue();
    }

    private static long sum(BsonDocument content, String figure) {
        return persons(content).values().stream()
                .mapToLong(p -> p.getInt64(figure).getValue())
                .sum();
    }

    private static long total(BsonDocument content) {
        return content.getDocument("aggregation")
                .getDocument("results")
                .getInt64("total")
                .getValue();
    }

    @Property(tries = 40)
    void scoresFallAndStayInBounds(@ForAll @LongRange(max = 1_000_000) long seed) {
        RandomWorld world = new RandomWorld(seed, 12, 8, 2);
        for (BsonDocument dossier : world.dossiers) {
            double last = 1;
            for (BsonValue person : content(world, dossier).getArray("persons")) {
                double score = person.asDocument().getDouble("relevance_score").getValue();
                assertThat(score).isBetween(0.0, last);
                last = score;
            }
        }
    }

    private static BsonDocument dossier(BsonArray media) {
        return new BsonDocument("_id", new BsonString("x"))
                .append("dossier_id", new BsonString("x"))
                .append("media_items", media);
    }

    private static BsonDocument face(String id, String medium, double start, double end) {
        return new BsonDocument("result_id", new BsonString(id))
                .append("media_id", new BsonString(medium))
                .append("analysis_type", new BsonString(Detection.FACE))
                .append("confidence", new BsonDouble(0.8))
                .append(
                        "time_range",
                        new BsonDocument("start_seconds", new BsonDouble(start))
                                .append("end_seconds", new BsonDouble(end)));
    }

    private static BsonDocument person(String id, String... results) {
        BsonArray members = new BsonArray();
        for (String result : results) {
            members.add(new BsonDocument("source_result_id", new BsonString(result)));
        }
        return new BsonDocument("person_id", new BsonString(id)).append("face_embeddings", members);
    }

    private static BsonDocument video(String id) {
        return new BsonDocument("media_id", new BsonString(id))
                .append("type", new BsonString("video"));
    }

    private static RandomWorld twoPeople() {
        RandomWorld world = new RandomWorld(1, 0, 0, 0);
        world.media.add(video("m"));
        world.results.add(face("r1", "m", 0, 4));
        world.results.add(face("r2", "m", 4.5, 6));
        world.results.add(face("r3", "m", 20, 21));
        world.results.add(face("r4", "m", 3, 5));
        world.persons.add(person("ann", "r1", "r2", "r3"));
        world.persons.add(person("ben", "r4"));
        return world;
    }

    private static BsonArray listing(String... media) {
        BsonArray list = new BsonArray();
        for (String medium : media) {
            list.add(new BsonString(medium));
        }
        return list;
    }

    @Test
    void appearancesAreMergedAndMeetingsTold() {
        BsonDocument content = content(twoPeople(), dossier(listing("m")));

        BsonDocument ann = persons(content).get("ann");
        BsonDocument seen = ann.getArray("appearances").get(0).asDocument();
        assertThat(seen.getArray("time_ranges")).containsExactly(range(0, 6), range(20, 21));
        assertThat(ann.getDouble("screen_seconds").getValue()).isEqualTo(7);
        assertThat(seen.getArray("result_ids")).isEqualTo(listing("r1", "r2", "r3"));

        BsonDocument meeting = content.getArray("events").get(0).asDocument();
        assertThat(meeting.getString("kind").getValue()).isEqualTo("co_appearance");
        assertThat(meeting.getArray("about")).isEqualTo(listing("ann", "ben"));
        assertThat(meeting.getDouble("seconds").getValue()).isEqualTo(2);
        assertThat(meeting.getArray("media_references"))
                .containsExactly(
                        new BsonDocument("media_id", new BsonString("m"))
                                .append("time_range", range(3, 5)));
    }

    private static BsonDocument range(double start, double end) {
        return new BsonDocument("start_seconds", new BsonDouble(start))
                .append("end_seconds", new BsonDouble(end));
    }

    @Test
    void aMergedPersonsResultsGoToTheOneThatTookItsPlace() {
        RandomWorld world = twoPeople();
        world.aliases.add(alias("ben", "bob", "merged"));
        world.aliases.add(alias("bob", "ann", "merged"));
        world.aliases.add(alias("ann", "eve", "split"));

        Map<String, BsonDocument> persons = persons(content(world, dossier(listing("m"))));

        assertThat(persons.keySet()).containsExactly("ann");
        assertThat(persons.get("ann").getInt64("results").getValue()).isEqualTo(4);
    }

    private static BsonDocument alias(String from, String to, String reason) {
        return new BsonDocument("old_id", new BsonString(from))
                .append("new_id", new BsonString(to))
                .append("reason", new BsonString(reason));
    }

    @Test
    void archivedResultsCountAsBefore() {
        RandomWorld live = twoPeople();
        BsonDocument remembered =
                new BsonDocument("media_id", new BsonString("m"))
                        .append("result_ids", listing("r1", "r2", "r3"))
                        .append("time_ranges", new BsonArray(List.of(range(0, 6), range(20, 21))));
        live.persons.get(0).append("appearances", new BsonArray(List.of(remembered)));
        RandomWorld archived = twoPeople();
        archived.persons.set(0, live.persons.get(0));
        archived.results.removeIf(r -> !r.getString("result_id").getValue().equals("r4"));
        archived.summaries.add(
                new BsonDocument("media_id", new BsonString("m"))
                        .append("analysis_type", new BsonString(Detection.FACE))
                        .append(
                                "confidence",
                                new BsonDocument("mean", new BsonDouble(0.8))
                                        .append("min", new BsonDouble(0.8))
                                        .append("max", new BsonDouble(0.8)))
                        .append("file", new BsonString("part-1.parquet"))
                        .append("row_group", new BsonInt64(2))
                        // r4 was restored: it must not be counted twice.
                        .append("result_ids", listing("r1", "r2", "r3", "r4"))
                        .append("restored", listing("r4")));

        BsonDocument before = content(live, dossier(listing("m")));
        BsonDocument after = content(archived, dossier(listing("m")));

        BsonDocument ann = persons(after).get("ann");
        assertThat(ann.getInt64("archived").getValue()).isEqualTo(3);
        assertThat(ann.getArray("appearances").get(0).asDocument().getArray("archive"))
                .isEqualTo(listing("part-1.parquet#2"));
        assertThat(withoutProvenance(after)).isEqualTo(withoutProvenance(before));
    }

    private static BsonValue withoutProvenance(BsonValue value) {
        if (value instanceof BsonDocument document) {
            BsonDocument kept = new BsonDocument();
            document.forEach(
                    (name, field) -> {
                        if (!List.of("archived", "archive").contains(name)) {
                            kept.put(name, withoutProvenance(field));
                        }
                    });
            return kept;
        }
        if (value instanceof BsonArray array) {
            return new BsonArray(
                    new ArrayList<>(
                            array.stream().map(DossierRecountTest::withoutProvenance).toList()));
        }
        return value;
    }

    @Test
    void whatIsStoredAlreadyIsUnchanged() {
        RandomWorld world = twoPeople();
        BsonDocument dossier = dossier(listing("m"));
        BsonDocument content = content(world, dossier);
        BsonDocument published = dossier.clone();
        published.put("persons", content.get("persons"));
        published.put("events", content.get("events"));
        BsonDocument aggregation =
                new BsonDocument("version", new BsonInt64(4)).append("run_id", new BsonString("r"));
        aggregation.putAll(content.getDocument("aggregation"));
        published.put("metadata", new BsonDocument("aggregation", aggregation));

        DossierWrite again = world.recount(RULES).rebuild(DocumentReader.dossier(published));
        assertThat(again.kind()).isEqualTo(DossierWrite.Kind.UNCHANGED);

        world.results.remove(2);
        DossierWrite changed = world.recount(RULES).rebuild(DocumentReader.dossier(published));
        assertThat(changed.kind()).isEqualTo(DossierWrite.Kind.PUBLISH);
        assertThat(changed.version()).isEqualTo(4);
    }
}
