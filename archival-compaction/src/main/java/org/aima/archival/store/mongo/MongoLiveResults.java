package org.aima.archival.store.mongo;

import com.mongodb.ErrorCategory;
import com.mongodb.MongoBulkWriteException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.BulkWriteOptions;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.InsertManyOptions;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.ReplaceOneModel;
import com.mongodb.client.model.ReplaceOptions;
import com.mongodb.client.model.UpdateOneModel;
import com.mongodb.client.model.UpdateOptions;
import com.mongodb.client.model.Updates;
import com.mongodb.client.model.WriteModel;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.aima.archival.core.CanonicalBson;
import org.aima.archival.core.ErasedSubject;
import org.aima.archival.core.RestoredFrom;
import org.aima.archival.core.ResultFields;
import org.aima.archival.store.LiveResults;
import org.aima.jobs.error.Failure;
import org.aima.stores.StoreException;
import org.aima.stores.mongo.MongoAddress;
import org.aima.stores.mongo.MongoConnections;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.bson.Document;
import org.bson.RawBsonDocument;
import org.bson.conversions.Bson;

/** Live results in MongoDB; no sessions or transactions, so that every deployment serves. */
public final class MongoLiveResults implements LiveResults {
    public static final String RESULTS = "analysis_results";
    public static final String SUMMARIES = "analysis_summaries";
    public static final String TOMBSTONES = "archive_tombstones";
    public static final String SUPERSEDED = "archive_superseded";
    public static final String HEADS = "archive_heads";

    // Short enough to stay below the 100 ms from which the server logs a statement with all in it.
    private static final int DELETE_ROWS = 500;
    private static final int DELETE_BYTES = 4 << 20;
    private static final int IDS_PER_QUERY = 1_000;
    private static final int ANSWER_BYTES = 8 << 20;

    private final MongoClient client;
    private final MongoDatabase database;
    private final MongoCollection<RawBsonDocument> results;
    private final MongoCollection<BsonDocument> summaries;

    public MongoLiveResults(MongoAddress address) {
        this.client = MongoConnections.open(address);
        this.database = client.getDatabase(address.database());
        this.results = database.getCollection(RESULTS, RawBsonDocument.class);
        this.summaries = database.getCollection(SUMMARIES, BsonDocument.class);
    }

    /** A document's bytes, copied. */
    public static byte[] bytes(RawBsonDocument document) {
        ByteBuffer buffer = document.getByteBuffer().asNIO();
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    @Override
    public List<Fate> deleteUnchanged(List<byte[]> archived) {
        List<Fate> fates = new ArrayList<>(archived.size());
        for (int from = 0; from < archived.size(); ) {
            int to = from;
            int size = 0;
            while (to < archived.size()
                    && to - from < IDS_PER_QUERY
                    && (to == from || size + archived.get(to).length <= ANSWER_BYTES)) {
                size += archived.get(to).length;
                to++;
            }
            fates.addAll(delete(archived.subList(from, to)));
            from = to;
        }
        return fates;
    }

    private List<Fate> delete(List<byte[]> archived) {
        Map<ByteBuffer, byte[]> live = live(archived);
        Fate[] fates = new Fate[archived.size()];
        List<Integer> equal = new ArrayList<>();
        for (int i = 0; i < fates.length; i++) {
            byte[] now = live.get(CanonicalBson.idOf(archived.get(i)));
            if (now == null) {
                fates[i] = Fate.GONE;
            } else if (Arrays.equals(RestoredFrom.strip(now), archived.get(i))) {
                equal.add(i);
            } else {
                fates[i] = Fate.CHANGED;
            }
        }
        for (int from = 0; from < equal.size(); ) {
            int to = from;
            int size = 0;
            while (to < equal.size()
                    && to - from < DELETE_ROWS
                    && (to == from || size + archived.get(equal.get(to)).length <= DELETE_BYTES)) {
                size += archived.get(equal.get(to)).length;
                to++;
            }
            deleteEqual(archived, equal.subList(from, to), live, fates);
            from = to;
        }
        return Arrays.asList(fates);
    }

    private void deleteEqual(
            List<byte[]> archived,
            List<Integer> chunk,
            Map<ByteBuffer, byte[]> live,
            Fate[] fates) {
        BsonArray ids = new BsonArray();
        BsonArray documents = new BsonArray();
        BsonArray sizes = new BsonArray();
        List<byte[]> asked = new ArrayList<>();
        for (int i : chunk) {
            byte[] now = Objects.requireNonNull(live.get(CanonicalBson.idOf(archived.get(i))));
            RawBsonDocument document = new RawBsonDocument(now);
            ids.add(document.get("_id"));
            documents.add(document);
            sizes.add(new BsonInt32(now.length));
            asked.add(archived.get(i));
            fates[i] = Fate.DELETED;
        }
        noteEarlierRows(chunk, archived, live);
        long deleted =
                MongoConnections.call(
                        "delete of archived results",
                        () ->
                                results.deleteMany(
                                                Filters.and(
                                                        new BsonDocument(
                                                                "_id",
                                                                new BsonDocument("$in", ids)),
                                                        unchanged(ids, sizes, documents)))
                                        .getDeletedCount());
        if (deleted < chunk.size()) {
            Map<ByteBuffer, byte[]> left = live(asked);
            for (int i : chunk) {
                if (left.containsKey(CanonicalBson.idOf(archived.get(i)))) {
                    fates[i] = Fate.CHANGED;
                }
            }
        }
    }

    /**
     * The whole document is part of the filter: what changed since it was fetched stays. The server
     * looks a document's counterpart up by {@code _id} in a table it makes of the list once, so a
     * long list costs no more a document than a short one. Sizes tell an int32 from an int64, which
     * are equal by value.
     */
    private static BsonDocument unchanged(BsonArray ids, BsonArray sizes, BsonArray documents) {
        BsonDocument position =
                operator("$indexOfArray", operator("$literal", ids), new BsonString("$_id"));
        BsonValue same =
                operator(
                        "$and",
                        equal(operator("$bsonSize", new BsonString("$$ROOT")), sizes),
                        equal(new BsonString("$$ROOT"), documents));
        return operator(
                "$expr",
                operator(
                        "$let",
                        new BsonDocument("vars", new BsonDocument("i", position))
                                .append("in", same)));
    }

    private static BsonDocument equal(BsonValue found, BsonArray expected) {
        return operator(
                "$eq",
                found,
                operator("$arrayElemAt", operator("$literal", expected), new BsonString("$$i")));
    }

    private static BsonDocument operator(String name, BsonValue operand) {
        return new BsonDocument(name, operand);
    }

    private static BsonDocument operator(String name, BsonValue first, BsonValue second) {
        return new BsonDocument(name, new BsonArray(List.of(first, second)));
    }

    /** What was restored and is archived again leaves an older row in the file it came from. */
    private void noteEarlierRows(
            List<Integer> chunk, List<byte[]> archived, Map<ByteBuffer, byte[]> live) {
        Map<String, List<String>> earlier = new HashMap<>();
        for (int i : chunk) {
            byte[] now = live.get(CanonicalBson.idOf(archived.get(i)));
            if (now != null && now.length != archived.get(i).length) {
                RestoredFrom.in(now)
                        .ifPresent(
                                from ->
                                        earlier.computeIfAbsent(from.key(), k -> new ArrayList<>())
                                                .add(
                                                        String.valueOf(
                                                                ResultFields.of(now).resultId())));
            }
        }
        earlier.forEach(this::noteSuperseded);
    }

    /** The present documents with the {@code _id}s of the given ones. */
    private Map<ByteBuffer, byte[]> live(List<byte[]> archived) {
        BsonArray ids = new BsonArray();
        archived.forEach(a -> ids.add(new RawBsonDocument(a).get("_id")));
        return MongoConnections.call(
                "find of archived results",
                () -> {
                    Map<ByteBuffer, byte[]> found = new HashMap<>();
                    try (var cursor =
                            results.find(new BsonDocument("_id", new BsonDocument("$in", ids)))
                                    .batchSize(IDS_PER_QUERY)
                                    .iterator()) {
                        while (cursor.hasNext()) {
                            byte[] document = bytes(cursor.next());
                            found.put(CanonicalBson.idOf(document), document);
                        }
                    }
                    return found;
                });
    }

    @Override
    public List<Boolean> insertMissing(List<byte[]> documents) {
        Boolean[] inserted = new Boolean[documents.size()];
        Arrays.fill(inserted, true);
        if (documents.isEmpty()) {
            return List.of();
        }
        List<RawBsonDocument> raw = documents.stream().map(RawBsonDocument::new).toList();
        MongoConnections.call(
                "insert of restored results",
                () -> {
                    try {
                        return results.insertMany(raw, new InsertManyOptions().ordered(false));
                    } catch (MongoBulkWriteException e) {
                        if (e.getWriteErrors().isEmpty()) {
                            throw e;
                        }
                        e.getWriteErrors()
                                .forEach(
                                        w -> {
                                            if (ErrorCategory.fromErrorCode(w.getCode())
                                                    != ErrorCategory.DUPLICATE_KEY) {
                                                throw new StoreException(
                                                        Failure.FATAL,
                                                        "MongoDB refused a restored result: "
                                                                + w.getMessage(),
                                                        e);
                                            }
                                            inserted[w.getIndex()] = false;
                                        });
                        return null;
                    }
                });
        return Arrays.asList(inserted);
    }

    @Override
    public void replaceSummaries(String key, List<BsonDocument> documents) {
        BsonArray ids = new BsonArray();
        List<WriteModel<BsonDocument>> writes = new ArrayList<>();
        for (BsonDocument document : documents) {
            BsonValue id = document.get("_id");
            ids.add(id);
            writes.add(
                    new ReplaceOneModel<>(
                            new BsonDocument("_id", id),
                            document,
                            new ReplaceOptions().upsert(true)));
        }
        for (int from = 0; from < writes.size(); from += IDS_PER_QUERY) {
            List<WriteModel<BsonDocument>> batch =
                    writes.subList(from, Math.min(writes.size(), from + IDS_PER_QUERY));
            MongoConnections.call(
                    "write of summaries",
                    () -> summaries.bulkWrite(batch, new BulkWriteOptions().ordered(false)));
        }
        // Read and compared here: tens of thousands of ids do not fit a filter.
        Set<BsonValue> wanted = new LinkedHashSet<>(ids.getValues());
        List<BsonValue> stale = new ArrayList<>();
        MongoConnections.call(
                "find of summaries",
                () -> {
                    stale.clear();
                    summaries
                            .find(Filters.eq("file", key))
                            .projection(Projections.include("_id"))
                            .forEach(
                                    d -> {
                                        BsonValue id = d.get("_id");
                                        if (!wanted.contains(id)) {
                                            stale.add(id);
                                        }
                                    });
                    return stale;
                });
        for (int from = 0; from < stale.size(); from += IDS_PER_QUERY) {
            List<BsonValue> batch =
                    stale.subList(from, Math.min(stale.size(), from + IDS_PER_QUERY));
            MongoConnections.call(
                    "delete of summaries", () -> summaries.deleteMany(Filters.in("_id", batch)));
        }
    }

    @Override
    public void dropSummaries(Collection<String> keys) {
        if (!keys.isEmpty()) {
            MongoConnections.call(
                    "delete of summaries", () -> summaries.deleteMany(Filters.in("file", keys)));
        }
    }

    @Override
    public List<BsonDocument> summariesOf(Collection<String> resultIds) {
        return MongoConnections.call(
                "find of summaries",
                () -> summaries.find(Filters.in("result_ids", resultIds)).into(new ArrayList<>()));
    }

    @Override
    public Set<String> filesOf(Collection<String> mediaIds, Collection<String> personIds) {
        Bson filter =
                Filters.or(Filters.in("media_id", mediaIds), Filters.in("persons", personIds));
        return MongoConnections.call(
                "find of summaries",
                () -> summaries.distinct("file", filter, String.class).into(new LinkedHashSet<>()));
    }

    @Override
    public void markRestored(Map<String, List<String>> resultIdsBySummary, boolean restored) {
        List<WriteModel<BsonDocument>> writes = new ArrayList<>();
        resultIdsBySummary.forEach(
                (id, resultIds) -> {
                    Document ids = new Document("$literal", resultIds);
                    Document present =
                            new Document("$ifNull", List.of("$restored", Collections.emptyList()));
                    Document after =
                            new Document(
                                    restored ? "$setUnion" : "$setDifference",
                                    List.of(present, ids));
                    writes.add(
                            new UpdateOneModel<>(
                                    Filters.eq("_id", id),
                                    List.of(
                                            new Document("$set", new Document("restored", after)),
                                            new Document(
                                                    "$set",
                                                    new Document(
                                                            "count",
                                                            new Document(
                                                                    "$toLong",
                                                                    new Document(
                                                                            "$subtract",
                                                                            List.of(
                                                                                    new Document(
                                                                                            "$size",
                                                                                            "$result_ids"),
                                                                                    new Document(
                                                                                            "$size",
                                                                                            "$restored")))))))));
                });
        if (!writes.isEmpty()) {
            MongoConnections.call(
                    "update of summaries",
                    () -> summaries.bulkWrite(writes, new BulkWriteOptions().ordered(false)));
        }
    }

    @Override
    public Set<String> restored(Collection<String> keys) {
        if (keys.isEmpty()) {
            return Set.of();
        }
        return MongoConnections.call(
                "find of restored results",
                () ->
                        summaries
                                .distinct("restored", Filters.in("file", keys), String.class)
                                .into(new LinkedHashSet<>()));
    }

    @Override
    public void noteSuperseded(String key, Collection<String> resultIds) {
        List<UpdateOneModel<Document>> writes =
                resultIds.stream()
                        .map(
                                id ->
                                        new UpdateOneModel<Document>(
                                                Filters.eq("_id", key + "#" + id),
                                                Updates.combine(
                                                        Updates.setOnInsert("file", key),
                                                        Updates.setOnInsert("result_id", id)),
                                                new UpdateOptions().upsert(true)))
                        .toList();
        if (!writes.isEmpty()) {
            MongoConnections.call(
                    "note of superseded rows",
                    () ->
                            database.getCollection(SUPERSEDED)
                                    .bulkWrite(writes, new BulkWriteOptions().ordered(false)));
        }
    }

    @Override
    public Set<String> superseded(String key) {
        return MongoConnections.call(
                "find of superseded rows",
                () ->
                        database.getCollection(SUPERSEDED)
                                .find(Filters.eq("file", key))
                                .map(d -> d.getString("result_id"))
                                .into(new LinkedHashSet<>()));
    }

    @Override
    public Set<String> filesWithSuperseded() {
        return MongoConnections.call(
                "find of superseded rows",
                () ->
                        database.getCollection(SUPERSEDED)
                                .distinct("file", String.class)
                                .into(new LinkedHashSet<>()));
    }

    @Override
    public void forgetSuperseded(Collection<String> keys) {
        if (!keys.isEmpty()) {
            MongoConnections.call(
                    "delete of superseded rows",
                    () -> database.getCollection(SUPERSEDED).deleteMany(Filters.in("file", keys)));
        }
    }

    @Override
    public void entomb(Collection<ErasedSubject> subjects, String run, long atMillis) {
        List<UpdateOneModel<Document>> writes =
                subjects.stream()
                        .map(
                                s ->
                                        new UpdateOneModel<Document>(
                                                Filters.eq("_id", s.key()),
                                                Updates.combine(
                                                        Updates.setOnInsert("kind", s.kind()),
                                                        Updates.setOnInsert("run_id", run),
                                                        Updates.setOnInsert(
                                                                "at", new Date(atMillis))),
                                                new UpdateOptions().upsert(true)))
                        .toList();
        for (int from = 0; from < writes.size(); from += IDS_PER_QUERY) {
            List<UpdateOneModel<Document>> batch =
                    writes.subList(from, Math.min(writes.size(), from + IDS_PER_QUERY));
            MongoConnections.call(
                    "write of tombstones",
                    () ->
                            database.getCollection(TOMBSTONES)
                                    .bulkWrite(batch, new BulkWriteOptions().ordered(false)));
        }
    }

    @Override
    public Set<String> entombed(Collection<String> keys) {
        if (keys.isEmpty()) {
            return Set.of();
        }
        return MongoConnections.call(
                "find of tombstones",
                () ->
                        database.getCollection(TOMBSTONES)
                                .find(Filters.in("_id", keys))
                                .map(d -> d.getString("_id"))
                                .into(new LinkedHashSet<>()));
    }

    @Override
    public void noteHead(String bucket, long number, String sha256) {
        // The id carries the number: of two late writers neither can take the newer note back.
        MongoConnections.call(
                "note of the newest manifest",
                () ->
                        database.getCollection(HEADS)
                                .updateOne(
                                        Filters.eq("_id", bucket + "/" + number),
                                        Updates.combine(
                                                Updates.setOnInsert("bucket", bucket),
                                                Updates.setOnInsert("number", number),
                                                Updates.setOnInsert("sha256", sha256)),
                                        new UpdateOptions().upsert(true)));
    }

    @Override
    public Optional<Head> head(String bucket) {
        return MongoConnections.call(
                "look up of the newest manifest",
                () ->
                        Optional.ofNullable(
                                        database.getCollection(HEADS)
                                                .find(Filters.eq("bucket", bucket))
                                                .sort(new Document("number", -1))
                                                .first())
                                .map(d -> new Head(d.getLong("number"), d.getString("sha256"))));
    }

    @Override
    public void close() {
        client.close();
    }
}
