package org.aima.dossier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Updates;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import org.aima.dossier.core.AggregationRules;
import org.aima.dossier.core.DocumentReader;
import org.aima.dossier.core.DossierRecount;
import org.aima.dossier.core.DossierWrite;
import org.aima.dossier.core.PersonAlias;
import org.aima.testkit.command.Poll;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonString;
import org.bson.BsonValue;
import redis.clients.jedis.Jedis;

/** Dossiers follow their events on a real stack, also when a TaskManager dies. */
final class RefreshScenario {
    private static final String TOPIC = "aima.changes";
    private static final String RUN = "e2e-refresh";
    private static final List<String> READ =
            List.of(
                    "dossiers",
                    "media_items",
                    "analysis_results",
                    "analysis_summaries",
                    "persons",
                    "person_aliases");

    private final DossierStack stack;
    private final Random random = new Random(11);
    private final List<String> events = new ArrayList<>();

    RefreshScenario(DossierStack stack) {
        this.stack = stack;
    }

    private MongoCollection<BsonDocument> of(String collection) {
        return stack.mongo().getCollection(collection, BsonDocument.class);
    }

    void followsWhateverHappens() throws Exception {
        cacheAll();
        long rebuilt = rebuild().path("written").asLong();
        assertThat(rebuilt).isPositive();
        assertThat(cached()).isEqualTo(of("dossiers").countDocuments() - rebuilt);
        cacheAll();
        stack.aima("run", "dossier-aggregation:refresh").exits(2);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", stack.kafka()))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, 3, (short) 1))).all().get();
        }
        start();

        // A hundredth of the results, all of them of one medium analysed anew.
        changeAMedium((int) (of("analysis_results").countDocuments() / 100));
        send();
        untilEqual("the medium's dossiers follow");
        // The cluster's figures are some seconds old.
        Poll.until(
                "copies of what was published are gone, and only those",
                () ->
                        metric("dossiers_published") > 0
                                && cached()
                                        == of("dossiers").countDocuments()
                                                - metric("dossiers_published"));
        System.out.printf(
                "1 %% of the results changed, all of one medium: refresh read %,d rows, a rebuild"
                        + " reads %,d; of %,d dossiers %d were recounted, %d published%n",
                metric("rows_read"),
                READ.stream().mapToLong(c -> of(c).countDocuments()).sum(),
                of("dossiers").countDocuments(),
                metric("dossiers_recounted"),
                metric("dossiers_published"));

        changeResults(25);
        for (int i = 0; i < 3; i++) {
            merge();
            split();
        }
        erasePerson();
        eraseResult();
        editADossier();
        events.add("poison");
        events.add("{\"version\":9,\"event\":\"media_changed\",\"media_id\":\"m\"}");
        events.add("{\"version\":1,\"event\":\"media_changed\"}");
        int poison = 3;
        events.addAll(events.subList(0, events.size() - poison));
        Collections.shuffle(events, random);
        send();
        stack.killTaskManagerIn("refresh dossiers");
        stack.aima("stack", "up").exits(0);
        untilEqual("all dossiers follow after a TaskManager was lost");
        Poll.until("poison is put aside", () -> letters() == poison);
        Poll.until("dossiers were audited", () -> metric("audit_checked") > 0);
        assertThat(metric("audit_differences")).isZero();

        stack.aima("savepoint", RUN, "--stop").exits(0);
        JsonNode status = stack.aima("status", RUN, "--json").exits(0).json();
        assertThat(status.path("state").asText()).isEqualTo("succeeded");
        assertThat(letters()).isEqualTo(poison);
        JsonNode counters = rebuild();
        assertThat(counters.path("written").asInt()).as("what a rebuild would change").isZero();
        assertThat(counters.path("rejected").asInt()).isZero();
    }

    private void cacheAll() {
        try (Jedis cache = new Jedis(stack.redis())) {
            all("dossiers").forEach(d -> cache.set("dossier:" + text(d, "dossier_id"), "a copy"));
        }
    }

    private long cached() {
        try (Jedis cache = new Jedis(stack.redis())) {
            // Others may use the same server.
            return all("dossiers").stream()
                    .filter(d -> cache.exists("dossier:" + text(d, "dossier_id")))
                    .count();
        }
    }

    private JsonNode rebuild() {
        return stack.aima("run", "dossier-aggregation:rebuild", "--json")
                .exits(0)
                .json()
                .path("counters");
    }

    private void start() {
        stack.aima(
                        "run",
                        "dossier-aggregation:refresh",
                        "--allow-empty-state",
                        "--idle",
                        "--run-id",
                        RUN,
                        "refresh.quiet=300ms",
                        "refresh.max-wait=2s",
                        "audit.interval=2s",
                        "audit.sample=5",
                        "audit.grace=60s")
                .exits(0);
        String job = stack.cluster().jobOf(RUN).orElseThrow();
        assertThat(stack.cluster().state(job)).isEqualTo("RUNNING");
    }

    private long letters() {
        return of("dead_letters").countDocuments(Filters.eq("run_id", RUN));
    }

    private void send() throws ExecutionException, InterruptedException {
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", stack.kafka()),
                        new StringSerializer(),
                        new StringSerializer())) {
            for (String event : events) {
                producer.send(new ProducerRecord<>(TOPIC, event));
            }
        }
        events.clear();
    }

    private void untilEqual(String what) {
        Poll.until(
                what,
                () -> {
                    DossierRecount recount = recount();
                    Poll.pause(300);
                    return of("dossiers").find().into(new ArrayList<>()).stream()
                            .allMatch(
                                    d ->
                                            recount.rebuild(DocumentReader.dossier(d)).kind()
                                                    == DossierWrite.Kind.UNCHANGED);
                });
    }

    private DossierRecount recount() {
        DossierRecount recount = new DossierRecount(AggregationRules.DEFAULT);
        of("analysis_results").find().forEach(d -> recount.add(DocumentReader.result(d)));
        of("media_items").find().forEach(d -> recount.add(DocumentReader.medium(d)));
        of("persons").find().forEach(d -> recount.add(DocumentReader.person(d)));
        of("person_aliases")
                .find()
                .forEach(
                        d -> {
                            PersonAlias alias = DocumentReader.alias(d);
                            if (alias != null) {
                                recount.add(alias);
                            }
                        });
        return recount;
    }

    /** The sum over all operators and subtasks. */
    private long metric(String name) {
        String job = stack.cluster().jobOf(RUN).orElseThrow();
        double sum = 0;
        for (JsonNode vertex : stack.cluster().get("/jobs/" + job).path("vertices")) {
            String metrics =
                    "/jobs/"
                            + job
                            + "/vertices/"
                            + vertex.path("id").asText()
                            + "/subtasks/metrics";
            for (JsonNode known : stack.cluster().get(metrics)) {
                String id = known.path("id").asText();
                if (id.endsWith(".aima_dossier_aggregation." + name)) {
                    String query = "?agg=sum&get=" + URLEncoder.encode(id, StandardCharsets.UTF_8);
                    for (JsonNode value : stack.cluster().get(metrics + query)) {
                        sum += value.path("sum").asDouble();
                    }
                }
            }
        }
        return (long) sum;
    }

    private <T> T any(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    private List<BsonDocument> all(String collection) {
        return of(collection).find().into(new ArrayList<>());
    }

    private static String text(BsonDocument document, String field) {
        return document.getString(field).getValue();
    }

    private void event(String kind, String field, String id) {
        events.add("{\"version\":1,\"event\":\"%s\",\"%s\":\"%s\"}".formatted(kind, field, id));
    }

    private void change(BsonDocument result) {
        of("analysis_results")
                .updateOne(
                        Filters.eq("_id", result.get("_id")),
                        Updates.set("confidence", new BsonDouble(random.nextInt(1_000) / 1_000.0)));
    }

    private void changeAMedium(int count) {
        String medium =
                all("dossiers").stream()
                        .flatMap(d -> d.getArray("media_items").stream())
                        .map(m -> m.asString().getValue())
                        .filter(
                                m ->
                                        of("analysis_results")
                                                        .countDocuments(Filters.eq("media_id", m))
                                                >= count)
                        .findFirst()
                        .orElseThrow();
        List<BsonDocument> results =
                of("analysis_results")
                        .find(Filters.eq("media_id", medium))
                        .limit(count)
                        .into(new ArrayList<>());
        assertThat(results).hasSize(count);
        for (BsonDocument result : results) {
            change(result);
            event("result_changed", "media_id", medium);
        }
    }

    private void changeResults(int count) {
        List<BsonDocument> results = all("analysis_results");
        for (int i = 0; i < count; i++) {
            BsonDocument result = any(results);
            change(result);
            event("result_changed", "media_id", text(result, "media_id"));
        }
    }

    private void merge() {
        List<BsonDocument> persons = all("persons");
        Collections.shuffle(persons, random);
        BsonDocument kept = persons.get(0);
        BsonDocument gone = persons.get(1);
        for (String list : List.of("face_embeddings", "voice_embeddings", "appearances")) {
            kept.getArray(list).addAll(gone.getArray(list));
        }
        of("persons").replaceOne(Filters.eq("_id", kept.get("_id")), kept);
        of("persons").deleteOne(Filters.eq("_id", gone.get("_id")));
        of("person_aliases")
                .insertOne(
                        new BsonDocument("old_id", gone.get("person_id"))
                                .append("new_id", kept.get("person_id"))
                                .append("reason", new BsonString("merge")));
        events.add(persons("person_merged", text(kept, "person_id"), text(gone, "person_id")));
    }

    private static String persons(String kind, String person, String other) {
        return "{\"version\":1,\"event\":\"%s\",\"person_id\":\"%s\",\"other_person_ids\":[\"%s\"]}"
                .formatted(kind, person, other);
    }

    private void split() {
        BsonDocument person = any(all("persons"));
        String other = text(person, "person_id") + "-split-" + random.nextInt(1_000_000);
        BsonDocument split = new BsonDocument("person_id", new BsonString(other));
        split.put("appearances", person.getArray("appearances").clone());
        for (String list : List.of("face_embeddings", "voice_embeddings")) {
            BsonArray stay = new BsonArray();
            BsonArray leave = new BsonArray();
            for (BsonValue member : person.getArray(list)) {
                (random.nextBoolean() ? stay : leave).add(member);
            }
            person.put(list, stay);
            split.put(list, leave);
        }
        of("persons").replaceOne(Filters.eq("_id", person.get("_id")), person);
        of("persons").insertOne(split);
        events.add(persons("person_split", text(person, "person_id"), other));
    }

    private void erasePerson() {
        BsonDocument person = any(all("persons"));
        of("persons").deleteOne(Filters.eq("_id", person.get("_id")));
        event("person_erased", "person_id", text(person, "person_id"));
    }

    private void eraseResult() {
        BsonDocument result = any(all("analysis_results"));
        of("analysis_results").deleteOne(Filters.eq("_id", result.get("_id")));
        event("result_erased", "media_id", text(result, "media_id"));
    }

    private void editADossier() {
        BsonDocument dossier = any(all("dossiers"));
        BsonDocument medium = any(all("media_items"));
        of("dossiers")
                .updateOne(
                        Filters.eq("_id", dossier.get("_id")),
                        Updates.addToSet("media_items", medium.get("media_id")));
        event("dossier_edited", "dossier_id", text(dossier, "dossier_id"));
    }
}
