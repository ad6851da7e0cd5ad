package org.aima.stores.mongo;

import com.mongodb.MongoBulkWriteException;
import com.mongodb.bulk.BulkWriteResult;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.BulkWriteOptions;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.ReplaceOneModel;
import com.mongodb.client.model.ReplaceOptions;
import com.mongodb.client.model.Sorts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.aima.stores.DocumentStore;
import org.aima.stores.paging.KeyRange;
import org.bson.BsonDocument;
import org.bson.BsonValue;

/** Documents in MongoDB; uses no sessions or transactions, so that every deployment serves. */
public final class MongoDocumentStore implements DocumentStore {
    private final MongoClient client;
    private final MongoDatabase database;

    public MongoDocumentStore(MongoAddress address) {
        this.client = MongoConnections.open(address);
        this.database = client.getDatabase(address.database());
    }

    /** For what only MongoDB has: indexes, collections, updates. */
    public MongoDatabase database() {
        return database;
    }

    private MongoCollection<BsonDocument> of(String collection) {
        return database.getCollection(collection, BsonDocument.class);
    }

    @Override
    public long count(String collection, BsonDocument filter) {
        return MongoConnections.call(
                "count of " + collection, () -> of(collection).countDocuments(filter));
    }

    @Override
    public Optional<BsonDocument> findOne(String collection, BsonDocument filter) {
        return MongoConnections.call(
                "find in " + collection,
                () -> Optional.ofNullable(of(collection).find(filter).first()));
    }

    @Override
    public List<BsonDocument> findIn(
            String collection,
            String field,
            List<? extends BsonValue> values,
            List<String> fields) {
        return MongoConnections.call(
                "find in " + collection,
                () ->
                        of(collection)
                                .find(Filters.in(field, values))
                                .projection(fields.isEmpty() ? null : Projections.include(fields))
                                .into(new ArrayList<>()));
    }

    @Override
    public List<BsonDocument> page(
            String collection, BsonDocument filter, KeyRange range, int limit) {
        return MongoConnections.call(
                "page of " + collection,
                () ->
                        of(collection)
                                .find(Filters.and(filter, MongoKeys.filter(range)))
                                .sort(Sorts.ascending("_id"))
                                .limit(limit)
                                .into(new ArrayList<>()));
    }

    @Override
    public Written replace(String collection, List<BsonDocument> documents) {
        if (documents.isEmpty()) {
            return new Written(0, 0, Map.of());
        }
        List<ReplaceOneModel<BsonDocument>> models =
                documents.stream()
                        .map(
                                d ->
                                        new ReplaceOneModel<>(
                                                Filters.eq("_id", d.get("_id")),
                                                d,
                                                new ReplaceOptions().upsert(true)))
                        .toList();
        return MongoConnections.call(
                "write to " + collection,
                () -> {
                    try {
                        return written(
                                of(collection)
                                        .bulkWrite(models, new BulkWriteOptions().ordered(false)),
                                Map.of());
                    } catch (MongoBulkWriteException e) {
                        if (e.getWriteErrors().isEmpty()) {
                            throw e;
                        }
                        Map<Integer, String> failed = new HashMap<>();
                        e.getWriteErrors().forEach(w -> failed.put(w.getIndex(), w.getMessage()));
                        return written(e.getWriteResult(), failed);
                    }
                });
    }

    private static Written written(BulkWriteResult result, Map<Integer, String> failed) {
        int changed = result.getModifiedCount() + result.getUpserts().size();
        return new Written(changed, result.getMatchedCount() - result.getModifiedCount(), failed);
    }

    @Override
    public void delete(String collection, List<BsonDocument> ids) {
        if (!ids.isEmpty()) {
            MongoConnections.call(
                    "delete from " + collection,
                    () ->
                            of(collection)
                                    .deleteMany(
                                            Filters.in(
                                                    "_id",
                                                    ids.stream().map(d -> d.get("_id")).toList())));
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
