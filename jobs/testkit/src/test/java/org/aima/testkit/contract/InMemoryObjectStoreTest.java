package org.aima.testkit.contract;

import org.aima.stores.ObjectStore;
import org.aima.stores.memory.InMemoryObjectStore;

/** The contract on the fake. */
class InMemoryObjectStoreTest extends ObjectStoreContract {
    @Override
    protected ObjectStore open() {
        return new InMemoryObjectStore();
    }

    @Override
    protected String bucket(String base) {
        return base;
    }
}
