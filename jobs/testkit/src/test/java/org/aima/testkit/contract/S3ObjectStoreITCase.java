package org.aima.testkit.contract;

import org.aima.stores.ObjectStore;
import org.aima.stores.s3.S3ObjectStore;
import org.aima.testkit.servers.RealStores;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The contract on an S3 server. */
class S3ObjectStoreITCase extends ObjectStoreContract {
    @RegisterExtension static final RealStores STORES = new RealStores();

    @Override
    protected ObjectStore open() {
        return new S3ObjectStore(STORES.s3());
    }

    @Override
    protected String bucket(String base) {
        return STORES.bucket(base);
    }
}
