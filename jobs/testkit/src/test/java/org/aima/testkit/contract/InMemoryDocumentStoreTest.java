package org.aima.testkit.contract;

import org.aima.stores.DocumentStore;
import org.aima.stores.memory.InMemoryDocumentStore;

/** The contract on the fake. */
class InMemoryDocumentStoreTest extends DocumentStoreContract {
    @Override
    protected DocumentStore open() {
        return new InMemoryDocumentStore();
    }
}
