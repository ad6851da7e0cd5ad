package org.aima.dossier;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.Sorts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.aima.dossier.core.ContentHash;
import org.aima.dossier.core.MachineContent;
import org.aima.jobs.pipeline.Verification;
import org.aima.stores.mongo.MongoAddress;
import org.aima.stores.mongo.MongoConnections;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/** Reads back what a run published; memory is one batch of dossiers. */
final class DossierVerifier implements AutoCloseable {
    private static final int BATCH = 20;
    private static final int NAMED = 5;

    private final MongoClient client;
    private final MongoDatabase database;
    private final String runId;
    private final List<String> wrong = new ArrayList<>();
    private final List<String> incomplete = new ArrayList<>();
    private long held;
    private long pages;
    private long later;

    DossierVerifier(MongoAddress mongo, String runId) {
        this.client = MongoConnections.open(mongo);
        this.database = client.getDatabase(mongo.database());
        this.runId = runId;
    }

    private MongoCollection<BsonDocument> collection(String name) {
        return database.getCollection(name, BsonDocument.class);
    }

    Verification verify() {
        List<BsonDocument> batch = new ArrayList<>();
        for (BsonDocument kept :
                collection(DossierCollections.VERSIONS)
                        .find(Filters.eq("run_id", runId))
                        .projection(Projections.exclude("before"))
                        .sort(Sorts.ascending("_id"))) {
            batch.add(kept);
            if (batch.size() == BATCH) {
                check(batch);
                batch.clear();
            }
        }
        check(batch);
        return new Verification(
                List.of(
                        check(
                                "every dossier holds what was computed for it",
                                wrong,
                                String.format(
                                        Locale.ROOT,
                                        "%,d read back, %,d changed by later runs or undone",
                                        held,
                                        later)),
                        check(
                                "every page that a dossier refers to is there",
                                incomplete,
                                String.format(Locale.ROOT, "%,d pages", pages))));
    }

    private static Verification.Check check(String name, List<String> found, String detail) {
        return new Verification.Check(
                name,
                found.isEmpty(),
                found.isEmpty()
                        ? detail
                        : found.size()
                                + " are not, such as "
                                + found.subList(0, Math.min(NAMED, found.size())));
    }

    private void check(List<BsonDocument> kept) {
        if (kept.isEmpty()) {
            return;
        }
        Map<BsonValue, BsonDocument> now = new HashMap<>();
        MongoConnections.call(
                        "find dossiers",
                        () ->
                                collection(DossierCollections.DOSSIERS)
                                        .find(
                                                Filters.in(
                                                        "_id",
                                                        kept.stream()
                                                                .map(k -> k.get("document_id"))
                                                                .toList()))
                                        .into(new ArrayList<BsonDocument>()))
                .forEach(d -> now.put(d.get("_id"), d));
        for (BsonDocument version : kept) {
            check(version, now.get(version.get("document_id")));
        }
    }

    private void check(BsonDocument kept, @Nullable BsonDocument now) {
        String dossierId = kept.getString("dossier_id").getValue();
        if (now == null
                || !MachineContent.isOf(now, runId, kept.getNumber("version").longValue())) {
            later++;
            return;
        }
        held++;
        String is = ContentHash.of(MachineContent.stored(now));
        if (!new BsonString(is).equals(kept.get("after_fingerprint"))) {
            wrong.add(dossierId);
        }
        List<String> referenced = MachineContent.pages(MachineContent.aggregation(now));
        if (!referenced.isEmpty()) {
            long found =
                    MongoConnections.call(
                            "count pages",
                            () ->
                                    collection(DossierCollections.PAGES)
                                            .countDocuments(Filters.in("_id", referenced)));
            pages += found;
            if (found != referenced.stream().distinct().count()) {
                incomplete.add(dossierId);
            }
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
