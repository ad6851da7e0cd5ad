package org.aima.personclustering.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Updates;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.aima.stores.EmbeddingRow;
import org.aima.testkit.command.Command;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import redis.clients.jedis.Jedis;

/** What people decided outlives a recluster, a large change is refused, and a run can be undone. */
@ExtendWith(OperatorStack.Extension.class)
class IdentityITCase {
    private static final String JOB = "person-clustering:recluster";

    @AfterEach
    void leaveNoDecisions(OperatorStack stack) {
        stack.world().reset();
    }

    @Test
    void decisionsAreKeptAndTheRunCanBeUndoneExactly(OperatorStack stack) {
        SharedWorld world = stack.world();
        world.undisturbedInPlace();
        List<Document> largest = largest(world, 4);
        // One face of the largest person is somebody else's; two more persons are one.
        List<Document> faces = largest.get(0).getList("face_embeddings", Document.class);
        String apart = faces.get(0).getString("embedding_id");
        String rest = faces.get(1).getString("embedding_id");
        decide(world, "cannot-link", apart, rest);
        decide(world, "must_link", id(largest.get(1)), id(largest.get(2)));
        world.mongo()
                .getCollection("persons")
                .updateOne(
                        Filters.eq("person_id", id(largest.get(3))),
                        Updates.combine(
                                Updates.set("temporary", false), Updates.set("name", "Ada")));
        Map<String, String> personsBefore = world.personsWithTimestamps();
        Map<String, String> rowsBefore = rows(world);

        cacheAll(stack, personsBefore.keySet());
        String runId = OperatorStack.newRunId("e2e-decided");
        JsonNode report =
                stack.aima(
                                "run",
                                JOB,
                                SharedWorld.SETTINGS,
                                "apply.max-moved=1",
                                "--run-id",
                                runId,
                                "--json")
                        .exits(0)
                        .json();

        Map<String, String> listed = world.listedBy("face_embeddings");
        assertThat(listed.get(apart)).isNotEqualTo(listed.get(rest));
        List<String> one =
                largest.subList(1, 3).stream()
                        .flatMap(p -> p.getList("face_embeddings", Document.class).stream())
                        .map(m -> listed.get(m.getString("embedding_id")))
                        .distinct()
                        .toList();
        assertThat(one).hasSize(1);
        Document ada = person(world, id(largest.get(3)));
        assertThat(ada.getString("name")).isEqualTo("Ada");
        assertThat(ada.getBoolean("temporary")).isFalse();
        assertThat(ids(ada)).containsAll(ids(largest.get(3)));
        assertThat(report.path("counters").path("members_confirmed_kept").asLong())
                .isEqualTo(report.path("counters").path("members_confirmed").asLong())
                .isPositive();
        // Whatever else the joined person draws in may be noted beside it, in any order.
        Document alias =
                world.mongo()
                        .getCollection("person_aliases")
                        .find(
                                Filters.and(
                                        Filters.eq("reason", "merged"),
                                        Filters.in(
                                                "old_id", id(largest.get(1)), id(largest.get(2)))))
                        .first();
        assertThat(alias).isNotNull();
        assertThat(alias.getString("new_id")).isEqualTo(one.get(0));
        assertThat(report.path("quality").path("move.01").asText()).contains("merged");

        Map<String, String> personsAfter = world.personsWithTimestamps();
        assertThat(personsAfter).isNotEqualTo(personsBefore);
        Set<String> unchanged = new TreeSet<>(personsBefore.keySet());
        unchanged.removeIf(id -> !personsBefore.get(id).equals(personsAfter.get(id)));
        assertThat(unchanged).isNotEmpty();
        assertThat(cached(stack)).as("copies the run left").isEqualTo(unchanged);
        cacheAll(stack, personsAfter.keySet());
        stack.aima("undo", runId, "--json").exits(0);
        assertThat(cached(stack)).as("copies the undo left").isEqualTo(unchanged);
        assertThat(world.personsWithTimestamps()).isEqualTo(personsBefore);
        assertThat(rows(world)).isEqualTo(rowsBefore);
        assertThat(world.mongo().getCollection("person_aliases").countDocuments()).isZero();
        assertThat(world.ledger(runId).getString("state")).isEqualTo("undone");
        // Undone twice is undone once.
        stack.aima("undo", runId).exits(0);
        assertThat(world.personsWithTimestamps()).isEqualTo(personsBefore);
    }

    private static void cacheAll(OperatorStack stack, Set<String> persons) {
        try (Jedis cache = new Jedis(stack.variable("AIMA_REDIS_URI"))) {
            persons.forEach(id -> cache.set("person:" + id, "a copy"));
        }
    }

    private static Set<String> cached(OperatorStack stack) {
        try (Jedis cache = new Jedis(stack.variable("AIMA_REDIS_URI"))) {
            return cache.keys("person:*").stream()
                    .map(key -> key.substring("person:".length()))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    @Test
    void aRunThatMovesTooManyIsRefusedBeforeItWrites(OperatorStack stack) {
        SharedWorld world = stack.world();
        world.undisturbedInPlace();
        List<Document> largest = largest(world, 2);
        decide(world, "must-link", id(largest.get(0)), id(largest.get(1)));
        Map<String, String> persons = world.personsWithTimestamps();
        Map<String, String> rows = rows(world);

        JsonNode plan =
                stack.aima("plan", JOB, SharedWorld.SETTINGS, "apply.max-moved=0.01", "--json")
                        .exits(0)
                        .json();
        assertThat(plan.path("counters").path("members_moved").asLong()).isPositive();
        assertThat(plan.path("quality").path("move.01").asText()).contains(id(largest.get(1)));

        String runId = OperatorStack.newRunId("e2e-moves-too-many");
        Command.Result refused =
                stack.aima(
                                "run",
                                JOB,
                                SharedWorld.SETTINGS,
                                "apply.max-moved=0.01",
                                "--run-id",
                                runId)
                        .exits(3);
        assertThat(refused.err()).contains("apply.max-moved", id(largest.get(1)));
        assertThat(world.ledger(runId).getString("state")).isEqualTo("refused");
        assertThat(world.personsWithTimestamps()).isEqualTo(persons);
        assertThat(rows(world)).isEqualTo(rows);
        assertThat(world.mongo().getCollection("person_aliases").countDocuments()).isZero();
    }

    @Test
    void undoTouchesNothingWhenSomebodyChangedAPersonSince(OperatorStack stack) {
        SharedWorld world = stack.world();
        Command.Result run = world.undisturbedInPlace().run();
        String runId = run.json().path("run_id").asText();
        String edited = id(largest(world, 1).get(0));
        world.mongo()
                .getCollection("persons")
                .updateOne(Filters.eq("person_id", edited), Updates.set("name", "Grace"));
        Map<String, String> persons = world.personsWithTimestamps();
        Map<String, String> rows = rows(world);

        Command.Result refused = stack.aima("undo", runId, "--json").exits(3);

        assertThat(refused.json().path("conflicting").asLong()).isEqualTo(1);
        assertThat(refused.json().path("conflicts").get(0).asText()).contains(edited);
        assertThat(world.personsWithTimestamps()).isEqualTo(persons);
        assertThat(rows(world)).isEqualTo(rows);
    }

    @Test
    void decisionsOfFiveRoundsAreAllKept(OperatorStack stack) {
        SharedWorld world = stack.world();
        world.undisturbedInPlace();
        Random random = new Random(17);
        Set<String> used = new HashSet<>();
        Map<String, List<String>> confirmed = new TreeMap<>();
        List<List<String>> apart = new ArrayList<>();
        List<List<String>> together = new ArrayList<>();
        JsonNode report = null;
        for (int round = 0; round < 5; round++) {
            List<Document> persons = new ArrayList<>(unused(world, used));
            Collections.shuffle(persons, random);
            Document named = persons.get(0);
            Document mixed = persons.get(1);
            Document one = persons.get(2);
            Document other = persons.get(3);
            for (Document person : persons.subList(0, 4)) {
                used.addAll(ids(person));
            }
            world.mongo()
                    .getCollection("persons")
                    .updateOne(Filters.eq("person_id", id(named)), Updates.set("temporary", false));
            confirmed.put(id(named), ids(named));
            apart.add(List.of(ids(mixed).get(0), ids(mixed).get(1)));
            decide(world, "cannot-link", ids(mixed).get(0), ids(mixed).get(1));
            together.add(List.of(ids(one).get(0), ids(other).get(0)));
            decide(world, "must-link", id(one), id(other));
            if (round == 4) {
                // Two persons that people told apart cannot be one: that is told, not done.
                List<String> two = new ArrayList<>(confirmed.keySet());
                decide(world, "must-link", two.get(0), two.get(1));
            }
            report =
                    stack.aima("run", JOB, SharedWorld.SETTINGS, "apply.max-moved=1", "--json")
                            .exits(0)
                            .json();
            Map<String, String> listed = world.listedBy("face_embeddings");
            confirmed.forEach(
                    (person, members) ->
                            assertThat(members).allMatch(m -> person.equals(listed.get(m))));
            assertThat(apart).noneMatch(p -> listed.get(p.get(0)).equals(listed.get(p.get(1))));
            assertThat(together).allMatch(p -> listed.get(p.get(0)).equals(listed.get(p.get(1))));
        }
        List<String> told = new ArrayList<>();
        report.path("quality")
                .fields()
                .forEachRemaining(
                        f -> {
                            if (f.getKey().startsWith("contradiction.")) {
                                told.add(f.getValue().asText());
                            }
                        });
        List<String> two = new ArrayList<>(confirmed.keySet());
        assertThat(told).anyMatch(t -> t.contains(two.get(0)) && t.contains(two.get(1)));
        // Every id that ended leads, over any number of merges, to a person that lives.
        Map<String, String> aliases = new TreeMap<>();
        world.mongo()
                .getCollection("person_aliases")
                .find(Filters.eq("reason", "merged"))
                .forEach(a -> aliases.put(a.getString("old_id"), a.getString("new_id")));
        assertThat(aliases).isNotEmpty();
        for (String start : aliases.keySet()) {
            String at = start;
            for (int step = 0; aliases.containsKey(at) && step <= aliases.size(); step++) {
                at = aliases.get(at);
            }
            assertThat(person(world, at)).as("person %s, once %s", at, start).isNotNull();
        }
    }

    @Test
    void facesOfTwoModelsNeverBecomeOnePerson(OperatorStack stack) {
        SharedWorld world = stack.world();
        world.reset();
        var results = world.mongo().getCollection("analysis_results");
        var faces = Filters.eq("analysis_type", "face_detection");
        String model =
                results.find(faces)
                        .first()
                        .get("vector_embeddings", Document.class)
                        .getString("model");
        var half = Filters.and(faces, Filters.regex("result_id", "^[0-7]"));
        results.updateMany(half, Updates.set("vector_embeddings.model", "another-model"));
        try {
            JsonNode report =
                    stack.aima("run", JOB, SharedWorld.SETTINGS, "--json").exits(0).json();
            Map<String, String> modelByEmbedding = new TreeMap<>();
            for (Document result : results.find(faces)) {
                Document embedding = result.get("vector_embeddings", Document.class);
                modelByEmbedding.put(
                        embedding.getString("embedding_id"), embedding.getString("model"));
            }
            Map<String, Set<String>> modelsByPerson = new TreeMap<>();
            world.listedBy("face_embeddings")
                    .forEach(
                            (embedding, person) ->
                                    modelsByPerson
                                            .computeIfAbsent(person, p -> new HashSet<>())
                                            .add(modelByEmbedding.get(embedding)));
            assertThat(modelsByPerson.values()).allMatch(models -> models.size() == 1);
            assertThat(modelsByPerson.values().stream().distinct()).hasSize(2);
            for (String space : List.of(model, "another-model")) {
                assertThat(
                                report.path("quality")
                                        .path("space.face_embeddings/" + space + ".vectors")
                                        .asLong())
                        .isPositive();
            }
        } finally {
            results.updateMany(half, Updates.set("vector_embeddings.model", model));
        }
    }

    /** Persons of two faces or more of which no face was decided about. */
    private static List<Document> unused(SharedWorld world, Set<String> used) {
        return largest(world, Integer.MAX_VALUE).stream()
                .filter(p -> ids(p).size() >= 2 && ids(p).stream().noneMatch(used::contains))
                .toList();
    }

    private static void decide(SharedWorld world, String kind, String a, String b) {
        world.mongo()
                .getCollection("person_constraints")
                .insertOne(new Document("kind", kind).append("a", a).append("b", b));
    }

    private static String id(Document person) {
        return person.getString("person_id");
    }

    private static List<String> ids(Document person) {
        return person.getList("face_embeddings", Document.class).stream()
                .map(m -> m.getString("embedding_id"))
                .toList();
    }

    private static Document person(SharedWorld world, String personId) {
        return world.mongo()
                .getCollection("persons")
                .find(Filters.eq("person_id", personId))
                .first();
    }

    /** The persons with most faces, the largest first. */
    private static List<Document> largest(SharedWorld world, int count) {
        return world.mongo().getCollection("persons").find().into(new ArrayList<>()).stream()
                .sorted(
                        Comparator.comparingInt((Document p) -> -ids(p).size())
                                .thenComparing(IdentityITCase::id))
                .limit(count)
                .toList();
    }

    private static Map<String, String> rows(SharedWorld world) {
        Map<String, String> rows = new TreeMap<>();
        for (String collection : SharedWorld.COLLECTIONS) {
            rows.putAll(
                    world.rows(collection).values().stream()
                            .collect(
                                    Collectors.toMap(
                                            r -> collection + "/" + r.id(), IdentityITCase::text)));
        }
        return rows;
    }

    private static String text(EmbeddingRow row) {
        return new TreeMap<>(row.fields()) + " " + java.util.Arrays.hashCode(row.vector());
    }
}
