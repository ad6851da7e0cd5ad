package org.aima.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.aima.stores.DocumentStore;
import org.aima.stores.DocumentStore.Written;
import org.aima.stores.paging.KeyRange;
import org.bson.BsonArray;
import org.bson.BsonBinary;
import org.bson.BsonBoolean;
import org.bson.BsonDateTime;
import org.bson.BsonDecimal128;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonNull;
import org.bson.BsonObjectId;
import org.bson.BsonString;
import org.bson.types.Decimal128;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What every {@link DocumentStore} does; each test has a collection of its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class DocumentStoreContract {
    private static final BsonDocument ALL = new BsonDocument();
    private static final KeyRange WHOLE = new KeyRange("objectId", null, null);

    private final AtomicInteger collections = new AtomicInteger();
    private @Nullable DocumentStore opened;

    /** A store, opened anew; the contract closes it. */
    protected abstract DocumentStore open();

    @BeforeAll
    void openStore() {
        opened = open();
    }

    @AfterAll
    void close() {
        store().close();
    }

    protected final DocumentStore store() {
        DocumentStore store = opened;
        if (store == null) {
            throw new IllegalStateException("not open");
        }
        return store;
    }

    private String collection() {
        return "c" + collections.incrementAndGet();
    }

    /** Ids ascend with their number. */
    protected static BsonDocument document(int number, String kind) {
        return id(number)
                .append("kind", new BsonString(kind))
                .append("number", new BsonInt32(number));
    }

    protected static BsonDocument id(int number) {
        return new BsonDocument(
                "_id", new BsonObjectId(new ObjectId("%024x".formatted(0x5000000L + number))));
    }

    @Test
    void missingCollectionIsEmpty() {
        String c = collection();
        assertThat(store().count(c, ALL)).isZero();
        assertThat(store().findOne(c, ALL)).isEmpty();
        assertThat(store().page(c, ALL, WHOLE, 10)).isEmpty();
        store().delete(c, List.of(id(1)));
    }

    @Test
    void replaceTellsNewChangedAndUnchangedApart() {
        String c = collection();
        Written first = store().replace(c, List.of(document(1, "a"), document(2, "a")));
        assertThat(first.changed()).isEqualTo(2);
        assertThat(first.unchanged()).isZero();
        Written second =
                store().replace(c, List.of(document(1, "a"), document(2, "b"), document(3, "b")));
        assertThat(second.changed()).isEqualTo(2);
        assertThat(second.unchanged()).isEqualTo(1);
        assertThat(second.failed()).isEmpty();
        assertThat(store().count(c, ALL)).isEqualTo(3);
    }

    @Test
    void replaceTwiceIsReplaceOnce() {
        String c = collection();
        List<BsonDocument> documents = List.of(document(1, "a"), document(2, "b"));
        store().replace(c, documents);
        Written again = store().replace(c, documents);
        assertThat(again.changed()).isZero();
        assertThat(again.unchanged()).isEqualTo(2);
        assertThat(store().page(c, ALL, WHOLE, 10)).containsExactlyElementsOf(documents);
    }

    @Test
    void replaceRemovesFieldsThatAreGone() {
        String c = collection();
        store().replace(c, List.of(document(1, "a")));
        BsonDocument bare = id(1).append("other", new BsonString("x"));
        store().replace(c, List.of(bare));
        assertThat(store().findOne(c, ALL)).contains(bare);
    }

    @Test
    void ofTwoDocumentsWithOneIdTheLastWins() {
        String c = collection();
        store().replace(c, List.of(document(1, "first"), document(1, "last")));
        assertThat(store().page(c, ALL, WHOLE, 10)).containsExactly(document(1, "last"));
    }

    @Test
    void replaceOfNothingDoesNothing() {
        String c = collection();
        assertThat(store().replace(c, List.of()).changed()).isZero();
        store().delete(c, List.of());
        assertThat(store().count(c, ALL)).isZero();
    }

    @Test
    void filterIsByEquality() {
        String c = collection();
        store().replace(c, List.of(document(1, "a"), document(2, "b"), document(3, "a")));
        BsonDocument a = new BsonDocument("kind", new BsonString("a"));
        assertThat(store().count(c, a)).isEqualTo(2);
        assertThat(store().findOne(c, id(2))).contains(document(2, "b"));
        assertThat(store().findOne(c, new BsonDocument("kind", new BsonString("x")))).isEmpty();
        assertThat(store().page(c, a, WHOLE, 10))
                .containsExactly(document(1, "a"), document(3, "a"));
    }

    @Test
    void pagesAreInOrderOfIdAndBoundByTheLimit() {
        String c = collection();
        List<BsonDocument> documents = new ArrayList<>();
        for (int i = 30; i > 0; i--) {
            documents.add(document(i, "a"));
        }
        store().replace(c, documents);
        List<BsonDocument> read = new ArrayList<>();
        KeyRange rest = WHOLE;
        for (List<BsonDocument> page = store().page(c, ALL, rest, 7);
                !page.isEmpty();
                page = store().page(c, ALL, rest, 7)) {
            assertThat(page).hasSizeLessThanOrEqualTo(7);
            read.addAll(page);
            // A page that starts with its predecessor's last row would be read for ever.
            assertThat(read).hasSizeLessThanOrEqualTo(30);
            rest = rest.resumeAfter(hex(page.get(page.size() - 1)));
        }
        assertThat(read).extracting(d -> d.getInt32("number").getValue()).isSorted().hasSize(30);
    }

    @Test
    void rangeExcludesItsStartAndIncludesItsEnd() {
        String c = collection();
        store().replace(c, List.of(document(1, "a"), document(2, "a"), document(3, "a")));
        assertThat(store().page(c, ALL, new KeyRange("objectId", hex(id(1)), hex(id(2))), 10))
                .containsExactly(document(2, "a"));
    }

    private static String hex(BsonDocument document) {
        return document.getObjectId("_id").getValue().toHexString();
    }

    @Test
    void deleteForgivesMissingDocuments() {
        String c = collection();
        store().replace(c, List.of(document(1, "a"), document(2, "a")));
        store().delete(c, List.of(id(1), id(9)));
        store().delete(c, List.of(id(1)));
        assertThat(store().page(c, ALL, WHOLE, 10)).containsExactly(document(2, "a"));
    }

    @Test
    void everyTypeComesBackAsItWas() {
        String c = collection();
        BsonDocument document =
                id(1).append("int32", new BsonInt32(7))
                        .append("int64", new BsonInt64(7))
                        .append("double", new BsonDouble(7))
                        .append("minusZero", new BsonDouble(-0.0))
                        .append("nan", new BsonDouble(Double.NaN))
                        .append(
                                "decimal",
                                new BsonDecimal128(Decimal128.parse("0.100000000000000000001")))
                        .append("date", new BsonDateTime(1_700_000_000_123L))
                        .append("binary", new BsonBinary(new byte[] {0, -1, 127}))
                        .append("null", BsonNull.VALUE)
                        .append("boolean", BsonBoolean.FALSE)
                        .append("text", new BsonString("\" \\ \n \ud83d\ude00"))
                        .append("empty", new BsonDocument())
                        .append(
                                "nested",
                                new BsonArray(
                                        List.of(
                                                new BsonArray(),
                                                new BsonDocument("a.b", new BsonInt32(1)))));
        store().replace(c, List.of(document));
        assertThat(store().findOne(c, id(1))).contains(document);
        assertThat(store().replace(c, List.of(document)).unchanged()).isEqualTo(1);
    }

    @Test
    void findInLooksIntoNestedFieldsAndArrays() {
        String c = collection();
        store().replace(
                        c,
                        List.of(
                                document(1, "a")
                                        .append(
                                                "in",
                                                new BsonArray(
                                                        List.of(
                                                                new BsonDocument(
                                                                        "key", new BsonString("x")),
                                                                new BsonDocument(
                                                                        "key",
                                                                        new BsonString("y"))))),
                                document(2, "b")));
        assertThat(
                        store().findIn(
                                        c,
                                        "in.key",
                                        List.of(new BsonString("y"), new BsonString("z")),
                                        List.of("kind")))
                .singleElement()
                .isEqualTo(id(1).append("kind", new BsonString("a")));
        assertThat(store().findIn(c, "kind", List.of(new BsonString("b")), List.of()))
                .containsExactly(document(2, "b"));
    }
}
