package org.aima.testkit.contract;

import org.aima.stores.EmbeddingStore;
import org.aima.stores.memory.InMemoryEmbeddingStore;

/** The contract on the fake. */
class InMemoryEmbeddingStoreTest extends EmbeddingStoreContract {
    private final InMemoryEmbeddingStore memory = new InMemoryEmbeddingStore();

    @Override
    protected EmbeddingStore open() {
        return memory;
    }

    @Override
    protected String collection(String base) {
        return base;
    }

    @Override
    protected String alias(String base) {
        return base;
    }
}
