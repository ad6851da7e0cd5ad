package org.aima.dossier.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.ReplaceOptions;
import com.mongodb.client.model.Updates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.aima.dossier.core.AggregationRules;
import org.aima.dossier.core.ContentHash;
import org.aima.dossier.core.DocumentReader;
import org.aima.dossier.core.DossierRecount;
import org.aima.dossier.core.MachineContent;
import org.aima.jobs.model.BsonBytes;
import org.aima.jobs.pipeline.JobMetric;
import org.aima.testkit.command.Command;
import org.aima.testkit.command.PrometheusPages;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A rebuild as an operator does it, with an editor at work and a TaskManager killed. */
class RebuildITCase {
    private static final String JOB = "dossier-aggregation:rebuild";
    private static final int DOSSIERS = 40;

    @TempDir private Path world;

    @Test
    void rebuildsWhateverHappensMeanwhile() throws Exception {
        try (DossierStack stack = new DossierStack()) {
            load(stack);
            Map<String, BsonDocument> loaded = dossiers(stack);
            assertThat(loaded).hasSize(DOSSIERS);

            planWritesNothing(stack, loaded);
            String runId = runWithEditorAndKill(stack, loaded);
            everyDossierIsARecount(stack);
            aValueLeadsToItsResults(stack);
            aSecondRunWritesNothing(stack);
            everyDossierIsExported(stack);
            undoLeavesOnlyTheEdits(stack, loaded, runId);
            oneDossierAlone(stack);
            new RefreshScenario(stack).followsWhateverHappens();
            slotsRunOnceAndAfterOneAnother(stack);
            metricsOfTheLedgerSayWhatHappened(stack);
        }
    }

    private void load(DossierStack stack) throws IOException {
        stack.aima("migrate").exits(0);
        stack.aima(
                        ("generate --persons 25 --faces 700 --voices 150 --media 60 --results 2500"
                                        + " --dossiers "
                                        + DOSSIERS
                                        + " --seed 5 --out "
                                        + world.resolve("w"))
                                .split(" "))
                .exits(0);
        stack.aima("load", world.resolve("w").toString()).exits(0);
        // Persons as they truly are: clustering is another job's test.
        Map<String, String> identities = new HashMap<>();
        for (String line : Files.readAllLines(truth())) {
            String[] cells = line.split(",");
            identities.put(cells[0], cells[1]);
        }
        Map<String, BsonDocument> persons = new TreeMap<>();
        for (BsonDocument result : of(stack, "analysis_results").find()) {
            if (result.get("vector_embeddings") instanceof BsonDocument embedding) {
                String embeddingId = embedding.getString("embedding_id").getValue();
                BsonDocument person =
                        persons.computeIfAbsent(identities.get(embeddingId), RebuildITCase::person);
                boolean face =
                        result.getString("analysis_type").getValue().equals("face_detection");
                person.getArray(face ? "face_embeddings" : "voice_embeddings")
                        .add(
                                new BsonDocument("embedding_id", new BsonString(embeddingId))
                                        .append("source_result_id", result.get("result_id")));
                person.getArray("appearances")
                        .add(new BsonDocument("media_id", result.get("media_id")));
            }
        }
        assertThat(persons).hasSizeGreaterThan(20);
        of(stack, "persons").insertMany(List.copyOf(persons.values()));
    }

    private Path truth() {
        Path truth = world.resolve("w/truth.csv");
        return Files.exists(truth) ? truth : world.resolve("w/labels.csv");
    }

    private static BsonDocument person(String identity) {
        return new BsonDocument("person_id", new BsonString("person-" + identity))
                .append("temporary", BsonBoolean.TRUE)
                .append("appearances", new BsonArray())
                .append("face_embeddings", new BsonArray())
                .append("voice_embeddings", new BsonArray());
    }

    private static MongoCollection<BsonDocument> of(DossierStack stack, String collection) {
        return stack.mongo().getCollection(collection, BsonDocument.class);
    }

    private static Map<String, BsonDocument> dossiers(DossierStack stack) {
        Map<String, BsonDocument> found = new TreeMap<>();
        of(stack, "dossiers")
                .find()
                .forEach(d -> found.put(d.getString("dossier_id").getValue(), d));
        return found;
    }

    private static void planWritesNothing(DossierStack stack, Map<String, BsonDocument> loaded) {
        JsonNode plan = stack.aima("plan", JOB, "--json").exits(0).json();
        assertThat(plan.path("state").asText()).isEqualTo("planned");
        assertThat(plan.path("counters").path("written").asInt()).isEqualTo(DOSSIERS);
        assertThat(plan.path("counters").path("persons_added").asInt()).isPositive();
        assertThat(plan.toString()).contains("difference." + loaded.keySet().iterator().next());
        assertThat(dossiers(stack)).isEqualTo(loaded);
    }

    private static String runWithEditorAndKill(DossierStack stack, Map<String, BsonDocument> loaded)
            throws InterruptedException {
        String edited = loaded.keySet().iterator().next();
        AtomicBoolean stop = new AtomicBoolean();
        AtomicLong edits = new AtomicLong();
        Thread editor =
                new Thread(
                        () -> {
                            while (!stop.get()) {
                                long n = edits.incrementAndGet();
                                of(stack, "dossiers")
                                        .updateOne(
                                                Filters.eq("dossier_id", edited),
                                                Updates.combine(
                                                        Updates.set("title", "edit " + n),
                                                        Updates.set("tags", List.of("t" + n))));
                                pause();
                            }
                        });
        AtomicLong mixtures = new AtomicLong();
        AtomicLong seen = new AtomicLong();
        Thread reader =
                new Thread(
                        () -> {
                            while (!stop.get()) {
                                dossiers(stack).values().forEach(d -> look(d, seen, mixtures));
                                pause();
                            }
                        });
        editor.start();
        reader.start();
        String runId = "e2e-dossiers";
        try {
            Command run = stack.start("run", JOB, "--run-id", runId, "--json");
            stack.killTaskManagerIn("analyse media", run);
            stack.aima("stack", "up").exits(0);
            JsonNode report = run.await().exits(0).json();
            JsonNode counters = report.path("counters");
            assertThat(counters.path("read").asInt()).isEqualTo(DOSSIERS);
            assertThat(
                            counters.path("written").asInt()
                                    + counters.path("unchanged").asInt()
                                    + counters.path("rejected").asInt())
                    .isEqualTo(DOSSIERS);
            assertThat(counters.path("rejected").asInt()).isZero();
            assertThat(report.path("state").asText()).isEqualTo("succeeded");
        } finally {
            stop.set(true);
            editor.join();
            reader.join();
        }
        BsonDocument now = dossiers(stack).get(edited);
        assertThat(edits.get()).isGreaterThan(10);
        assertThat(now.getString("title").getValue()).isEqualTo("edit " + edits.get());
        assertThat(now.getArray("tags")).containsExactly(new BsonString("t" + edits.get()));
        assertThat(seen.get()).isPositive();
        assertThat(mixtures.get()).isZero();
        return runId;
    }

    private static void look(BsonDocument dossier, AtomicLong seen, AtomicLong mixtures) {
        BsonDocument aggregation = MachineContent.aggregation(dossier);
        if (aggregation != null) {
            seen.incrementAndGet();
            String is = ContentHash.of(MachineContent.stored(dossier));
            if (!aggregation.getString("fingerprint").getValue().equals(is)) {
                mixtures.incrementAndGet();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void everyDossierIsARecount(DossierStack stack) {
        DossierRecount recount = new DossierRecount(AggregationRules.DEFAULT);
        of(stack, "analysis_results").find().forEach(d -> recount.add(DocumentReader.result(d)));
        of(stack, "media_items").find().forEach(d -> recount.add(DocumentReader.medium(d)));
        of(stack, "persons").find().forEach(d -> recount.add(DocumentReader.person(d)));
        int persons = 0;
        int events = 0;
        for (BsonDocument dossier : dossiers(stack).values()) {
            BsonDocument stored = MachineContent.stored(dossier);
            BsonDocument blank = dossier.clone();
            blank.put("metadata", new BsonDocument());
            blank.put("persons", new BsonArray());
            blank.put("events", MachineContent.events(dossier, false));
            BsonValue expected =
                    BsonBytes.decode(recount.rebuild(DocumentReader.dossier(blank)).content());
            assertThat(stored).isEqualTo(expected);
            persons += stored.getArray("persons").size();
            events += stored.getArray("events").size();
        }
        assertThat(persons).isGreaterThan(DOSSIERS);
        assertThat(events).isGreaterThan(DOSSIERS);
    }

    private static void aValueLeadsToItsResults(DossierStack stack) {
        BsonDocument dossier =
                dossiers(stack).values().stream()
                        .filter(d -> d.getArray("persons").size() > 1)
                        .findFirst()
                        .orElseThrow();
        BsonDocument person = dossier.getArray("persons").get(0).asDocument();
        JsonNode report =
                stack.aima(
                                "run",
                                "dossier-aggregation:explain",
                                "dossier_id=" + dossier.getString("dossier_id").getValue(),
                                "field=persons." + person.getString("person_id").getValue(),
                                "--json")
                        .exits(0)
                        .json();
        long told = 0;
        for (JsonNode line : report.path("quality")) {
            told += line.asText().startsWith("  ") ? 1 : 0;
        }
        assertThat(told).isEqualTo(person.getInt64("results").getValue()).isPositive();
        assertThat(report.path("quality").toString()).contains("the same as is published");
        stack.aima(
                        "run",
                        "dossier-aggregation:explain",
                        "dossier_id=" + dossier.getString("dossier_id").getValue(),
                        "field=persons.nobody")
                .exits(1);
    }

    private static void aSecondRunWritesNothing(DossierStack stack) {
        Map<String, BsonDocument> before = dossiers(stack);
        JsonNode counters =
                stack.aima("run", JOB, "parallelism=3", "--json").exits(0).json().path("counters");
        assertThat(counters.path("written").asInt()).isZero();
        assertThat(counters.path("unchanged").asInt()).isEqualTo(DOSSIERS);
        assertThat(dossiers(stack)).isEqualTo(before);
    }

    private static void everyDossierIsExported(DossierStack stack) {
        JsonNode report = stack.aima("run", "dossier-aggregation:export", "--json").exits(0).json();
        assertThat(report.path("counters").path("written").asInt()).isEqualTo(DOSSIERS);
        assertThat(report.path("counters").path("bytes").asLong()).isPositive();
        assertThat(report.path("verification").toString()).contains(3 * DOSSIERS + " files");
        stack.aima("undo", report.path("run_id").asText()).exits(0);
    }

    private static void undoLeavesOnlyTheEdits(
            DossierStack stack, Map<String, BsonDocument> loaded, String runId) {
        stack.aima("verify", runId).exits(0);
        stack.aima("undo", runId).exits(0);
        Map<String, BsonDocument> back = dossiers(stack);
        String edited = loaded.keySet().iterator().next();
        back.forEach(
                (id, dossier) -> {
                    if (id.equals(edited)) {
                        dossier.put("title", loaded.get(id).get("title"));
                        dossier.put("tags", loaded.get(id).get("tags"));
                    }
                    assertThat(BsonBytes.encode(dossier))
                            .as(id)
                            .isEqualTo(BsonBytes.encode(loaded.get(id)));
                });
    }

    private static void oneDossierAlone(DossierStack stack) {
        String id = dossiers(stack).keySet().stream().skip(3).findFirst().orElseThrow();
        JsonNode counters =
                stack.aima("run", JOB, "dossier_id=" + id, "--json")
                        .exits(0)
                        .json()
                        .path("counters");
        assertThat(counters.path("read").asInt()).isEqualTo(1);
        assertThat(counters.path("written").asInt()).isEqualTo(1);
        long published =
                dossiers(stack).values().stream()
                        .filter(d -> MachineContent.version(d) > 0)
                        .count();
        assertThat(published).isEqualTo(1);
    }

    private static void slotsRunOnceAndAfterOneAnother(DossierStack stack) {
        String[] slot = {"slot", JOB, "--every=day", "--as-of=2026-01-05T02:00:00Z", "--json"};
        MongoCollection<BsonDocument> leases = of(stack, "run_leases");
        BsonDocument lease = leases.find(Filters.regex("_id", "/dossiers$")).first();
        String target = lease.getString("_id").getValue();
        long fence = lease.getInt64("fence").getValue();
        hold(stack, target, fence + 1, Instant.now().plusSeconds(60));
        assertThat(stack.aima(slot).exits(3).err())
                .contains("is taken by run e2e-crashed (holder somebody)");

        // What its holder's death looks like after a minute.
        hold(stack, target, fence + 1, Instant.now().minusSeconds(1));
        JsonNode first;
        try (PrometheusPages pages = stack.metrics()) {
            first = stack.aima(slot).exits(0).json();
            // The tasks that write and reject may be over before a page is read.
            assertThat(pages.seen())
                    .containsKey(JobMetric.RECORDS_READ.prometheusName("dossier-aggregation"));
        }
        String runId = "dossier-aggregation-rebuild-2026-01-05";
        assertThat(first.get(0).path("run_id").asText()).isEqualTo(runId);
        assertThat(first.get(0).path("state").asText()).isEqualTo("succeeded");
        BsonDocument run = of(stack, "job_runs").find(Filters.eq("_id", runId)).first();
        assertThat(run.getDocument("lease").getInt64("fence").getValue()).isGreaterThan(fence + 1);

        int jobs = stack.flinkJobs();
        assertThat(stack.aima(slot).exits(0).err()).contains(runId + " already ended (succeeded");
        assertThat(stack.flinkJobs()).isEqualTo(jobs);
        for (String missed : List.of("skip", "catch-up")) {
            JsonNode later =
                    stack.aima(
                                    "slot",
                                    JOB,
                                    "--every=day",
                                    "--as-of=2026-01-08T02:00:00Z",
                                    "--missed=" + missed,
                                    "--dry-run",
                                    "--json")
                            .exits(0)
                            .json();
            String before = missed.equals("skip") ? "skipped" : "owed";
            assertThat(later.findValuesAsText("slot"))
                    .containsExactly("2026-01-06", "2026-01-07", "2026-01-08");
            assertThat(later.findValuesAsText("state")).containsExactly(before, before, "owed");
        }
        assertThat(
                        stack.script(
                                        "schedule/nightly",
                                        "--dry-run",
                                        "--as-of=2026-01-08T02:00:00Z")
                                .exits(0)
                                .err())
                .contains(
                        "embedding-backfill-metadata-faces-2026-01-08 is owed",
                        "person-clustering-recluster-2026-01-08 is owed",
                        "archival-compaction-archive-2026-01-08 is owed",
                        "dossier-aggregation-rebuild-2026-01-07 was missed",
                        "dossier-aggregation-rebuild-2026-01-08 is owed");
        assertThat(stack.flinkJobs()).isEqualTo(jobs);
    }

    /** The ledger as a run left it that holds the target and whose client is gone. */
    private static void hold(DossierStack stack, String target, long fence, Instant until) {
        String run = "e2e-crashed";
        BsonDateTime expires = new BsonDateTime(until.toEpochMilli());
        BsonDocument held =
                new BsonDocument("holder", new BsonString("somebody"))
                        .append("fence", new BsonInt64(fence))
                        .append("expires_at", expires);
        of(stack, "run_leases")
                .replaceOne(
                        Filters.eq("_id", target),
                        held.clone()
                                .append("_id", new BsonString(target))
                                .append("run_id", new BsonString(run)));
        of(stack, "job_runs")
                .replaceOne(
                        Filters.eq("_id", run),
                        new BsonDocument("_id", new BsonString(run))
                                .append("job", new BsonString("dossier-aggregation"))
                                .append("action", new BsonString("rebuild"))
                                .append("target", new BsonString(target))
                                .append("state", new BsonString("running"))
                                .append("started_at", expires)
                                .append("submitted_at", expires)
                                .append("lease", held),
                        new ReplaceOptions().upsert(true));
    }

    private static void metricsOfTheLedgerSayWhatHappened(DossierStack stack) {
        String rebuild = "{aima_job=\"dossier-aggregation\",action=\"rebuild\"";
        assertThat(stack.aima("status", "--prometheus=-").exits(0).out())
                .contains(
                        "aima_job_last_run_succeeded" + rebuild + "} 1\n",
                        "aima_job_last_verification_differences" + rebuild + "} 0\n",
                        "aima_job_last_run_count" + rebuild + ",counter=\"read\"} " + DOSSIERS,
                        "aima_job_last_lease_lost_timestamp_seconds" + rebuild + "} ",
                        "aima_ledger_read_timestamp_seconds ");
    }
}
