package org.aima.dossier;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.aima.dossier.core.AggregationRules;
import org.aima.dossier.core.ChangeEvent;
import org.aima.dossier.core.Detection;
import org.aima.dossier.function.DossierFinder;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What changes cost, in documents read, beside a rebuild, which reads every document once. The
 * world has the proportions of 2,000 dossiers, 50,000 media, 1,000,000 results, 20,000 persons.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RefreshCostTest {
    private static final int DOSSIERS = 200;
    private static final int MEDIA = 5_000;
    private static final int RESULTS = 100_000;
    private static final int PERSONS = 2_000;
    private static final int REBUILD = DOSSIERS + MEDIA + RESULTS + PERSONS;

    private final IndexedStore store = new IndexedStore();
    private Random random = new Random(3);
    private final List<String> mediaOfResults = new ArrayList<>();

    @BeforeAll
    void load() {
        List<BsonArray> faces = new ArrayList<>();
        List<Map<String, BsonArray>> appearances = new ArrayList<>();
        for (int p = 0; p < PERSONS; p++) {
            faces.add(new BsonArray());
            appearances.add(new TreeMap<>());
        }
        for (int r = 0; r < RESULTS; r++) {
            String medium = "m" + random.nextInt(MEDIA);
            BsonString id = new BsonString("r" + r);
            boolean face = random.nextInt(100) < 77;
            mediaOfResults.add(medium);
            store.add(
                    "analysis_results",
                    document(r)
                            .append("result_id", id)
                            .append("media_id", new BsonString(medium))
                            .append(
                                    "analysis_type",
                                    new BsonString(face ? Detection.FACE : Detection.OBJECT)));
            if (face) {
                int person = random.nextInt(PERSONS);
                faces.get(person).add(new BsonDocument("source_result_id", id));
                appearances.get(person).computeIfAbsent(medium, m -> new BsonArray()).add(id);
            }
        }
        for (int m = 0; m < MEDIA; m++) {
            store.add("media_items", document(m).append("media_id", new BsonString("m" + m)));
        }
        for (int p = 0; p < PERSONS; p++) {
            BsonArray seen = new BsonArray();
            appearances
                    .get(p)
                    .forEach(
                            (medium, ids) ->
                                    seen.add(
                                            new BsonDocument("media_id", new BsonString(medium))
                                                    .append("result_ids", ids)));
            store.add(
                    "persons",
                    document(p)
                            .append("person_id", new BsonString("p" + p))
                            .append("face_embeddings", faces.get(p))
                            .append("appearances", seen));
        }
        for (int d = 0; d < DOSSIERS; d++) {
            BsonArray listed = new BsonArray();
            int wanted = 1 + random.nextInt(8);
            int first = random.nextInt(MEDIA);
            for (int i = 0; i < wanted; i++) {
                listed.add(new BsonString("m" + (first + i * (MEDIA / wanted)) % MEDIA));
            }
            store.add(
                    "dossiers",
                    document(d)
                            .append("dossier_id", new BsonString("d" + d))
                            .append("media_items", listed));
        }
    }

    // What a test draws must not depend on the order of tests.
    @BeforeEach
    void draw() {
        random = new Random(4);
    }

    private static BsonDocument document(int id) {
        return new BsonDocument("_id", new BsonInt32(id));
    }

    private double share(String what, Collection<String> media, Collection<String> persons) {
        DossierFinder.Found found =
                new AffectedDossiers(store)
                        .find(
                                List.of(
                                        new ChangeEvent(
                                                media.toArray(String[]::new),
                                                persons.toArray(String[]::new),
                                                new String[0],
                                                1)));
        long rows = found.rows();
        DossierSources sources =
                new DossierSources(store, AggregationRules.DEFAULT, Long.MAX_VALUE);
        for (String dossier : found.dossierIds()) {
            rows += sources.count(dossier).rows();
        }
        double share = 100.0 * rows / REBUILD;
        System.out.printf(
                "%s: %d of %d dossiers, %,d of %,d documents, %.1f %%%n",
                what, found.dossierIds().size(), DOSSIERS, rows, REBUILD, share);
        return share;
    }

    @Test
    void mediaAnalysedAnewCostLittle() {
        TreeSet<String> media = new TreeSet<>();
        while (media.size() < MEDIA / 100) {
            media.add("m" + random.nextInt(MEDIA));
        }
        assertThat(share("1 % of the media, with all their results", media, List.of()))
                .isBetween(0.1, 4.0);
    }

    @Test
    void spreadChangesCostWhatTheirDossiersHold() {
        TreeSet<String> media = new TreeSet<>();
        for (int r = 0; r < RESULTS / 100; r++) {
            media.add(mediaOfResults.get(random.nextInt(RESULTS)));
        }
        assertThat(share("1 % of the results, anywhere", media, List.of())).isBetween(5.0, 30.0);
    }

    @Test
    void personsCostTheDossiersTheyAppearIn() {
        TreeSet<String> persons = new TreeSet<>();
        while (persons.size() < 4) {
            persons.add("p" + random.nextInt(PERSONS));
        }
        assertThat(share("2 merges or splits, 20 at full size", List.of(), persons))
                .isBetween(1.0, 10.0);
    }
}
