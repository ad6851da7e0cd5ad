package org.aima.testkit.contract;

import org.aima.stores.EmbeddingStore;
import org.aima.stores.milvus.MilvusEmbeddingStore;
import org.aima.testkit.servers.RealStores;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The contract on Milvus. */
class MilvusEmbeddingStoreITCase extends EmbeddingStoreContract {
    @RegisterExtension static final RealStores STORES = new RealStores();

    @Override
    protected EmbeddingStore open() {
        return new MilvusEmbeddingStore(STORES.milvus());
    }

    @Override
    protected String collection(String base) {
        return STORES.collection(base);
    }

    @Override
    protected String alias(String base) {
        return STORES.alias(base);
    }
}
