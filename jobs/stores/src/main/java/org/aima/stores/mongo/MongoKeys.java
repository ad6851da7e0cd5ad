package org.aima.stores.mongo;

import com.mongodb.client.model.Filters;
import java.util.ArrayList;
import java.util.List;
import org.aima.stores.paging.KeyRange;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonObjectId;
import org.bson.BsonString;
import org.bson.BsonType;
import org.bson.BsonValue;
import org.bson.conversions.Bson;
import org.bson.json.JsonMode;
import org.bson.json.JsonWriterSettings;
import org.bson.types.ObjectId;

/**
 * {@code _id}s as the text keys of ranges, and ranges as filters.
 *
 * <p>MongoDB compares only values of one type in {@code $gt} and {@code $lte}; ObjectIds, the usual
 * case, get plain ranges, all other types share one range that is compared by {@code $expr}, which
 * follows the order over all types.
 */
public final class MongoKeys {
    /** Scope of the ranges over ObjectIds. */
    public static final String OBJECT_IDS = "objectId";

    /** Scope of the range over every other type. */
    public static final String OTHER_TYPES = "other";

    private static final JsonWriterSettings CANONICAL =
            JsonWriterSettings.builder().outputMode(JsonMode.EXTENDED).build();

    private MongoKeys() {}

    private static String key(BsonValue id) {
        return id.isObjectId()
                ? id.asObjectId().getValue().toHexString()
                : new BsonDocument("_id", id).toJson(CANONICAL);
    }

    /** The key of a document; every stored document has an {@code _id}. */
    public static String keyOf(BsonDocument document) {
        BsonValue id = document.get("_id");
        if (id == null) {
            throw new IllegalArgumentException("a document without _id");
        }
        return key(id);
    }

    static BsonValue id(String scope, String key) {
        if (OBJECT_IDS.equals(scope)) {
            return new BsonObjectId(new ObjectId(key));
        }
        BsonValue id = BsonDocument.parse(key).get("_id");
        if (id == null) {
            throw new IllegalArgumentException("not a key: " + key);
        }
        return id;
    }

    /** The filter of a range; combine it with the caller's by {@code $and}. */
    static Bson filter(KeyRange range) {
        List<Bson> terms = new ArrayList<>();
        String after = range.after();
        String upTo = range.upTo();
        if (OBJECT_IDS.equals(range.scope())) {
            if (after != null) {
                terms.add(Filters.gt("_id", id(range.scope(), after)));
            }
            if (upTo != null) {
                terms.add(Filters.lte("_id", id(range.scope(), upTo)));
            }
            if (terms.isEmpty()) {
                terms.add(Filters.type("_id", BsonType.OBJECT_ID));
            }
        } else {
            terms.add(Filters.not(Filters.type("_id", BsonType.OBJECT_ID)));
            if (after != null) {
                terms.add(
                        Filters.expr(
                                new BsonDocument(
                                        "$gt",
                                        new BsonArray(
                                                List.of(
                                                        new BsonString("$_id"),
                                                        new BsonDocument(
                                                                "$literal",
                                                                id(range.scope(), after)))))));
            }
        }
        return Filters.and(terms);
    }
}
