package org.aima.dossier;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Sorts;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.aima.dossier.core.ContentHash;
import org.aima.dossier.core.DossierComposer;
import org.aima.dossier.core.MachineContent;
import org.aima.jobs.pipeline.Undoing;
import org.aima.jobs.pipeline.WriteGuard;
import org.aima.stores.mongo.MongoAddress;
import org.aima.stores.mongo.MongoConnections;
import org.bson.BsonArray;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;

/**
 * Gives dossiers back the content that a run replaced; people's later edits stay.
 *
 * <p>Looks at everything first: when any dossier's content was changed since, nothing is restored.
 * Idempotent, so an undo that was killed is repeated.
 */
final class DossierUndo implements AutoCloseable {
    private static final int LISTED = 20;

    private final MongoClient client;
    private final MongoDatabase database;
    private final WriteGuard guard;
    private final String runId;
    private final Consumer<String> rewritten;
    private final List<String> conflicts = new ArrayList<>();
    private long restored;
    private long already;
    private long gone;
    private long conflicting;

    /**
     * @param rewritten told the id of each dossier that got its former content back
     */
    DossierUndo(MongoAddress mongo, WriteGuard guard, String runId, Consumer<String> rewritten) {
        this.client = MongoConnections.open(mongo);
        this.database = client.getDatabase(mongo.database());
        this.guard = guard;
        this.runId = runId;
        this.rewritten = rewritten;
    }

    private MongoCollection<BsonDocument> collection(String name) {
        return database.getCollection(name, BsonDocument.class);
    }

    Undoing undo() {
        pass(false);
        if (conflicting == 0) {
            restored = 0;
            already = 0;
            gone = 0;
            pass(true);
        } else {
            restored = 0;
        }
        return new Undoing(restored, already, gone, conflicting, conflicts);
    }

    private void pass(boolean write) {
        for (BsonDocument kept :
                collection(DossierCollections.VERSIONS)
                        .find(Filters.eq("run_id", runId))
                        .sort(Sorts.ascending("_id"))) {
            dossier(kept, write);
        }
    }

    private void dossier(BsonDocument kept, boolean write) {
        BsonValue id = Objects.requireNonNull(kept.get("document_id"));
        BsonDocument now =
                MongoConnections.call(
                        "find dossier",
                        () ->
                                collection(DossierCollections.DOSSIERS)
                                        .find(Filters.eq("_id", id))
                                        .first());
        long before = kept.getNumber("version").longValue();
        if (now == null) {
            gone++;
        } else if (MachineContent.version(now) == before) {
            already++;
        } else if (isTheRuns(kept, now)) {
            restored++;
            if (write) {
                restore(kept, now);
            }
        } else {
            conflicting++;
            if (conflicts.size() < LISTED) {
                conflicts.add(
                        "dossier "
                                + kept.getString("dossier_id").getValue()
                                + " was changed since: it is at version "
                                + MachineContent.version(now));
            }
        }
    }

    private boolean isTheRuns(BsonDocument kept, BsonDocument now) {
        return MachineContent.isOf(now, runId, kept.getNumber("version").longValue())
                && new BsonString(ContentHash.of(MachineContent.stored(now)))
                        .equals(kept.get("after_fingerprint"));
    }

    private void restore(BsonDocument kept, BsonDocument now) {
        BsonDocument before = kept.getDocument("before");
        BsonDocument set = new BsonDocument();
        BsonArray unset = new BsonArray();
        restore("persons", before.get("persons"), set, unset);
        boolean onlyTheMachines =
                before.containsKey(DossierComposer.WITHOUT_METADATA)
                        && now.getDocument("metadata").size() == 1;
        restore(
                onlyTheMachines ? "metadata" : DossierCollections.AGGREGATION,
                before.get(MachineContent.MACHINE),
                set,
                unset);
        if (before.get("events") instanceof BsonArray events) {
            set.put("events", events(before, events));
        } else if (MachineContent.events(now, false).isEmpty()) {
            unset.add(new BsonString("events"));
        } else {
            set.put("events", MongoDossierShelf.peoplesEvents());
        }
        BsonValue updated = before.get("last_updated");
        BsonDateTime runs = new BsonDateTime(kept.getDateTime("at").getValue());
        if (updated != null) {
            set.put(
                    "last_updated",
                    condition("$last_updated", runs, MongoDossierShelf.literal(updated)));
        } else if (runs.equals(now.get("last_updated"))) {
            unset.add(new BsonString("last_updated"));
        }
        List<Bson> pipeline = new ArrayList<>();
        if (!set.isEmpty()) {
            pipeline.add(new BsonDocument("$set", set));
        }
        if (!unset.isEmpty()) {
            pipeline.add(new BsonDocument("$unset", unset));
        }
        guard.check();
        MongoConnections.call(
                "undo of a dossier",
                () ->
                        collection(DossierCollections.DOSSIERS)
                                .updateOne(
                                        Filters.and(
                                                Filters.eq("_id", now.get("_id")),
                                                MongoDossierShelf.version(
                                                        MachineContent.version(now))),
                                        pipeline));
        rewritten.accept(kept.getString("dossier_id").getValue());
    }

    private static void restore(
            String field, @Nullable BsonValue before, BsonDocument set, BsonArray unset) {
        if (before == null) {
            unset.add(new BsonString(field));
        } else {
            set.put(field, MongoDossierShelf.literal(before));
        }
    }

    /**
     * The former events as they were, or, when people's were changed since, those with the rest.
     */
    private static BsonDocument events(BsonDocument before, BsonArray events) {
        BsonArray peoples = MachineContent.events(before, false);
        BsonDocument equal =
                new BsonDocument(
                        "$eq",
                        new BsonArray(
                                List.of(
                                        MongoDossierShelf.peoplesEvents(),
                                        MongoDossierShelf.literal(peoples))));
        return new BsonDocument(
                "$cond",
                new BsonArray(
                        List.of(
                                equal,
                                MongoDossierShelf.literal(events),
                                MongoDossierShelf.events(
                                        MongoDossierShelf.literal(
                                                MachineContent.events(before, true))))));
    }

    private static BsonDocument condition(String field, BsonValue value, BsonValue then) {
        BsonDocument equal =
                new BsonDocument(
                        "$eq",
                        new BsonArray(
                                List.of(new BsonString(field), MongoDossierShelf.literal(value))));
        return new BsonDocument(
                "$cond", new BsonArray(List.of(equal, then, new BsonString(field))));
    }

    @Override
    public void close() {
        client.close();
    }
}
