package org.aima.dossier;

import static org.aima.jobs.pipeline.Operators.named;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.aima.dossier.core.AggregationRules;
import org.aima.dossier.core.ArchivedResults;
import org.aima.dossier.core.Detection;
import org.aima.dossier.core.DocumentReader;
import org.aima.dossier.core.DossierRecount;
import org.aima.dossier.core.DossierWrite;
import org.aima.dossier.core.MediumInfo;
import org.aima.dossier.core.PersonAlias;
import org.aima.dossier.core.PersonMembers;
import org.aima.dossier.core.RandomWorld;
import org.aima.dossier.core.StoredDossier;
import org.aima.dossier.function.SharedShelf;
import org.aima.jobs.launch.JobEnvironment;
import org.aima.jobs.model.BsonBytes;
import org.aima.jobs.model.Figure;
import org.aima.jobs.model.Reject;
import org.aima.jobs.pipeline.RunContext;
import org.aima.jobs.pipeline.WriteGuard;
import org.aima.testkit.flink.CollectingSink;
import org.aima.testkit.flink.MiniCluster;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The pipeline on a cluster: what a recount in one go gives, for every parallelism and order. */
class DossierTopologyTest {
    @RegisterExtension static final MiniCluster CLUSTER = new MiniCluster();

    private static final AggregationRules RULES = rules(60_000);

    private static AggregationRules rules(int bytes) {
        AggregationRules d = AggregationRules.DEFAULT;
        return new AggregationRules(
                d.gapMillis(),
                d.stillMillis(),
                d.weights(),
                d.coAppearanceMillis(),
                d.speechMillis(),
                d.objectResults(),
                d.objectConfidence(),
                d.sceneMillis(),
                d.companions(),
                20,
                bytes,
                7);
    }

    private record Outcome(
            Map<String, DossierWrite> published,
            int pages,
            List<Reject> rejects,
            Map<String, Long> counts) {

        long count(String name) {
            return counts.getOrDefault(name, 0L);
        }

        Map<String, BsonDocument> contents() {
            Map<String, BsonDocument> contents = new TreeMap<>();
            published.forEach((id, w) -> contents.put(id, BsonBytes.decode(w.content())));
            return contents;
        }
    }

    private static <T> DataStream<T> source(
            StreamExecutionEnvironment environment,
            List<BsonDocument> documents,
            Function<BsonDocument, T> reader,
            Class<T> type,
            String uid) {
        List<T> rows = new ArrayList<>();
        documents.forEach(d -> rows.add(reader.apply(d)));
        return named(environment.fromData(rows, TypeInformation.of(type)), uid, uid);
    }

    private static Outcome run(RandomWorld world, int parallelism, boolean planOnly)
            throws Exception {
        try (SharedShelf shelf = new SharedShelf();
                CollectingSink<Reject> rejects = new CollectingSink<>();
                CollectingSink<Figure[]> summary = new CollectingSink<>()) {
            StreamExecutionEnvironment environment =
                    JobEnvironment.create(RuntimeExecutionMode.BATCH, parallelism);
            DossierTopology.Outcome outcome =
                    new DossierTopology(
                                    new DossierAggregationSettings(RULES, 5),
                                    new RunContext("run", 1, planOnly, 1_000),
                                    shelf,
                                    WriteGuard.open())
                            .define(
                                    new DossierTopology.Inputs(
                                            source(
                                                    environment,
                                                    world.dossiers,
                                                    DocumentReader::dossier,
                                                    StoredDossier.class,
                                                    "dossiers"),
                                            source(
                                                    environment,
                                                    world.media,
                                                    DocumentReader::medium,
                                                    MediumInfo.class,
                                                    "media"),
                                            source(
                                                    environment,
                                                    world.results,
                                                    DocumentReader::result,
                                                    Detection.class,
                                                    "results"),
                                            source(
                                                    environment,
                                                    world.summaries,
                                                    DocumentReader::summary,
                                                    ArchivedResults.class,
                                                    "summaries"),
                                            source(
                                                    environment,
                                                    world.persons,
                                                    DocumentReader::person,
                                                    PersonMembers.class,
                                                    "persons"),
                                            source(
                                                    environment,
                                                    world.aliases,
                                                    DocumentReader::alias,
                                                    PersonAlias.class,
                                                    "aliases")));
            named(outcome.rejects().sinkTo(rejects), "sink-rejects", "collect rejects");
            named(outcome.summary().sinkTo(summary), "sink-summary", "collect summary");
            environment.execute("test");
            Map<String, Long> counts = new TreeMap<>();
            assertThat(summary.rows()).hasSize(1);
            for (Figure figure : summary.rows().get(0)) {
                assertThat(counts.put(figure.name(), figure.amount())).isNull();
            }
            return new Outcome(
                    new TreeMap<>(shelf.published()), shelf.pages().size(), rejects.rows(), counts);
        }
    }

    private static RandomWorld world() {
        RandomWorld world = new RandomWorld(7, 60, 12, 25);
        world.aliases.add(
                BsonDocument.parse("{old_id: 'person-3', new_id: 'gone', reason: 'merged'}"));
        world.aliases.add(
                BsonDocument.parse("{old_id: 'gone', new_id: 'person-1', reason: 'merged'}"));
        // Half of one medium's results are archived.
        BsonArray ids = new BsonArray();
        world.results.removeIf(
                r -> {
                    boolean moved =
                            r.getString("analysis_type").getValue().equals(Detection.FACE)
                                    && r.getString("media_id").getValue().endsWith("5");
                    if (moved) {
                        ids.add(r.get("result_id"));
                    }
                    return moved;
                });
        world.summaries.add(
                new BsonDocument("media_id", new BsonString("medium-5"))
                        .append("analysis_type", new BsonString(Detection.FACE))
                        .append(
                                "confidence",
                                BsonDocument.parse("{count: 2, min: 0.25, max: 0.75, mean: 0.5}"))
                        .append("file", new BsonString("f.parquet"))
                        .append("row_group", new BsonInt32(0))
                        .append("result_ids", ids));
        return world;
    }

    private static Map<String, BsonDocument> recounted(RandomWorld world) {
        DossierRecount recount = world.recount(RULES);
        Map<String, BsonDocument> contents = new TreeMap<>();
        for (BsonDocument dossier : world.dossiers) {
            StoredDossier stored = DocumentReader.dossier(dossier);
            contents.put(stored.dossierId(), BsonBytes.decode(recount.rebuild(stored).content()));
        }
        return contents;
    }

    @Test
    void everyParallelismAndOrderGivesTheRecount() throws Exception {
        Map<String, BsonDocument> expected = recounted(world());
        assertThat(expected).hasSize(25);
        for (int parallelism : new int[] {1, 2, 4}) {
            Outcome outcome = run(world().shuffle(parallelism), parallelism, false);
            assertThat(outcome.contents()).isEqualTo(expected);
            assertThat(outcome.rejects()).isEmpty();
            assertThat(outcome.count("read")).isEqualTo(25);
            assertThat(outcome.count("written")).isEqualTo(25);
            assertThat(outcome.count("results.read")).isEqualTo(world().results.size());
            assertThat(outcome.pages()).as("some dossier needs pages").isPositive();
        }
    }

    @Test
    void aPlanTellsTheSameAndWritesNothing() throws Exception {
        Outcome run = run(world(), 2, false);
        Outcome plan = run(world(), 2, true);
        assertThat(plan.counts()).isEqualTo(run.counts());
        assertThat(plan.published()).isEmpty();
        assertThat(plan.pages()).isZero();
    }

    @Test
    void theSecondRunChangesNothingAndTheThirdOnlyWhatChanged() throws Exception {
        RandomWorld world = world();
        Map<String, BsonDocument> contents = run(world, 2, false).contents();
        world.dossiers.forEach(d -> publish(d, contents));
        Outcome second = run(world, 4, false);
        assertThat(second.published()).isEmpty();
        assertThat(second.count("unchanged")).isEqualTo(25);

        BsonDocument gone = world.results.remove(0);
        BsonString medium = gone.getString("media_id");
        Outcome third = run(world, 2, false);
        List<String> listing = new ArrayList<>();
        for (BsonDocument dossier : world.dossiers) {
            if (dossier.getArray("media_items").contains(medium)) {
                listing.add(dossier.getString("dossier_id").getValue());
            }
        }
        assertThat(listing).isNotEmpty();
        assertThat(third.published().keySet()).containsExactlyInAnyOrderElementsOf(listing);
        assertThat(third.count("unchanged")).isEqualTo(25L - listing.size());
    }

    private static void publish(BsonDocument dossier, Map<String, BsonDocument> contents) {
        BsonDocument content = contents.get(dossier.getString("dossier_id").getValue());
        dossier.put("persons", content.get("persons"));
        BsonArray events = dossier.getArray("events");
        events.addAll(content.getArray("events"));
        BsonDocument aggregation = new BsonDocument("version", new BsonInt64(1));
        aggregation.putAll(content.getDocument("aggregation"));
        dossier.getDocument("metadata").put("aggregation", aggregation);
    }

    @Test
    void whatCannotBeUsedIsADeadLetterAndTheRestGoesOn() throws Exception {
        RandomWorld world = world();
        world.dossiers.add(BsonDocument.parse("{_id: 1, dossier_id: 'bad', media_items: 'x'}"));
        world.dossiers.add(BsonDocument.parse("{_id: 2, media_items: []}"));
        world.results.add(BsonDocument.parse("{result_id: 'no-medium'}"));
        world.results.add(
                BsonDocument.parse(
                        "{result_id: 'r', media_id: 'medium-1', analysis_type: 'x', confidence: 7}"));
        world.results.add(world.results.get(0));
        Outcome outcome = run(world, 2, false);
        assertThat(outcome.count("read")).isEqualTo(27);
        assertThat(outcome.count("rejected")).isEqualTo(2);
        assertThat(outcome.count("read"))
                .isEqualTo(
                        outcome.count("written")
                                + outcome.count("unchanged")
                                + outcome.count("rejected"));
        assertThat(outcome.count("results.rejected")).isEqualTo(3);
        assertThat(outcome.rejects())
                .extracting(r -> r.source() + " " + r.reason())
                .containsExactlyInAnyOrder(
                        "mongo:dossiers wrong_bson_type",
                        "mongo:dossiers missing_field",
                        "mongo:analysis_results missing_field",
                        "mongo:analysis_results out_of_range",
                        "mongo:analysis_results duplicate_id");
        assertThat(outcome.contents()).isEqualTo(recounted(world()));
    }

    @Test
    void oneMediumMayHoldEverything() throws Exception {
        RandomWorld world = new RandomWorld(3, 1, 0, 0);
        for (int r = 0; r < 30_000; r++) {
            world.results.add(
                    BsonDocument.parse(
                            ("{result_id: 'big-%d', media_id: 'medium-0', analysis_type:"
                                            + " 'object_detection', confidence: 0.5, metadata:"
                                            + " {object_class: 'c%d'}}")
                                    .formatted(r, r % 3)));
        }
        BsonArray members = new BsonArray();
        world.persons.add(
                new BsonDocument("person_id", new BsonString("everywhere"))
                        .append("face_embeddings", members));
        for (int d = 0; d < 50; d++) {
            world.dossiers.add(
                    BsonDocument.parse(
                            "{_id: %d, dossier_id: 'd%d', media_items: ['medium-0']}"
                                    .formatted(d, d)));
        }
        world.summaries.add(BsonDocument.parse("{media_id: 'other', analysis_type: 'x'}"));
        world.aliases.add(BsonDocument.parse("{old_id: 'x', new_id: 'y'}"));
        Outcome outcome = run(world, 2, false);
        assertThat(outcome.published()).hasSize(50);
        assertThat(outcome.contents()).isEqualTo(recounted(world));
    }
}
