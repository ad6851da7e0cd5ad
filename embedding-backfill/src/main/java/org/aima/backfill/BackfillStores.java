package org.aima.backfill;

import java.io.Serializable;
import java.time.Duration;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.pipeline.RunLedger;
import org.aima.jobs.pipeline.WriteGuard;
import org.aima.stores.DocumentStore;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.Retry;
import org.aima.stores.StoreOptions;
import org.aima.stores.milvus.MilvusAddress;
import org.aima.stores.milvus.MilvusEmbeddingStore;
import org.aima.stores.mongo.MongoAddress;
import org.aima.stores.mongo.MongoDocumentStore;
import org.aima.stores.mongo.MongoRunLedger;
import org.aima.stores.mongo.MongoWriteGuard;

/** Opens the stores that the configuration names; holds addresses, never connections or secrets. */
record BackfillStores(MongoAddress mongo, MilvusAddress milvus) implements Serializable {
    private static final Retry ONCE = new Retry(1, Duration.ofMillis(1), Duration.ofMillis(1));

    static BackfillStores of(Configuration configuration) {
        return new BackfillStores(
                StoreOptions.mongo(configuration), StoreOptions.milvus(configuration));
    }

    EmbeddingStore vectors() {
        return new MilvusEmbeddingStore(milvus);
    }

    /** For a caller that repeats failed calls itself. */
    EmbeddingStore vectorsOnce() {
        return new MilvusEmbeddingStore(milvus, ONCE);
    }

    DocumentStore documents() {
        return new MongoDocumentStore(mongo);
    }

    RunLedger ledger() {
        return new MongoRunLedger(mongo);
    }

    WriteGuard guard(String target, String runId, long fence) {
        return new MongoWriteGuard(mongo, target, runId, fence);
    }
}
