package org.aima.personclustering;

import static org.aima.jobs.pipeline.Operators.named;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.aima.jobs.launch.JobEnvironment;
import org.aima.jobs.model.BsonBytes;
import org.aima.jobs.model.Figure;
import org.aima.jobs.model.Reject;
import org.aima.jobs.pipeline.RunContext;
import org.aima.jobs.pipeline.WriteGuard;
import org.aima.personclustering.core.DocumentReader;
import org.aima.personclustering.core.ExistingPerson;
import org.aima.personclustering.core.KnownIdentity;
import org.aima.personclustering.core.LinkingParameters;
import org.aima.personclustering.core.Modality;
import org.aima.personclustering.core.PersonAlias;
import org.aima.personclustering.core.PersonWrite;
import org.aima.personclustering.core.PersonWrite.Kind;
import org.aima.personclustering.core.PlantedVectors;
import org.aima.personclustering.core.PlantedVectors.Labelled;
import org.aima.personclustering.core.ResultFacts;
import org.aima.personclustering.core.Sighting;
import org.aima.personclustering.core.StoredEmbedding;
import org.aima.personclustering.function.NotedRows;
import org.aima.personclustering.function.SharedEmbeddings;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingStore;
import org.aima.testkit.flink.CollectingSink;
import org.aima.testkit.flink.MiniCluster;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.bson.BsonDocument;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The pipeline on a cluster: same persons for every parallelism and order, nothing lost. */
class PersonClusteringTopologyTest {
    @RegisterExtension static final MiniCluster CLUSTER = new MiniCluster();

    private static final int DIMENSION = 64;
    private static final String PARTITION = "video_2026_01";
    private static final String FACES = Modality.FACE.collection();
    private static final String VOICES = Modality.VOICE.collection();

    private static PersonClusteringSettings settings(int searchers) {
        return new PersonClusteringSettings(
                20,
                Map.of(FACES, 3, VOICES, 2),
                Map.of(FACES, LinkingParameters.DEFAULT, VOICES, LinkingParameters.DEFAULT),
                // Faces by cells, voices pair by pair.
                Map.of(FACES, 120L, VOICES, 120L - 1),
                119,
                searchers,
                8,
                0.5,
                1,
                0.2,
                1,
                0.98);
    }

    /** What the stores hold before a run. */
    private record World(
            List<StoredEmbedding> rows,
            List<ResultFacts> results,
            List<ExistingPerson> persons,
            List<KnownIdentity> decided) {

        World(List<StoredEmbedding> rows, List<ResultFacts> results, List<ExistingPerson> persons) {
            // Sources refuse an empty list; this alias is nobody's.
            this(
                    rows,
                    results,
                    persons,
                    new ArrayList<>(
                            List.of(
                                    KnownIdentity.of(
                                            new PersonAlias("old", "new", PersonAlias.MERGED)))));
        }

        World shuffled(long seed) {
            Random random = new Random(seed);
            World copy =
                    new World(
                            new ArrayList<>(rows),
                            new ArrayList<>(results),
                            new ArrayList<>(persons));
            Collections.shuffle(copy.rows, random);
            Collections.shuffle(copy.results, random);
            Collections.shuffle(copy.persons, random);
            return copy;
        }
    }

    /** What a run yields. */
    private record Outcome(
            Map<String, PersonWrite> writes,
            List<Reject> rejects,
            Map<String, Long> counts,
            Map<String, String> personByRow) {

        /** Documents by person, without the one field that is a clock reading. */
        Map<String, String> persons() {
            Map<String, String> documents = new TreeMap<>();
            writes.forEach(
                    (id, write) -> {
                        BsonDocument set = BsonBytes.decode(write.set());
                        set.remove("last_updated");
                        documents.put(
                                id,
                                write.kind()
                                        + Base64.getEncoder().encodeToString(write.documentId())
                                        + Base64.getEncoder()
                                                .encodeToString(BsonBytes.encode(set)));
                    });
            return documents;
        }

        long count(String name) {
            return counts.getOrDefault(name, 0L);
        }
    }

    private static StoredEmbedding row(
            String collection, String partition, String id, float[] vector, String result) {
        return new StoredEmbedding(
                collection, partition, id, vector, DIMENSION, "", "m", result, 0.9f);
    }

    private static ResultFacts result(String id, String model, String problem) {
        return new ResultFacts(
                id,
                problem,
                problem,
                model,
                "m-" + id.charAt(id.length() - 1),
                true,
                1,
                2,
                0.9,
                Sighting.UNKNOWN,
                30,
                "female",
                0.8,
                new String[] {"coat"},
                new String[0]);
    }

    private static World world() {
        Random random = new Random(11);
        World world = new World(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        for (String collection : List.of(FACES, VOICES)) {
            int[] sizes = random.ints(25, 1, 9).toArray();
            for (Labelled v : PlantedVectors.around(random, DIMENSION, 0.5, sizes)) {
                world.rows.add(row(collection, PARTITION, v.id(), v.vector(), "r-" + v.id()));
                world.results.add(result("r-" + v.id(), "model-a", ""));
            }
        }
        return world;
    }

    private static void poison(World world) {
        float[] good = PlantedVectors.direction(new Random(12), DIMENSION);
        float[] nan = good.clone();
        nan[3] = Float.NaN;
        float[] infinite = good.clone();
        infinite[4] = Float.NEGATIVE_INFINITY;
        world.results.add(result("shared", "model-a", ""));
        world.results.add(result("bad-type", "", "wrong_bson_type"));
        world.rows.add(row(FACES, PARTITION, "", good, "shared"));
        world.rows.add(row(FACES, PARTITION, "bad-null", null, "shared"));
        world.rows.add(row(FACES, PARTITION, "bad-empty", new float[0], "shared"));
        world.rows.add(row(FACES, PARTITION, "bad-dimension", new float[] {1, 2}, "shared"));
        world.rows.add(row(FACES, PARTITION, "bad-nan", nan, "shared"));
        world.rows.add(row(VOICES, PARTITION, "bad-infinite", infinite, "shared"));
        world.rows.add(row(VOICES, PARTITION, "bad-zero", new float[DIMENSION], "shared"));
        world.rows.add(row(FACES, PARTITION, "bad-no-result-id", good, ""));
        world.rows.add(row(FACES, PARTITION, "bad-no-result", good, "nowhere"));
        world.rows.add(row(FACES, PARTITION, "bad-result", good, "bad-type"));
        StoredEmbedding twin = world.rows.get(0);
        world.rows.add(row(FACES, "_default", twin.embeddingId(), good, twin.resultId()));
        // Awkward, but good.
        world.rows.add(row(FACES, PARTITION, "it's \"quoted\"\n\\", good, "shared"));
    }

    private static <T> DataStream<T> source(
            StreamExecutionEnvironment environment, List<T> rows, Class<T> type, String uid) {
        return named(environment.fromData(rows, TypeInformation.of(type)), uid, uid);
    }

    private static DataStream<StoredEmbedding> rows(
            StreamExecutionEnvironment environment, World world, Modality modality) {
        String collection = modality.collection();
        return named(
                source(environment, world.rows, StoredEmbedding.class, "rows-" + collection)
                        .filter(row -> row.collection().equals(collection)),
                "rows-of-" + collection,
                "rows of " + collection);
    }

    private static Outcome run(World world, int parallelism, boolean planOnly) throws Exception {
        return run(world, parallelism, planOnly, 0);
    }

    private static Outcome run(World world, int parallelism, boolean planOnly, int searchers)
            throws Exception {
        try (SharedEmbeddings store =
                        SharedEmbeddings.create(DIMENSION, PARTITION, Set.of(), FACES, VOICES);
                CollectingSink<PersonWrite> persons = new CollectingSink<>();
                CollectingSink<Reject> rejects = new CollectingSink<>();
                CollectingSink<Figure[]> summary = new CollectingSink<>()) {
            for (StoredEmbedding row : world.rows) {
                if (row.vector() != null && row.vector().length == DIMENSION) {
                    store.seed(
                            row.collection(),
                            row.partition(),
                            new EmbeddingRow(
                                    row.embeddingId(),
                                    row.vector(),
                                    Map.of("person_id", row.personId())));
                }
            }
            StreamExecutionEnvironment environment =
                    JobEnvironment.create(RuntimeExecutionMode.BATCH, parallelism);
            // Sources refuse an empty list; a person without a member changes nothing.
            List<ExistingPerson> existing = new ArrayList<>(world.persons);
            existing.add(
                    new ExistingPerson(
                            "by-hand",
                            true,
                            new String[0],
                            BsonBytes.encode(BsonDocument.parse("{person_id: 'by-hand'}"))));
            PersonClusteringTopology.Outcome outcome =
                    new PersonClusteringTopology(
                                    settings(searchers),
                                    new RunContext("run", 1, planOnly, 1_000L + parallelism),
                                    store,
                                    new NotedRows(),
                                    WriteGuard.open())
                            .define(
                                    rows(environment, world, Modality.FACE),
                                    rows(environment, world, Modality.VOICE),
                                    source(
                                            environment,
                                            world.results,
                                            ResultFacts.class,
                                            "results"),
                                    source(environment, existing, ExistingPerson.class, "persons"),
                                    source(
                                            environment,
                                            world.decided,
                                            KnownIdentity.class,
                                            "decided"));
            named(outcome.persons().sinkTo(persons), "sink-persons", "collect persons");
            named(outcome.rejects().sinkTo(rejects), "sink-rejects", "collect rejects");
            named(outcome.summary().sinkTo(summary), "sink-summary", "collect summary");
            environment.execute("test");
            Map<String, PersonWrite> writes = new TreeMap<>();
            persons.rows().forEach(w -> assertThat(writes.put(w.personId(), w)).isNull());
            assertThat(summary.rows()).hasSize(1);
            Map<String, Long> counts = new TreeMap<>();
            for (Figure figure : summary.rows().get(0)) {
                assertThat(counts.put(figure.name(), figure.amount())).isNull();
            }
            return new Outcome(writes, rejects.rows(), counts, personByRow(store.open(), world));
        }
    }

    private static Map<String, String> personByRow(EmbeddingStore store, World world) {
        Map<String, String> found = new TreeMap<>();
        for (StoredEmbedding row : world.rows) {
            store.get(row.collection(), row.partition(), List.of(row.embeddingId()))
                    .forEach(
                            r ->
                                    found.put(
                                            row.collection() + "/" + row.partition() + "/" + r.id(),
                                            r.text("person_id")));
        }
        return found;
    }

    /** The world as the run leaves it. */
    private static World after(World world, Outcome outcome) {
        World next = new World(new ArrayList<>(), world.results, new ArrayList<>());
        for (StoredEmbedding r : world.rows) {
            String key = r.collection() + "/" + r.partition() + "/" + r.embeddingId();
            next.rows.add(
                    new StoredEmbedding(
                            r.collection(),
                            r.partition(),
                            r.embeddingId(),
                            r.vector(),
                            r.dimension(),
                            outcome.personByRow.getOrDefault(key, ""),
                            r.mediaId(),
                            r.resultId(),
                            r.confidence()));
        }
        outcome.writes.values().stream()
                .filter(w -> w.kind() != Kind.MERGE)
                .forEach(
                        w -> {
                            BsonDocument document = BsonBytes.decode(w.documentId());
                            document.putAll(BsonBytes.decode(w.setOnInsert()));
                            document.putAll(BsonBytes.decode(w.set()));
                            next.persons.add(DocumentReader.person(document));
                        });
        return next;
    }

    private static void assertBalanced(Outcome outcome) {
        assertThat(outcome.count("read"))
                .isEqualTo(
                        outcome.count("written")
                                + outcome.count("unchanged")
                                + outcome.count("rejected"));
        assertThat(outcome.count("rejected")).isEqualTo(outcome.rejects.size());
    }

    @Test
    void parallelismAndOrderDoNotMatterAndNothingIsLost() throws Exception {
        World world = world();
        poison(world);
        Outcome one = run(world, 1, false);
        assertBalanced(one);
        assertThat(one.count("read")).isEqualTo(world.rows.size());
        assertThat(one.counts.keySet())
                .anyMatch(f -> f.startsWith("space." + FACES) && f.endsWith(".linked_in_cells"))
                .noneMatch(f -> f.startsWith("space." + VOICES) && f.endsWith(".linked_in_cells"));
        assertThat(one.rejects)
                .extracting(Reject::reason)
                .containsExactlyInAnyOrder(
                        "missing_id",
                        "null_vector",
                        "empty_vector",
                        "wrong_dimension",
                        "nan",
                        "infinite",
                        "zero_vector",
                        "missing_result_id",
                        "missing_result",
                        "wrong_bson_type",
                        "duplicate_id");
        // 25 planted identities of each modality and the awkward id.
        assertThat(one.writes).hasSize(51);
        for (int parallelism : new int[] {2, 4}) {
            Outcome other = run(world.shuffled(parallelism), parallelism, false);
            assertThat(other.persons()).isEqualTo(one.persons());
            assertThat(other.counts).isEqualTo(one.counts);
            assertThat(other.personByRow).isEqualTo(one.personByRow);
            assertThat(Set.copyOf(other.rejects)).isEqualTo(Set.copyOf(one.rejects));
        }
        Outcome again = run(after(world, one).shuffled(9), 2, false);
        assertThat(again.writes.values()).allMatch(w -> w.kind() == Kind.UNCHANGED);
        assertThat(again.count("written")).isZero();
        assertBalanced(again);
    }

    @Test
    void twoModelsNeverMeetAndAPlanWritesNothing() throws Exception {
        World world = new World(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        float[] same = PlantedVectors.direction(new Random(13), DIMENSION);
        for (String model : List.of("model-a", "model-b")) {
            for (int i = 0; i < 3; i++) {
                String id = model + "-" + i;
                world.rows.add(row(FACES, PARTITION, id, same, "r-" + id));
                world.results.add(result("r-" + id, model, ""));
            }
        }
        Outcome plan = run(world, 2, true);
        assertThat(plan.writes).hasSize(2);
        assertThat(plan.writes.values()).allMatch(w -> w.kind() == Kind.CREATE && w.faces() == 3);
        assertThat(plan.count("written")).isEqualTo(6);
        assertThat(plan.personByRow.values()).containsOnly("");
    }

    @Test
    void idUnderTwoModelsIsNotLost() throws Exception {
        World world = world();
        float[] vector = PlantedVectors.direction(new Random(14), DIMENSION);
        world.results.add(result("r-one", "model-a", ""));
        world.results.add(result("r-two", "model-b", ""));
        world.rows.add(row(FACES, PARTITION, "same", vector, "r-one"));
        world.rows.add(row(FACES, "_default", "same", vector, "r-two"));
        assertBalanced(run(world, 2, false));
    }

    @Test
    void anIndexThatFindsAllGivesTheSamePersons() throws Exception {
        World world = world();
        Outcome compared = run(world, 2, false);
        Outcome searched = run(world, 2, false, 2);
        assertThat(searched.personByRow).isEqualTo(compared.personByRow);
        // Sums are added up in another order where cells linked first: the last bit may differ.
        assertThat(searched.writes.keySet()).isEqualTo(compared.writes.keySet());
        compared.writes.forEach(
                (id, write) -> {
                    assertThat(searched.writes.get(id).faces()).isEqualTo(write.faces());
                    assertThat(searched.writes.get(id).voices()).isEqualTo(write.voices());
                });
    }

    @Test
    void newFacesLeaveOldMembersWithTheirPersons() throws Exception {
        Random random = new Random(21);
        World before = new World(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        List<Labelled> fresh = new ArrayList<>();
        int[] sizes = random.ints(60, 1, 14).toArray();
        for (Labelled v : PlantedVectors.around(random, DIMENSION, 0.6, sizes)) {
            if (random.nextInt(11) == 0) {
                fresh.add(v);
            } else {
                before.rows.add(row(FACES, PARTITION, v.id(), v.vector(), "r-" + v.id()));
                before.results.add(result("r-" + v.id(), "model-a", ""));
            }
        }
        Outcome first = run(before, 2, false);
        World later = after(before, first);
        for (Labelled v : fresh) {
            later.rows.add(row(FACES, PARTITION, v.id(), v.vector(), "r-" + v.id()));
            later.results.add(result("r-" + v.id(), "model-a", ""));
        }
        Outcome second = run(later, 2, false);
        long kept =
                first.personByRow.entrySet().stream()
                        .filter(e -> e.getValue().equals(second.personByRow.get(e.getKey())))
                        .count();
        assertThat(kept).isGreaterThanOrEqualTo(Math.round(0.995 * before.rows.size()));
        assertThat(second.count("written")).isGreaterThanOrEqualTo(fresh.size());
        assertBalanced(second);
    }
}
