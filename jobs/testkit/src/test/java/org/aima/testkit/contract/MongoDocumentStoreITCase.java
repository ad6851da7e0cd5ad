package org.aima.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import org.aima.jobs.error.Failure;
import org.aima.stores.DocumentStore;
import org.aima.stores.DocumentStore.Written;
import org.aima.stores.StoreException;
import org.aima.stores.mongo.MongoDocumentStore;
import org.aima.testkit.servers.RealStores;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The contract on MongoDB, and what only a server can refuse. */
class MongoDocumentStoreITCase extends DocumentStoreContract {
    @RegisterExtension static final RealStores STORES = new RealStores();

    @Override
    protected DocumentStore open() {
        return new MongoDocumentStore(STORES.mongo());
    }

    @Test
    void refusedDocumentIsNamedAndTheOthersAreWritten() {
        MongoDocumentStore mongo = (MongoDocumentStore) store();
        mongo.database()
                .getCollection("unique")
                .createIndex(
                        new BsonDocument("kind", new BsonInt32(1)),
                        new com.mongodb.client.model.IndexOptions().unique(true));
        Written written =
                mongo.replace(
                        "unique", List.of(document(1, "a"), document(2, "a"), document(3, "b")));
        assertThat(written.failed()).containsOnlyKeys(1);
        assertThat(written.changed()).isEqualTo(2);
        assertThat(mongo.count("unique", new BsonDocument())).isEqualTo(2);
    }

    @Test
    void documentBeyondTheServersLimitIsAFatalStoreException() {
        BsonDocument large = id(1).append("text", new BsonString("x".repeat(17 << 20)));
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> store().replace("large", List.of(large)))
                .matches(e -> e.failure() == Failure.FATAL);
    }
}
