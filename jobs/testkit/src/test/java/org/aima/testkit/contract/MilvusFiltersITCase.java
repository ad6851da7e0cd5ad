package org.aima.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.milvus.client.MilvusServiceClient;
import io.milvus.param.ConnectParam;
import io.milvus.param.dml.InsertParam;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingSchema.Index;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.milvus.MilvusEmbeddingStore;
import org.aima.stores.paging.KeyRange;
import org.aima.testkit.servers.RealStores;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Facts about the server that the adapter builds on: its literals, its order, its duplicates. */
class MilvusFiltersITCase {
    @RegisterExtension static final RealStores STORES = new RealStores();
    private static final int IDS = 400;
    private static EmbeddingStore store;
    private static String collection;

    @BeforeAll
    static void create() {
        store = new MilvusEmbeddingStore(STORES.milvus());
        collection = STORES.collection("filters");
        store.createCollection(EmbeddingStoreContract.schema(collection));
        store.createIndex(collection, new Index("embedding", "FLAT", "COSINE", Map.of()));
        for (String partition : List.of("fuzz", "order", "duplicates")) {
            store.createPartition(collection, partition);
        }
        store.load(collection);
    }

    @AfterAll
    static void close() {
        store.close();
    }

    /** Each character class that a literal could stumble over, and pieces of the language. */
    private static String randomId(Random random) {
        String[] pieces = {
            "\"",
            "'",
            "\\",
            "\n",
            "\r",
            "\t",
            "\u0000",
            "\u0001",
            "\u001f",
            "\u007f",
            "\u0080",
            "\u2028",
            "\ufeff",
            "\uffff",
            "\ue000",
            "\ud83d\ude00",
            "\udbff\udfff",
            "\u0301",
            "x",
            "A",
            "0",
            "%",
            "_",
            "{",
            "}",
            "$",
            "\\x41",
            "\\u0041",
            "\\\"",
            "\" or id != \"",
            " "
        };
        StringBuilder id = new StringBuilder();
        int length = 1 + random.nextInt(6);
        for (int i = 0; i < length; i++) {
            id.append(pieces[random.nextInt(pieces.length)]);
        }
        return id.toString();
    }

    @Test
    void everyIdIsFoundByItsQuotedFilterAndRangesFollowTheBytes() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        TreeSet<String> ids = new TreeSet<>(EmbeddingStore.KEY_ORDER);
        while (ids.size() < IDS) {
            ids.add(randomId(random));
        }
        store.upsert(
                collection,
                "fuzz",
                ids.stream().map(i -> EmbeddingStoreContract.row(i, 1, i)).toList());
        List<String> ordered = List.copyOf(ids);
        // One id a filter shows that it finds itself alone; a strong read waits for 0.2 s.
        for (int i = 0; i < IDS; i += 20) {
            String id = ordered.get(i);
            assertThat(store.get(collection, "fuzz", List.of(id)))
                    .as("seed %d, id '%s'", seed, id)
                    .extracting(EmbeddingRow::id)
                    .containsExactly(id);
            assertThat(store.count(collection, "fuzz", new KeyRange("fuzz", null, id)))
                    .as("seed %d, up to '%s'", seed, id)
                    .isEqualTo(i + 1);
            assertThat(store.count(collection, "fuzz", new KeyRange("fuzz", id, null)))
                    .as("seed %d, behind '%s'", seed, id)
                    .isEqualTo(IDS - i - 1);
        }
        assertThat(store.get(collection, "fuzz", ordered))
                .as("seed %d", seed)
                .extracting(EmbeddingRow::id)
                .containsExactlyInAnyOrderElementsOf(ordered);
        store.delete(collection, "fuzz", ordered.subList(0, IDS / 2));
        assertThat(store.count(collection, "fuzz", null)).as("seed %d", seed).isEqualTo(IDS / 2);
    }

    @Test
    void limitedQueryReturnsTheSmallestKeysInOrder() {
        // Not relied upon, but worth knowing when it changes.
        List<EmbeddingRow> rows = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            rows.add(EmbeddingStoreContract.row("o%05d".formatted(i * 7919 % 2_000), 1, ""));
        }
        store.upsert(collection, "order", rows.subList(0, 1_000));
        store.upsert(collection, "order", rows.subList(1_000, 2_000));
        List<String> first =
                store
                        .query(
                                collection,
                                "order",
                                new KeyRange("order", null, null),
                                List.of(),
                                false,
                                100)
                        .stream()
                        .map(EmbeddingRow::id)
                        .toList();
        assertThat(first).isSorted().hasSize(100).contains("o00000", "o00099");
    }

    @Test
    void insertedDuplicateIsCountedTwiceAndShownOnce() {
        MilvusServiceClient client =
                new MilvusServiceClient(
                        ConnectParam.newBuilder()
                                .withUri(STORES.milvusServer().toString())
                                .build());
        try {
            for (int i = 0; i < 2; i++) {
                client.insert(
                        InsertParam.newBuilder()
                                .withCollectionName(collection)
                                .withPartitionName("duplicates")
                                .withFields(
                                        List.of(
                                                new InsertParam.Field("id", List.of("twice")),
                                                new InsertParam.Field(
                                                        "embedding",
                                                        List.of(List.of(1f, 0f, 0f, 0f))),
                                                new InsertParam.Field("note", List.of("copy " + i)),
                                                new InsertParam.Field("frame", List.of(1L)),
                                                new InsertParam.Field("confidence", List.of(1f)),
                                                new InsertParam.Field("checked", List.of(true))))
                                .build());
            }
        } finally {
            client.close();
        }
        assertThat(store.count(collection, "duplicates", null)).isEqualTo(2);
        assertThat(store.get(collection, "duplicates", List.of("twice"))).hasSize(1);
        // An upsert removes both copies.
        store.upsert(
                collection,
                "duplicates",
                List.of(EmbeddingStoreContract.row("twice", 1, "replaced")));
        assertThat(store.count(collection, "duplicates", null)).isEqualTo(1);
    }
}
