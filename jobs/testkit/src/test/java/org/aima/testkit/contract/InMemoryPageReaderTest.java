package org.aima.testkit.contract;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.aima.stores.memory.InMemoryEmbeddingStore;
import org.aima.stores.milvus.MilvusPageReader;

/** The reader of embeddings on the fake store. */
class InMemoryPageReaderTest extends PageReaderContract {
    @Override
    protected Stored store(Map<String, List<String>> keysByScope) {
        InMemoryEmbeddingStore store = new InMemoryEmbeddingStore();
        store.createCollection(EmbeddingStoreContract.schema("c"));
        List<String> identities = new ArrayList<>();
        keysByScope.forEach(
                (partition, keys) -> {
                    store.createPartition("c", partition);
                    store.upsert(
                            "c",
                            partition,
                            keys.stream().map(k -> EmbeddingStoreContract.row(k, 1, "")).toList());
                    keys.forEach(k -> identities.add(partition + "/" + k));
                });
        return new Stored(new MilvusPageReader(store, "c", List.of(), false), identities);
    }

    @Override
    protected List<String> scopes() {
        return List.of("_default", "one", "two");
    }

    @Override
    protected int rowsBeyondOnePage() {
        return 40_000;
    }
}
