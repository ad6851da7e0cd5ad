package org.aima.dossier;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.aima.dossier.core.AggregationRules;
import org.aima.dossier.core.ChangeEvent;
import org.aima.dossier.core.ChangeEventReader;
import org.aima.dossier.core.ChangeMessage;
import org.aima.dossier.core.Debounce;
import org.aima.dossier.core.Detection;
import org.aima.dossier.core.DocumentReader;
import org.aima.dossier.core.DossierRecount;
import org.aima.dossier.core.DossierTouch;
import org.aima.dossier.core.DossierWrite;
import org.aima.dossier.core.RandomWorld;
import org.aima.dossier.function.RefreshDossiers;
import org.aima.jobs.model.Reject;
import org.aima.jobs.pipeline.WriteGuard;
import org.aima.stores.DocumentStore;
import org.aima.stores.memory.InMemoryDocumentStore;
import org.aima.stores.mongo.MongoKeys;
import org.aima.stores.paging.KeyRange;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.ProcessFunctionTestHarnesses;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.BsonValue;

/** Whatever changes, and however its events come, dossiers end as a rebuild would leave them. */
class RefreshPropertyTest {
    private static final AggregationRules RULES = AggregationRules.DEFAULT;
    private static final Debounce DEBOUNCE = new Debounce(100, 500);
    private static final Map<Integer, DocumentStore> STORES = new ConcurrentHashMap<>();
    private static final int MEDIA = 6;
    private static final int PERSONS = 5;
    private static final int DOSSIERS = 5;

    // One instance serves all tries.
    private DocumentStore store;
    private Random random;
    private int ids;

    @Property(tries = 60)
    void anyOrderOfEventsLeavesWhatARebuildWould(
            @ForAll @IntRange(max = 1_000_000) int seed,
            @ForAll @IntRange(min = 1, max = 12) int changes)
            throws Exception {
        random = new Random(seed);
        store = new InMemoryDocumentStore();
        ids = 0;
        load(seed);
        STORES.put(seed, store);
        try (var harness = opened(seed)) {
            List<String> untold = new ArrayList<>();
            long now = 0;
            for (int i = 0; i < changes; i++) {
                String event = change();
                for (int copies = 1 + random.nextInt(2); copies > 0; copies--) {
                    untold.add(event);
                }
                while (!untold.isEmpty() && random.nextInt(3) == 0) {
                    tell(untold.remove(random.nextInt(untold.size())), harness);
                }
                now += random.nextInt(300);
                harness.setProcessingTime(now);
            }
            while (!untold.isEmpty()) {
                tell(untold.remove(random.nextInt(untold.size())), harness);
            }
            harness.setProcessingTime(now + 500);
            assertThat(harness.extractOutputValues()).isEmpty();
            assertThat(harness.numKeyedStateEntries()).isZero();
            assertThat(harness.numProcessingTimeTimers()).isZero();
            assertThat(harness.numEventTimeTimers()).isZero();
        } finally {
            STORES.remove(seed);
        }
        everyDossierIsWhatARebuildGives();
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, DossierTouch, Reject> opened(
            int seed) throws Exception {
        return ProcessFunctionTestHarnesses.forKeyedProcessFunction(
                new RefreshDossiers(
                        () -> new DossierSources(STORES.get(seed), RULES, Long.MAX_VALUE),
                        () -> new StoreShelf(STORES.get(seed)),
                        WriteGuard.open(),
                        DEBOUNCE,
                        1_000),
                DossierTouch::dossierId,
                Types.STRING);
    }

    private void tell(
            String text,
            KeyedOneInputStreamOperatorTestHarness<String, DossierTouch, Reject> harness)
            throws Exception {
        ChangeEvent event =
                new ChangeEventReader("kafka:test")
                        .read(new ChangeMessage(0, 0, 1, text.getBytes(StandardCharsets.UTF_8)))
                        .event();
        assertThat(event).as(text).isNotNull();
        for (String dossier : new AffectedDossiers(store).find(List.of(event)).dossierIds()) {
            harness.processElement(
                    new StreamRecord<>(new DossierTouch(dossier, DossierTouch.Cause.CHANGE, 1)));
        }
    }

    private void load(int seed) {
        RandomWorld world = new RandomWorld(seed, MEDIA, PERSONS, DOSSIERS);
        store.replace(DossierCollections.MEDIA, world.media);
        store.replace(DossierCollections.RESULTS, world.results);
        store.replace(DossierCollections.PERSONS, world.persons);
        store.replace(DossierCollections.DOSSIERS, world.dossiers);
        DossierRecount recount = recount();
        for (BsonDocument dossier : all(DossierCollections.DOSSIERS)) {
            new StoreShelf(store)
                    .publish(List.of(recount.rebuild(DocumentReader.dossier(dossier))));
        }
    }

    private List<BsonDocument> all(String collection) {
        List<BsonDocument> all = new ArrayList<>();
        for (String scope : List.of(MongoKeys.OBJECT_IDS, MongoKeys.OTHER_TYPES)) {
            store.page(
                            collection,
                            new BsonDocument(),
                            new KeyRange(scope, null, null),
                            Integer.MAX_VALUE)
                    .forEach(d -> all.add(d.clone()));
        }
        return all;
    }

    private DossierRecount recount() {
        DossierRecount recount = new DossierRecount(RULES);
        all(DossierCollections.MEDIA).forEach(d -> recount.add(DocumentReader.medium(d)));
        all(DossierCollections.RESULTS).forEach(d -> recount.add(DocumentReader.result(d)));
        all(DossierCollections.SUMMARIES).forEach(d -> recount.add(DocumentReader.summary(d)));
        all(DossierCollections.PERSONS).forEach(d -> recount.add(DocumentReader.person(d)));
        all(DossierCollections.ALIASES).forEach(d -> recount.add(DocumentReader.alias(d)));
        return recount;
    }

    private void everyDossierIsWhatARebuildGives() {
        DossierRecount recount = recount();
        for (BsonDocument dossier : all(DossierCollections.DOSSIERS)) {
            DossierWrite write = recount.rebuild(DocumentReader.dossier(dossier));
            assertThat(write.kind())
                    .as(write.dossierId() + " " + write.change().told())
                    .isEqualTo(DossierWrite.Kind.UNCHANGED);
        }
    }

    /** Changes something in the stores and gives the event that tells it. */
    private String change() {
        return switch (random.nextInt(9)) {
            case 0 -> addResult();
            case 1 -> changeResult();
            case 2 -> eraseResult();
            case 3 -> archiveResults();
            case 4 -> mergePersons();
            case 5 -> splitPerson();
            case 6 -> erasePerson();
            case 7 -> editDossier();
            default -> changeMedium();
        };
    }

    private static String event(String kind, String field, String id) {
        return "{\"version\":1,\"event\":\"%s\",\"%s\":\"%s\"}".formatted(kind, field, id);
    }

    private static String of(String kind, String person, String other) {
        return "{\"version\":1,\"event\":\"%s\",\"person_id\":\"%s\",\"other_person_ids\":[\"%s\"]}"
                .formatted(kind, person, other);
    }

    private String text(BsonDocument document, String field) {
        return document.getString(field).getValue();
    }

    private BsonDocument any(String collection) {
        List<BsonDocument> all = all(collection);
        return all.isEmpty() ? null : all.get(random.nextInt(all.size()));
    }

    private String nothing() {
        return event("dossier_edited", "dossier_id", "no such dossier");
    }

    private String addResult() {
        String medium = "medium-" + random.nextInt(MEDIA);
        String id = "added-" + ++ids;
        store.replace(
                DossierCollections.RESULTS,
                List.of(
                        new BsonDocument("_id", new BsonString(id))
                                .append("result_id", new BsonString(id))
                                .append("media_id", new BsonString(medium))
                                .append("analysis_type", new BsonString(Detection.FACE))
                                .append("confidence", new BsonDouble(0.5))
                                .append(
                                        "time_range",
                                        new BsonDocument("start_seconds", new BsonDouble(ids))
                                                .append(
                                                        "end_seconds",
                                                        new BsonDouble(ids + 3.5)))));
        BsonDocument person = any(DossierCollections.PERSONS);
        if (person != null) {
            person.getArray("face_embeddings")
                    .add(new BsonDocument("source_result_id", new BsonString(id)));
            store.replace(DossierCollections.PERSONS, List.of(person));
        }
        return event("result_added", "media_id", medium);
    }

    private String changeResult() {
        BsonDocument result = any(DossierCollections.RESULTS);
        if (result == null) {
            return nothing();
        }
        result.put("confidence", new BsonDouble(random.nextInt(1_000) / 1_000.0));
        store.replace(DossierCollections.RESULTS, List.of(result));
        return event("result_changed", "media_id", text(result, "media_id"));
    }

    private String eraseResult() {
        BsonDocument result = any(DossierCollections.RESULTS);
        if (result == null) {
            return nothing();
        }
        store.delete(DossierCollections.RESULTS, List.of(result));
        return event("result_erased", "media_id", text(result, "media_id"));
    }

    private String archiveResults() {
        BsonDocument one = any(DossierCollections.RESULTS);
        if (one == null) {
            return nothing();
        }
        List<BsonDocument> archived =
                all(DossierCollections.RESULTS).stream()
                        .filter(
                                r ->
                                        r.get("media_id").equals(one.get("media_id"))
                                                && r.get("analysis_type")
                                                        .equals(one.get("analysis_type")))
                        .toList();
        BsonArray results = new BsonArray();
        archived.forEach(r -> results.add(r.get("result_id")));
        store.replace(
                DossierCollections.SUMMARIES,
                List.of(
                        new BsonDocument("_id", new BsonString("summary-" + ++ids))
                                .append("media_id", one.get("media_id"))
                                .append("analysis_type", one.get("analysis_type"))
                                .append(
                                        "confidence",
                                        new BsonDocument("mean", new BsonDouble(0.5))
                                                .append("min", new BsonDouble(0.1))
                                                .append("max", new BsonDouble(0.9)))
                                .append("file", new BsonString("file"))
                                .append("row_group", new BsonInt32(0))
                                .append("result_ids", results)));
        store.delete(DossierCollections.RESULTS, archived);
        return event("result_archived", "media_id", text(one, "media_id"));
    }

    private String mergePersons() {
        List<BsonDocument> persons = all(DossierCollections.PERSONS);
        if (persons.size() < 2) {
            return nothing();
        }
        BsonDocument kept = persons.get(random.nextInt(persons.size()));
        BsonDocument gone = persons.get(random.nextInt(persons.size()));
        if (kept.equals(gone)) {
            return nothing();
        }
        for (String members : List.of("face_embeddings", "voice_embeddings")) {
            kept.getArray(members).addAll(gone.getArray(members));
        }
        store.replace(DossierCollections.PERSONS, List.of(kept));
        store.delete(DossierCollections.PERSONS, List.of(gone));
        store.replace(
                DossierCollections.ALIASES,
                List.of(
                        new BsonDocument("_id", new BsonString("alias-" + ++ids))
                                .append("old_id", gone.get("person_id"))
                                .append("new_id", kept.get("person_id"))
                                .append("reason", new BsonString("merge"))));
        return of("person_merged", text(kept, "person_id"), text(gone, "person_id"));
    }

    private String splitPerson() {
        BsonDocument person = any(DossierCollections.PERSONS);
        if (person == null) {
            return nothing();
        }
        String other = "split-" + ++ids;
        BsonDocument split =
                new BsonDocument("_id", new BsonString(other))
                        .append("person_id", new BsonString(other));
        for (String members : List.of("face_embeddings", "voice_embeddings")) {
            BsonArray stay = new BsonArray();
            BsonArray leave = new BsonArray();
            for (BsonValue member : person.getArray(members)) {
                (random.nextBoolean() ? stay : leave).add(member);
            }
            person.put(members, stay);
            split.put(members, leave);
        }
        store.replace(DossierCollections.PERSONS, List.of(person, split));
        return of("person_split", text(person, "person_id"), other);
    }

    private String erasePerson() {
        BsonDocument person = any(DossierCollections.PERSONS);
        if (person == null) {
            return nothing();
        }
        store.delete(DossierCollections.PERSONS, List.of(person));
        return event("person_erased", "person_id", text(person, "person_id"));
    }

    private String editDossier() {
        BsonDocument dossier = any(DossierCollections.DOSSIERS);
        BsonArray media = dossier.getArray("media_items").clone();
        if (media.isEmpty() || random.nextBoolean()) {
            media.add(new BsonString("medium-" + random.nextInt(MEDIA)));
        } else {
            media.remove(random.nextInt(media.size()));
        }
        dossier.put("media_items", media);
        store.replace(DossierCollections.DOSSIERS, List.of(dossier));
        return event("dossier_edited", "dossier_id", text(dossier, "dossier_id"));
    }

    private String changeMedium() {
        BsonDocument medium = any(DossierCollections.MEDIA);
        medium.put("duration_seconds", new BsonDouble(random.nextInt(1_000)));
        store.replace(DossierCollections.MEDIA, List.of(medium));
        return event("media_changed", "media_id", text(medium, "media_id"));
    }
}
