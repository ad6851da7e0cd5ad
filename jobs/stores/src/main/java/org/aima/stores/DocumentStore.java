package org.aima.stores;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.aima.stores.paging.KeyRange;
import org.bson.BsonDocument;
import org.bson.BsonValue;

/** Collections of documents; every method throws {@link StoreException}. */
public interface DocumentStore extends AutoCloseable {

    /** Documents that match a filter of equalities. */
    long count(String collection, BsonDocument filter);

    Optional<BsonDocument> findOne(String collection, BsonDocument filter);

    /**
     * The documents whose field has one of the given values, in no order.
     *
     * @param fields what to read of each besides {@code _id}; empty for all
     */
    List<BsonDocument> findIn(
            String collection, String field, List<? extends BsonValue> values, List<String> fields);

    /** The next documents of a range in ascending order of {@code _id}, at most {@code limit}. */
    List<BsonDocument> page(String collection, BsonDocument filter, KeyRange range, int limit);

    /** Replaces or inserts each document by {@code _id}; unordered, idempotent. */
    Written replace(String collection, List<BsonDocument> documents);

    /** Deletes by {@code _id}; missing ones are no error. */
    void delete(String collection, List<BsonDocument> ids);

    @Override
    void close();

    /**
     * What a bulk write did.
     *
     * @param changed documents inserted or modified
     * @param unchanged documents that were there already
     * @param failed reason by position in the list, for documents the server refused
     */
    record Written(int changed, int unchanged, Map<Integer, String> failed) {}
}
