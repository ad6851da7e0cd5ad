package org.aima.dossier;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.BulkWriteOptions;
import com.mongodb.client.model.DeleteManyModel;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.ReplaceOneModel;
import com.mongodb.client.model.ReplaceOptions;
import com.mongodb.client.model.UpdateOneModel;
import com.mongodb.client.model.WriteModel;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.aima.dossier.core.AppearancePage;
import org.aima.dossier.core.DossierComposer;
import org.aima.dossier.core.DossierWrite;
import org.aima.dossier.core.MachineContent;
import org.aima.dossier.function.DossierShelf;
import org.aima.jobs.model.BsonBytes;
import org.aima.jobs.pipeline.RunContext;
import org.aima.stores.mongo.MongoAddress;
import org.aima.stores.mongo.MongoConnections;
import org.bson.BsonArray;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;

/**
 * Publishes dossiers in MongoDB.
 *
 * <p>A dossier changes in one update, whose filter names the version and the media it was computed
 * from; people's events are taken over from the document as it is at that moment. Before it, what
 * it replaces is durable.
 */
final class MongoDossierShelf implements DossierShelf {
    private final MongoClient client;
    private final MongoDatabase database;
    private final String runId;
    private final InstantSource clock;
    private final int historyVersions;

    /** All that a run publishes bears the time of its submission. */
    MongoDossierShelf(MongoAddress address, RunContext run, int historyVersions) {
        this(
                address,
                run.runId(),
                InstantSource.fixed(Instant.ofEpochMilli(run.submittedAtMillis())),
                historyVersions);
    }

    MongoDossierShelf(
            MongoAddress address, String runId, InstantSource clock, int historyVersions) {
        this.client = MongoConnections.open(address);
        this.database = client.getDatabase(address.database());
        this.runId = runId;
        this.clock = clock;
        this.historyVersions = historyVersions;
    }

    private MongoCollection<BsonDocument> collection(String name) {
        return database.getCollection(name, BsonDocument.class);
    }

    @Override
    public void storePages(List<AppearancePage> pages) {
        List<WriteModel<BsonDocument>> writes = new ArrayList<>();
        for (AppearancePage page : pages) {
            writes.add(
                    new ReplaceOneModel<>(
                            Filters.eq("_id", page.pageId()),
                            BsonBytes.decode(page.document()),
                            new ReplaceOptions().upsert(true)));
        }
        write(DossierCollections.PAGES, writes);
    }

    private int write(String name, List<? extends WriteModel<BsonDocument>> writes) {
        return MongoConnections.call(
                "write to " + name,
                () ->
                        collection(name)
                                .bulkWrite(writes, new BulkWriteOptions().ordered(false))
                                .getMatchedCount());
    }

    @Override
    public List<Answer> publish(List<DossierWrite> writes) {
        List<WriteModel<BsonDocument>> history = new ArrayList<>();
        List<WriteModel<BsonDocument>> updates = new ArrayList<>();
        long at = clock.millis();
        for (DossierWrite write : writes) {
            history.add(history(write, at));
            updates.add(update(write, at));
        }
        write(DossierCollections.VERSIONS, history);
        List<Answer> answers = new ArrayList<>();
        if (write(DossierCollections.DOSSIERS, updates) == writes.size()) {
            writes.forEach(w -> answers.add(Answer.PUBLISHED));
        } else {
            Map<BsonValue, BsonDocument> found = current(writes);
            for (DossierWrite write : writes) {
                answers.add(answer(write, found.get(id(write))));
            }
        }
        List<DossierWrite> published = new ArrayList<>();
        for (int i = 0; i < writes.size(); i++) {
            if (answers.get(i).published()) {
                published.add(writes.get(i));
            }
        }
        forgetOldest(published);
        removeUnreferencedPages(published);
        return answers;
    }

    private static BsonValue id(DossierWrite write) {
        return Objects.requireNonNull(BsonBytes.decode(write.documentId()).get("_id"));
    }

    private WriteModel<BsonDocument> history(DossierWrite write, long at) {
        BsonString key =
                new BsonString(DossierCollections.versionId(write.dossierId(), write.version()));
        BsonDocument kept = new BsonDocument("_id", key);
        kept.put("dossier_id", new BsonString(write.dossierId()));
        kept.put("version", new BsonInt64(write.version()));
        kept.put("run_id", new BsonString(runId));
        kept.put("at", new BsonDateTime(at));
        kept.put("document_id", id(write));
        kept.put("after_fingerprint", new BsonString(write.fingerprint()));
        kept.put("before", BsonBytes.decode(write.before()));
        return new ReplaceOneModel<>(
                Filters.eq("_id", key), kept, new ReplaceOptions().upsert(true));
    }

    private WriteModel<BsonDocument> update(DossierWrite write, long at) {
        BsonDocument content = BsonBytes.decode(write.content());
        BsonDocument aggregation =
                new BsonDocument("version", new BsonInt64(write.version() + 1))
                        .append("run_id", new BsonString(runId))
                        .append("at", new BsonDateTime(at))
                        .append("fingerprint", new BsonString(write.fingerprint()));
        aggregation.putAll(content.getDocument(MachineContent.MACHINE));
        BsonDocument set = new BsonDocument("persons", literal(content.getArray("persons")));
        set.put("events", events(literal(content.getArray("events"))));
        set.put(DossierCollections.AGGREGATION, literal(aggregation));
        set.put("last_updated", literal(new BsonDateTime(at)));
        return new UpdateOneModel<>(unchanged(write), List.<Bson>of(new BsonDocument("$set", set)));
    }

    static BsonDocument literal(BsonValue value) {
        return new BsonDocument("$literal", value);
    }

    /** People's events as they are now, then those of the machine. */
    static BsonDocument events(BsonValue machines) {
        return new BsonDocument("$concatArrays", new BsonArray(List.of(peoplesEvents(), machines)));
    }

    static BsonDocument peoplesEvents() {
        BsonDocument other =
                new BsonDocument(
                        "$ne",
                        new BsonArray(
                                List.of(
                                        new BsonString("$$event." + MachineContent.ORIGIN),
                                        literal(new BsonString(MachineContent.MACHINE)))));
        BsonDocument filter = new BsonDocument("input", ifNull("$events"));
        filter.put("as", new BsonString("event"));
        filter.put("cond", other);
        return new BsonDocument("$filter", filter);
    }

    private static BsonDocument ifNull(String field) {
        return new BsonDocument(
                "$ifNull", new BsonArray(List.of(new BsonString(field), new BsonArray())));
    }

    /** Names the version and the media that were computed from. */
    private static Bson unchanged(DossierWrite write) {
        BsonDocument media = BsonBytes.decode(write.mediaItems());
        List<Bson> terms = new ArrayList<>();
        terms.add(BsonBytes.decode(write.documentId()));
        terms.add(version(write.version()));
        terms.add(
                media.isEmpty()
                        ? Filters.exists("media_items", false)
                        : Filters.eq("media_items", media.get("media_items")));
        return Filters.and(terms);
    }

    static Bson version(long version) {
        String field = DossierCollections.AGGREGATION + ".version";
        return version == 0
                ? Filters.exists(field, false)
                : Filters.eq(field, new BsonInt64(version));
    }

    private Map<BsonValue, BsonDocument> current(List<DossierWrite> writes) {
        Map<BsonValue, BsonDocument> found = new HashMap<>();
        List<BsonDocument> documents =
                MongoConnections.call(
                        "find dossiers",
                        () ->
                                collection(DossierCollections.DOSSIERS)
                                        .find(
                                                Filters.in(
                                                        "_id",
                                                        writes.stream()
                                                                .map(MongoDossierShelf::id)
                                                                .toList()))
                                        .projection(
                                                Projections.include(
                                                        DossierCollections.AGGREGATION + ".version",
                                                        DossierCollections.AGGREGATION
                                                                + ".fingerprint",
                                                        DossierCollections.AGGREGATION + ".run_id"))
                                        .into(new ArrayList<>()));
        documents.forEach(d -> found.put(Objects.requireNonNull(d.get("_id")), d));
        return found;
    }

    private Answer answer(DossierWrite write, @Nullable BsonDocument now) {
        if (now == null) {
            return new Answer(false, "removed_meanwhile", "the dossier is gone");
        }
        BsonDocument aggregation = MachineContent.aggregation(now);
        long version = MachineContent.version(now);
        if (aggregation != null
                && MachineContent.isOf(now, runId, write.version())
                && new BsonString(write.fingerprint()).equals(aggregation.get("fingerprint"))) {
            return Answer.PUBLISHED;
        }
        return version == write.version()
                ? new Answer(
                        false,
                        "media_changed_meanwhile",
                        "its media were changed during the run; run again")
                : new Answer(
                        false,
                        "published_meanwhile",
                        "it is at version " + version + ", expected " + write.version());
    }

    private void forgetOldest(List<DossierWrite> published) {
        List<WriteModel<BsonDocument>> deletes = new ArrayList<>();
        for (DossierWrite write : published) {
            long oldest = write.version() + 1 - historyVersions;
            if (oldest > 0) {
                deletes.add(
                        new DeleteManyModel<>(
                                Filters.and(
                                        Filters.eq("dossier_id", write.dossierId()),
                                        Filters.lt("version", oldest))));
            }
        }
        if (!deletes.isEmpty()) {
            write(DossierCollections.VERSIONS, deletes);
        }
    }

    private void removeUnreferencedPages(List<DossierWrite> published) {
        Set<String> paged =
                MongoConnections.call(
                        "find pages",
                        () -> {
                            Set<String> ids = new HashSet<>();
                            collection(DossierCollections.PAGES)
                                    .distinct(
                                            "dossier_id",
                                            Filters.in(
                                                    "dossier_id",
                                                    published.stream()
                                                            .map(DossierWrite::dossierId)
                                                            .toList()),
                                            String.class)
                                    .into(ids);
                            return ids;
                        });
        for (DossierWrite write : published) {
            // With more pages than a document can name none is known to be superfluous.
            if (paged.contains(write.dossierId())
                    && write.pageIds().length <= DossierComposer.LISTED_PAGES) {
                Set<String> referenced = new HashSet<>(List.of(write.pageIds()));
                MongoConnections.call(
                                "find versions",
                                () ->
                                        collection(DossierCollections.VERSIONS)
                                                .find(Filters.eq("dossier_id", write.dossierId()))
                                                .projection(
                                                        Projections.include(
                                                                "before.aggregation.pages"))
                                                .into(new ArrayList<>()))
                        .forEach(
                                v ->
                                        referenced.addAll(
                                                MachineContent.pages(
                                                        v.getDocument("before", new BsonDocument())
                                                                .getDocument(
                                                                        MachineContent.MACHINE,
                                                                        new BsonDocument()))));
                MongoConnections.call(
                        "remove pages",
                        () ->
                                collection(DossierCollections.PAGES)
                                        .deleteMany(
                                                Filters.and(
                                                        Filters.eq("dossier_id", write.dossierId()),
                                                        Filters.nin("_id", referenced))));
            }
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
