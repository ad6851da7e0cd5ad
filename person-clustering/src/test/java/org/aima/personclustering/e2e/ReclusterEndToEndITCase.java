package org.aima.personclustering.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.aima.stores.EmbeddingRow;
import org.bson.Document;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

/** A recluster as an operator does it: what it counts, writes, reports, and that it repeats. */
@ExtendWith(OperatorStack.Extension.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ReclusterEndToEndITCase {
    private static final String JOB = "person-clustering:recluster";
    private static final double LEAST_F = 0.9;
    private static final int POISON_KINDS = 12;
    private static final double MOST_MOVED = 0.005;

    @Test
    @Order(1)
    void loadCountsEveryLineAndKeepsABadOneAsADeadLetter(OperatorStack stack) {
        SharedWorld world = stack.world();
        assertThat(world.generated().path("poison")).hasSize(POISON_KINDS);

        TreeMap<String, Long> reasons = new TreeMap<>();
        for (JsonNode file : world.loaded().path("files")) {
            assertThat(sum(file, "written", "unchanged", "rejected"))
                    .as(file.path("file").asText())
                    .isEqualTo(file.path("read").asLong());
            assertThat(file.path("read").asLong())
                    .isEqualTo(
                            world.generated()
                                    .path("lines")
                                    .path(file.path("file").asText())
                                    .asLong());
            file.path("reasons")
                    .fields()
                    .forEachRemaining(
                            r -> reasons.merge(r.getKey(), r.getValue().asLong(), Long::sum));
        }
        assertThat(reasons).isNotEmpty();
        assertThat(world.deadLetters(world.loaded().path("runId").asText())).isEqualTo(reasons);
    }

    @Test
    @Order(2)
    void planWritesNothing(OperatorStack stack) {
        SharedWorld world = stack.world();
        world.reset();
        Map<String, Map<String, String>> rows = rowPersons(world);

        JsonNode plan = stack.aima("plan", JOB, SharedWorld.SETTINGS, "--json").exits(0).json();

        assertThat(plan.path("state").asText()).isEqualTo("planned");
        assertThat(plan.path("counters").path("persons_created").asLong()).isPositive();
        assertThat(plan.path("counters").path("written").asLong()).isPositive();
        assertThat(world.persons()).isEmpty();
        assertThat(rowPersons(world)).isEqualTo(rows);
        assertThat(rows.values()).allSatisfy(r -> assertThat(r.values()).containsOnly(""));
        assertThat(world.deadLetters(plan.path("run_id").asText())).isEmpty();
    }

    @Test
    @Order(3)
    void runWritesPersonsThatRowsAndReportsAgreeWith(OperatorStack stack) throws Exception {
        SharedWorld world = stack.world();
        JsonNode report = world.undisturbedInPlace().run().json();
        JsonNode counters = report.path("counters");
        String runId = report.path("run_id").asText();

        assertThat(report.path("state").asText()).isEqualTo("succeeded");
        long rows = 0;
        for (String collection : SharedWorld.COLLECTIONS) {
            rows += world.rows(collection).size();
        }
        assertThat(counters.path("read").asLong()).isEqualTo(rows).isPositive();
        assertThat(sum(counters, "written", "unchanged", "rejected")).isEqualTo(rows);
        assertThat(counters.path("rejected").asLong()).isPositive();

        TreeMap<String, Long> reasons = new TreeMap<>();
        counters.fields()
                .forEachRemaining(
                        c -> {
                            if (c.getKey().startsWith("rejected_")) {
                                reasons.put(
                                        c.getKey().substring("rejected_".length()),
                                        c.getValue().asLong());
                            }
                        });
        assertThat(reasons.values().stream().mapToLong(Long::longValue).sum())
                .isEqualTo(counters.path("rejected").asLong());
        assertThat(world.deadLetters(runId)).isEqualTo(reasons);

        Path written = stack.reports().resolve(runId);
        assertThat(written.resolve("report.json")).isNotEmptyFile();
        String html = Files.readString(written.resolve("report.html"));
        assertThat(html).contains("<svg").contains(runId);
        assertThat(html)
                .as("a report loads nothing from the network")
                .doesNotContainPattern(
                        "(?i)(\\b(src|href|action|data|poster|srcset)\\s*=\\s*[\"']?\\s*(https?:)?//|url\\(\\s*[\"']?(https?:)?//|@import)");
        Document ledger = world.ledger(runId);
        assertThat(ledger.getString("state")).isEqualTo("succeeded");
        assertThat(ledger.get("counters", Document.class).get("read")).isEqualTo(rows);

        assertThat(world.persons()).hasSize(counters.path("persons").asInt()).isNotEmpty();
        for (String collection : SharedWorld.COLLECTIONS) {
            Map<String, String> carried = rowPersons(world).get(collection);
            carried.values().removeIf(String::isEmpty);
            assertThat(carried).isEqualTo(world.listedBy(collection)).isNotEmpty();
        }
        // An awkward id is not a bad one: quotes and newlines must come through.
        assertThat(world.listedBy("face_embeddings").keySet().stream())
                .anyMatch(id -> id.contains("\"it's\"\n"));
    }

    @Test
    @Order(4)
    void personsAreTheGeneratedOnes(OperatorStack stack) {
        SharedWorld world = stack.world();
        world.undisturbedInPlace();
        JsonNode scores =
                stack.aima(
                                "evaluate",
                                "--labels",
                                world.directory().resolve("labels.csv").toString(),
                                "--collection",
                                "face_embeddings",
                                "--json")
                        .exits(0)
                        .json()
                        .path("scores");
        assertThat(scores.path("pairwise").path("f").asDouble()).isBetween(LEAST_F, 1.0);
        assertThat(scores.path("bcubed").path("f").asDouble()).isBetween(LEAST_F, 1.0);
    }

    @Test
    @Order(5)
    void secondRunWritesNothing(OperatorStack stack) throws Exception {
        SharedWorld world = stack.world();
        world.undisturbedInPlace();
        Map<String, String> before = world.personsWithTimestamps();
        Map<String, Map<String, String>> rows = rowPersons(world);

        JsonNode report =
                stack.aima(
                                "run",
                                JOB,
                                SharedWorld.SETTINGS,
                                "report.labels=" + world.directory().resolve("labels.csv"),
                                "--json")
                        .exits(0)
                        .json();
        JsonNode counters = report.path("counters");
        assertThat(report.path("verification").findValuesAsText("name"))
                .contains("face_embeddings: scored against the labels");
        String sheet =
                Files.readString(
                        stack.reports()
                                .resolve(report.path("run_id").asText())
                                .resolve("contact-sheet.html"));
        assertThat(sheet)
                .contains("Largest persons", "Least certain persons", "Worst identities")
                .doesNotContain("http");

        assertThat(counters.path("written").asLong()).isZero();
        assertThat(counters.path("persons_created").asLong()).isZero();
        assertThat(counters.path("persons_updated").asLong()).isZero();
        assertThat(counters.path("persons_unchanged").asInt()).isEqualTo(before.size());
        assertThat(sum(counters, "unchanged", "rejected"))
                .isEqualTo(counters.path("read").asLong())
                .isPositive();
        assertThat(world.personsWithTimestamps()).isEqualTo(before);
        assertThat(rowPersons(world)).isEqualTo(rows);
    }

    @Test
    @Order(6)
    void neighboursFoundByMilvusLeaveMembersWhereTheyAre(OperatorStack stack) {
        stack.world().undisturbedInPlace();
        JsonNode plan =
                stack.aima("plan", JOB, SharedWorld.SETTINGS, "neighbours.source=milvus", "--json")
                        .exits(0)
                        .json();
        JsonNode counters = plan.path("counters");
        assertThat(counters.path("members_kept").asLong()).isPositive();
        assertThat(counters.path("members_moved").asDouble())
                .isLessThanOrEqualTo(MOST_MOVED * counters.path("members_kept").asDouble());
        assertThat(plan.path("quality").fieldNames())
                .toIterable()
                .anyMatch(name -> name.startsWith("recall.face_embeddings"));
    }

    @Test
    @Order(7)
    void fourTasksMakeTheSamePersons(OperatorStack stack) {
        SharedWorld world = stack.world();
        Map<String, String> expected = world.undisturbed().persons();
        world.reset();
        stack.aima("run", JOB, SharedWorld.SETTINGS, "parallelism=4").exits(0);
        assertThat(world.persons()).isEqualTo(expected);
    }

    @Test
    @Order(8)
    void oneTaskOnShuffledInputMakesTheSamePersons(OperatorStack stack) {
        SharedWorld world = stack.world();
        Map<String, String> expected = world.undisturbed().persons();
        String database = OperatorStack.DATABASE + "_shuffled";
        world.reloadShuffled(database, 11);
        Map<String, String> environment = stack.environment();
        environment.put("AIMA_MONGO_DB", database);
        stack.aima(environment, "run", JOB, SharedWorld.SETTINGS, "parallelism=1").exits(0);
        assertThat(world.persons(database, true)).isEqualTo(expected);
    }

    private static Map<String, Map<String, String>> rowPersons(SharedWorld world) {
        Map<String, Map<String, String>> persons = new TreeMap<>();
        for (String collection : SharedWorld.COLLECTIONS) {
            persons.put(
                    collection,
                    world.rows(collection).values().stream()
                            .collect(
                                    Collectors.toMap(
                                            EmbeddingRow::id,
                                            r -> r.text("person_id"),
                                            (a, b) -> a,
                                            TreeMap::new)));
        }
        return persons;
    }

    private static long sum(JsonNode counters, String... names) {
        long sum = 0;
        for (String name : names) {
            sum += counters.path(name).asLong();
        }
        return sum;
    }
}
