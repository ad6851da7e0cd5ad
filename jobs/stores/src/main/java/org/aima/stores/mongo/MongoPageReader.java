package org.aima.stores.mongo;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Aggregates;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.Sorts;
import java.util.ArrayList;
import java.util.List;
import org.aima.stores.paging.KeyRange;
import org.aima.stores.paging.Page;
import org.aima.stores.paging.PageReader;
import org.bson.BsonDocument;
import org.bson.BsonType;
import org.bson.RawBsonDocument;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;

/**
 * Reads a MongoDB collection by ranges of {@code _id}, with filter and projection pushed down.
 *
 * <p>The sample that chooses the borders only balances the ranges: whatever it returns, they cover
 * every {@code _id}. A page resumes by {@code _id > last}, never by skipping.
 */
public final class MongoPageReader implements PageReader<RawBsonDocument> {
    private static final int ROWS_PER_RANGE = 20_000;
    private static final int MAX_RANGES = 256;
    private static final int SAMPLES_PER_RANGE = 10;
    private static final int PAGE_ROWS = 2_000;
    private static final int PAGE_BYTES = 8 << 20;

    private final MongoClient client;
    private final MongoCollection<RawBsonDocument> collection;
    private final Bson filter;
    private final @Nullable Bson projection;

    /**
     * @param filter an empty document reads everything
     * @param fields to read besides {@code _id}; empty reads all
     */
    public MongoPageReader(
            MongoAddress address, String collection, BsonDocument filter, List<String> fields) {
        this.client = MongoConnections.open(address);
        this.collection =
                client.getDatabase(address.database())
                        .getCollection(collection, RawBsonDocument.class);
        this.filter = filter;
        this.projection = fields.isEmpty() ? null : Projections.include(fields);
    }

    @Override
    public List<KeyRange> ranges() {
        long rows = MongoConnections.call("count", collection::estimatedDocumentCount);
        int wanted = (int) Math.min(MAX_RANGES, Math.max(1, rows / ROWS_PER_RANGE));
        List<KeyRange> ranges = new ArrayList<>();
        String after = null;
        for (String border : borders(wanted)) {
            ranges.add(new KeyRange(MongoKeys.OBJECT_IDS, after, border));
            after = border;
        }
        ranges.add(new KeyRange(MongoKeys.OBJECT_IDS, after, null));
        ranges.add(new KeyRange(MongoKeys.OTHER_TYPES, null, null));
        return ranges;
    }

    private List<String> borders(int ranges) {
        if (ranges < 2) {
            return List.of();
        }
        List<String> sample =
                MongoConnections.call(
                                "sample",
                                () ->
                                        collection
                                                .aggregate(
                                                        List.of(
                                                                Aggregates.sample(
                                                                        ranges * SAMPLES_PER_RANGE),
                                                                Aggregates.match(
                                                                        Filters.type(
                                                                                "_id",
                                                                                BsonType
                                                                                        .OBJECT_ID)),
                                                                Aggregates.project(
                                                                        Projections.include(
                                                                                "_id"))))
                                                .map(d -> MongoKeys.keyOf(d))
                                                .into(new ArrayList<>()))
                        .stream()
                        .distinct()
                        .sorted()
                        .toList();
        List<String> borders = new ArrayList<>();
        for (int i = 1; i < ranges && !sample.isEmpty(); i++) {
            String border = sample.get((int) ((long) i * sample.size() / ranges));
            if (borders.isEmpty() || border.compareTo(borders.get(borders.size() - 1)) > 0) {
                borders.add(border);
            }
        }
        return borders;
    }

    @Override
    public Page<RawBsonDocument> read(KeyRange range) {
        return MongoConnections.call("page", () -> readOnce(range));
    }

    private Page<RawBsonDocument> readOnce(KeyRange range) {
        List<Page.Keyed<RawBsonDocument>> rows = new ArrayList<>();
        int bytes = 0;
        try (var cursor =
                collection
                        .find(Filters.and(filter, MongoKeys.filter(range)))
                        .projection(projection)
                        .sort(Sorts.ascending("_id"))
                        .hint(new BsonDocument("_id", new org.bson.BsonInt32(1)))
                        .limit(PAGE_ROWS)
                        .batchSize(PAGE_ROWS)
                        .iterator()) {
            while (cursor.hasNext() && bytes < PAGE_BYTES) {
                RawBsonDocument document = cursor.next();
                bytes += document.getByteBuffer().remaining();
                rows.add(new Page.Keyed<>(MongoKeys.keyOf(document), document));
            }
            boolean more = rows.size() == PAGE_ROWS || cursor.hasNext();
            return new Page<>(
                    rows, more ? range.resumeAfter(rows.get(rows.size() - 1).key()) : null);
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
