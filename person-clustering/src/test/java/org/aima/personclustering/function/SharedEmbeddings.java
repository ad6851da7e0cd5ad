package org.aima.personclustering.function;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.aima.jobs.error.Failure;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.StoreException;
import org.aima.stores.memory.InMemoryEmbeddingStore;

/**
 * An in-memory store that the tasks of a test share: only its id travels with the job. Rows can be
 * named that it refuses, as a server does.
 */
public final class SharedEmbeddings
        implements RowWriteOperator.EmbeddingStoreFactory, AutoCloseable {
    private static final long serialVersionUID = 1L;
    private static final Map<String, EmbeddingStore> STORES = new ConcurrentHashMap<>();
    private static final Map<String, EmbeddingStore> SEEDS = new ConcurrentHashMap<>();

    private final String id = UUID.randomUUID().toString();

    private SharedEmbeddings() {}

    /** Empty collections of the given dimension, with one partition besides the default one. */
    public static SharedEmbeddings create(
            int dimension, String partition, Set<String> refused, String... collections) {
        InMemoryEmbeddingStore store = new InMemoryEmbeddingStore();
        for (String collection : collections) {
            store.createCollection(
                    new EmbeddingSchema(
                            collection,
                            List.of(
                                    new EmbeddingSchema.Field(
                                            "embedding_id",
                                            EmbeddingSchema.Type.VARCHAR,
                                            64,
                                            0,
                                            true,
                                            false),
                                    new EmbeddingSchema.Field(
                                            "embedding",
                                            EmbeddingSchema.Type.FLOAT_VECTOR,
                                            0,
                                            dimension,
                                            false,
                                            false)),
                            1));
            store.createPartition(collection, partition);
        }
        SharedEmbeddings shared = new SharedEmbeddings();
        SEEDS.put(shared.id, store);
        STORES.put(shared.id, refusing(store, Set.copyOf(refused)));
        return shared;
    }

    /** Puts rows there also when they would be refused. */
    public void seed(String collection, String partition, EmbeddingRow row) {
        SEEDS.get(id).upsert(collection, partition, List.of(row));
    }

    private static EmbeddingStore refusing(EmbeddingStore store, Set<String> refused) {
        return (EmbeddingStore)
                Proxy.newProxyInstance(
                        SharedEmbeddings.class.getClassLoader(),
                        new Class<?>[] {EmbeddingStore.class},
                        (proxy, method, arguments) -> {
                            if (method.getName().equals("upsert")) {
                                for (Object row : (List<?>) arguments[2]) {
                                    String id = ((EmbeddingRow) row).id();
                                    if (refused.contains(id)) {
                                        throw new StoreException(
                                                Failure.FATAL, "refused " + id, null);
                                    }
                                }
                            }
                            try {
                                return method.invoke(store, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }

    @Override
    public EmbeddingStore open() {
        EmbeddingStore store = STORES.get(id);
        if (store == null) {
            throw new IllegalStateException("this store was closed, or lives in another JVM");
        }
        return store;
    }

    @Override
    public void close() {
        STORES.remove(id);
        SEEDS.remove(id);
    }
}
