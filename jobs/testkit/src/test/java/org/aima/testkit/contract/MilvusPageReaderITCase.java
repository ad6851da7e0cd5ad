package org.aima.testkit.contract;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.EmbeddingSchema.Index;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.milvus.MilvusEmbeddingStore;
import org.aima.stores.milvus.MilvusPageReader;
import org.aima.testkit.servers.RealStores;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The contract on Milvus. */
class MilvusPageReaderITCase extends PageReaderContract {
    @RegisterExtension static final RealStores STORES = new RealStores();
    private static final AtomicInteger COLLECTIONS = new AtomicInteger();

    @Override
    protected Stored store(Map<String, List<String>> keysByScope) {
        EmbeddingStore store = new MilvusEmbeddingStore(STORES.milvus());
        EmbeddingSchema schema =
                EmbeddingStoreContract.schema(
                        STORES.collection("c" + COLLECTIONS.incrementAndGet()));
        store.createCollection(schema);
        store.createIndex(schema.name(), new Index("embedding", "FLAT", "COSINE", Map.of()));
        keysByScope.keySet().forEach(p -> store.createPartition(schema.name(), p));
        store.load(schema.name());
        List<String> identities = new ArrayList<>();
        keysByScope.forEach(
                (partition, keys) -> {
                    store.upsert(
                            schema.name(),
                            partition,
                            keys.stream().map(k -> EmbeddingStoreContract.row(k, 1, "")).toList());
                    keys.forEach(k -> identities.add(partition + "/" + k));
                });
        return new Stored(new MilvusPageReader(store, schema.name(), List.of(), false), identities);
    }

    @Override
    protected List<String> scopes() {
        return List.of("_default", "one", "two");
    }

    @Override
    protected int rowsBeyondOnePage() {
        return 20_000;
    }

    @Override
    protected int resumeStep() {
        return 5;
    }
}
