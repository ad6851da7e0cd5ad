package org.aima.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.InsertManyOptions;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.aima.stores.mongo.MongoConnections;
import org.aima.stores.mongo.MongoPageReader;
import org.aima.stores.paging.KeyRange;
import org.aima.stores.paging.Page;
import org.aima.testkit.servers.RealStores;
import org.bson.BsonBinary;
import org.bson.BsonBoolean;
import org.bson.BsonDateTime;
import org.bson.BsonDecimal128;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonMaxKey;
import org.bson.BsonMinKey;
import org.bson.BsonNull;
import org.bson.BsonObjectId;
import org.bson.BsonRegularExpression;
import org.bson.BsonString;
import org.bson.BsonTimestamp;
import org.bson.BsonValue;
import org.bson.RawBsonDocument;
import org.bson.json.JsonMode;
import org.bson.json.JsonWriterSettings;
import org.bson.types.Decimal128;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The contract on MongoDB: text keys, and what only its many types of {@code _id} can break. */
class MongoPageReaderITCase extends PageReaderContract {
    @RegisterExtension static final RealStores STORES = new RealStores();
    private static final AtomicInteger COLLECTIONS = new AtomicInteger();
    private static final BsonDocument ALL = new BsonDocument();
    private static MongoClient client;

    @BeforeAll
    static void open() {
        client = MongoConnections.open(STORES.mongo());
    }

    @AfterAll
    static void close() {
        client.close();
    }

    @Override
    protected Stored store(Map<String, List<String>> keysByScope) {
        List<BsonValue> ids = new ArrayList<>();
        keysByScope.values().forEach(keys -> keys.forEach(k -> ids.add(new BsonString(k))));
        return stored(ids, ALL, List.of());
    }

    private static Stored stored(List<BsonValue> ids, BsonDocument filter, List<String> fields) {
        String name = insert(ids);
        return new Stored(
                new MongoPageReader(STORES.mongo(), name, filter, fields),
                ids.stream().map(MongoPageReaderITCase::identity).toList());
    }

    private static String insert(List<BsonValue> ids) {
        String name = "c" + COLLECTIONS.incrementAndGet();
        MongoCollection<BsonDocument> collection = collection(name);
        if (!ids.isEmpty()) {
            collection.insertMany(
                    ids.stream()
                            .map(id -> new BsonDocument("_id", id).append("n", new BsonInt32(1)))
                            .toList(),
                    new InsertManyOptions().ordered(false));
        }
        return name;
    }

    private static MongoCollection<BsonDocument> collection(String name) {
        return client.getDatabase(STORES.mongo().database())
                .getCollection(name, BsonDocument.class);
    }

    private static String identity(BsonValue id) {
        return id.isObjectId()
                ? "objectId/" + id.asObjectId().getValue().toHexString()
                : "other/"
                        + new BsonDocument("_id", id)
                                .toJson(
                                        JsonWriterSettings.builder()
                                                .outputMode(JsonMode.EXTENDED)
                                                .build());
    }

    @Override
    protected List<String> scopes() {
        return List.of("_id");
    }

    @Override
    protected int rowsBeyondOnePage() {
        return 5_000;
    }

    private static List<BsonValue> mixed() {
        List<BsonValue> ids = new ArrayList<>();
        for (int i = 0; i < 2_300; i++) {
            ids.add(new BsonObjectId(new ObjectId("%024x".formatted(i * 7919L))));
            ids.add(new BsonString("k" + i));
            if (i % 10 == 0) {
                ids.add(new BsonInt32(i));
                ids.add(new BsonInt64(1L << 40 | i));
                ids.add(new BsonDouble(i + 0.5));
                ids.add(new BsonDecimal128(Decimal128.parse(i + ".25")));
                ids.add(new BsonDateTime(i));
                ids.add(new BsonBinary(new byte[] {(byte) i, (byte) (i >> 8)}));
                ids.add(new BsonDocument("media", new BsonString("m" + i)));
                ids.add(new BsonTimestamp(i, 1));
            }
        }
        ids.add(new BsonBinary(java.util.UUID.fromString("00112233-4455-6677-8899-aabbccddeeff")));
        ids.add(new BsonDouble(Double.NaN));
        ids.add(new BsonDouble(Double.POSITIVE_INFINITY));
        ids.add(new BsonDouble(Double.NEGATIVE_INFINITY));
        ids.add(new BsonInt64(Long.MIN_VALUE));
        ids.add(new BsonInt64(Long.MAX_VALUE));
        ids.add(new BsonDateTime(Long.MIN_VALUE));
        ids.add(new BsonDateTime(new Date(Long.MAX_VALUE).getTime()));
        ids.add(new BsonString(""));
        ids.add(new BsonString("\ud83d\ude00"));
        ids.add(new BsonString("\uff5e"));
        ids.add(BsonBoolean.TRUE);
        ids.add(BsonBoolean.FALSE);
        ids.add(BsonNull.VALUE);
        ids.add(new BsonMinKey());
        ids.add(new BsonMaxKey());
        ids.add(new BsonDocument());
        return ids;
    }

    @Test
    void idsOfEveryTypeAreReadOnce() {
        Stored stored = stored(mixed(), ALL, List.of());
        try (var reader = stored.reader()) {
            List<String> read = new ArrayList<>();
            for (KeyRange range : reader.ranges()) {
                KeyRange rest = range;
                while (rest != null) {
                    Page<?> page = reader.read(rest);
                    page.rows().forEach(r -> read.add(range.scope() + "/" + r.key()));
                    rest = page.rest();
                }
            }
            assertThat(read.stream().sorted().toList())
                    .isEqualTo(stored.identities().stream().sorted().toList());
        }
    }

    @Test
    void readingResumesBehindAnIdOfAnyType() {
        Stored stored = stored(mixed().subList(0, 400), ALL, List.of());
        try (var reader = stored.reader()) {
            for (KeyRange range : reader.ranges()) {
                List<String> whole =
                        reader.read(range).rows().stream().map(Page.Keyed::key).toList();
                for (int i = 0; i < whole.size(); i += 7) {
                    assertThat(reader.read(range.resumeAfter(whole.get(i))).rows())
                            .as("rows behind %s", whole.get(i))
                            .extracting(Page.Keyed::key)
                            .isEqualTo(whole.subList(i + 1, whole.size()));
                }
            }
        }
    }

    @Test
    void manyObjectIdsAreCutIntoSeveralRanges() {
        List<BsonValue> ids = new ArrayList<>();
        for (int i = 0; i < 60_000; i++) {
            // Skewed: nine of ten ids come from one second.
            long high = i % 10 == 0 ? i : 7;
            ids.add(new BsonObjectId(new ObjectId("%08x%016x".formatted(high, i))));
        }
        Stored stored = stored(ids, ALL, List.of());
        try (var reader = stored.reader()) {
            List<KeyRange> ranges = reader.ranges();
            assertThat(ranges).filteredOn(r -> r.scope().equals("objectId")).hasSizeGreaterThan(2);
            List<String> read = new ArrayList<>();
            for (KeyRange range : ranges) {
                KeyRange rest = range;
                while (rest != null) {
                    Page<?> page = reader.read(rest);
                    page.rows().forEach(r -> read.add(range.scope() + "/" + r.key()));
                    rest = page.rest();
                }
            }
            assertThat(read.stream().sorted().toList())
                    .isEqualTo(stored.identities().stream().sorted().toList());
        }
    }

    @Test
    void filterAndFieldsArePushedDown() {
        String name = insert(mixed().subList(0, 40));
        collection(name).insertOne(new BsonDocument("_id", new BsonString("other")));
        try (var reader =
                new MongoPageReader(
                        STORES.mongo(),
                        name,
                        new BsonDocument("n", new BsonInt32(1)),
                        List.of("x"))) {
            List<RawBsonDocument> rows = new ArrayList<>();
            for (KeyRange range : reader.ranges()) {
                reader.read(range).rows().forEach(r -> rows.add(r.value()));
            }
            assertThat(rows).hasSize(40).allMatch(d -> d.keySet().equals(java.util.Set.of("_id")));
        }
    }

    @Test
    void pagesAreBoundedInBytes() {
        String name = "large";
        for (int i = 0; i < 6; i++) {
            collection(name)
                    .insertOne(
                            new BsonDocument("_id", new BsonObjectId())
                                    .append("text", new BsonString("x".repeat(5 << 20))));
        }
        try (var reader = new MongoPageReader(STORES.mongo(), name, ALL, List.of())) {
            KeyRange rest = reader.ranges().get(0);
            List<Integer> sizes = new ArrayList<>();
            while (rest != null) {
                Page<RawBsonDocument> page = reader.read(rest);
                sizes.add(page.rows().size());
                rest = page.rest();
            }
            assertThat(sizes).allMatch(s -> s <= 2);
            assertThat(sizes.stream().mapToInt(Integer::intValue).sum()).isEqualTo(6);
        }
    }

    @Test
    void rowsThatComeOrGoShiftNothing() {
        List<BsonValue> ids = new ArrayList<>();
        for (int i = 0; i < 4_500; i++) {
            ids.add(new BsonObjectId(new ObjectId("%024x".formatted(1_000 + 2L * i))));
        }
        String name = insert(ids);
        try (var reader = new MongoPageReader(STORES.mongo(), name, ALL, List.of())) {
            KeyRange range = reader.ranges().get(0);
            Page<RawBsonDocument> first = reader.read(range);
            // One before the position, which skip(n) would count, and one that was read.
            collection(name)
                    .insertOne(
                            new BsonDocument(
                                    "_id", new BsonObjectId(new ObjectId("%024x".formatted(1)))));
            collection(name).deleteOne(new BsonDocument("_id", ids.get(5)));
            List<String> read = new ArrayList<>();
            first.rows().forEach(r -> read.add(r.key()));
            KeyRange rest = first.rest();
            while (rest != null) {
                Page<RawBsonDocument> page = reader.read(rest);
                page.rows().forEach(r -> read.add(r.key()));
                rest = page.rest();
            }
            assertThat(read)
                    .isEqualTo(
                            ids.stream()
                                    .map(id -> id.asObjectId().getValue().toHexString())
                                    .toList());
        }
    }

    @Test
    void regularExpressionAsIdIsRefusedByTheServer() {
        // If a server ever stores one, it needs a place in mixed().
        assertThat(
                        org.assertj.core.api.Assertions.catchThrowable(
                                () ->
                                        collection("regex")
                                                .insertOne(
                                                        new BsonDocument(
                                                                "_id",
                                                                new BsonRegularExpression("a")))))
                .isNotNull();
    }
}
