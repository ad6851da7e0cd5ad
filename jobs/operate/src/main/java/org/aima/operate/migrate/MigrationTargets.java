package org.aima.operate.migrate;

import com.mongodb.client.MongoDatabase;
import java.util.function.Supplier;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.ObjectStore;
import org.jspecify.annotations.Nullable;

/** The stores that migrations change, each opened when the first step needs it. */
public final class MigrationTargets implements AutoCloseable {
    private final Supplier<MongoDatabase> mongo;
    private final Supplier<EmbeddingStore> vectorSupplier;
    private final Supplier<ObjectStore> objectSupplier;
    private @Nullable EmbeddingStore vectors;
    private @Nullable ObjectStore objects;

    /**
     * @param mongo a database whose client stays open and is closed by the caller
     */
    public MigrationTargets(
            Supplier<MongoDatabase> mongo,
            Supplier<EmbeddingStore> vectors,
            Supplier<ObjectStore> objects) {
        this.mongo = mongo;
        this.vectorSupplier = vectors;
        this.objectSupplier = objects;
    }

    MongoDatabase mongo() {
        return mongo.get();
    }

    EmbeddingStore vectors() {
        EmbeddingStore store = vectors;
        if (store == null) {
            store = vectorSupplier.get();
            vectors = store;
        }
        return store;
    }

    ObjectStore objects() {
        ObjectStore store = objects;
        if (store == null) {
            store = objectSupplier.get();
            objects = store;
        }
        return store;
    }

    /** Closes the stores that were opened. */
    @Override
    public void close() {
        if (vectors != null) {
            vectors.close();
        }
        if (objects != null) {
            objects.close();
        }
    }
}
