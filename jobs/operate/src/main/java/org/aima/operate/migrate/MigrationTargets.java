package org.aima.operate.migrate;

import com.mongodb.client.MongoDatabase;
import java.util.List;
import java.util.function.Supplier;
import org.aima.jobs.error.Failure;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.ObjectStore;
import org.aima.stores.StoreException;
import org.jspecify.annotations.Nullable;

/** The stores that migrations change, each opened when the first step needs it. */
public final class MigrationTargets implements AutoCloseable {
    private final Supplier<MongoDatabase> mongo;
    private final Supplier<EmbeddingStore> vectorSupplier;
    private final Supplier<ObjectStore> objectSupplier;
    private final JobRuns runs;
    private @Nullable EmbeddingStore vectors;
    private @Nullable ObjectStore objects;

    /** Does runs of jobs to their end. */
    @FunctionalInterface
    public interface JobRuns {
        /**
         * Runs a job, takes its run up again, or does nothing when that has succeeded.
         *
         * @throws org.aima.jobs.error.AimaException when it does not succeed, refused when a gate
         *     said no
         */
        void run(String job, String action, String runId, List<String> settings);
    }

    /** Targets of migrations that name no runs of jobs. */
    public MigrationTargets(
            Supplier<MongoDatabase> mongo,
            Supplier<EmbeddingStore> vectors,
            Supplier<ObjectStore> objects) {
        this(
                mongo,
                vectors,
                objects,
                (job, action, runId, settings) -> {
                    throw new StoreException(Failure.FATAL, "jobs cannot be run from here", null);
                });
    }

    /**
     * @param mongo a database whose client stays open and is closed by the caller
     */
    public MigrationTargets(
            Supplier<MongoDatabase> mongo,
            Supplier<EmbeddingStore> vectors,
            Supplier<ObjectStore> objects,
            JobRuns runs) {
        this.runs = runs;
        this.mongo = mongo;
        this.vectorSupplier = vectors;
        this.objectSupplier = objects;
    }

    void run(String job, String action, String runId, List<String> settings) {
        runs.run(job, action, runId, settings);
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
