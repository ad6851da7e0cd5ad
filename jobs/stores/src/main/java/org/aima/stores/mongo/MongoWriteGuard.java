package org.aima.stores.mongo;

import com.mongodb.client.MongoClient;
import com.mongodb.client.model.Filters;
import java.time.Duration;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.pipeline.WriteGuard;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * Compares the run's fence with the lease in MongoDB, at most once every two seconds.
 *
 * <p>Limit: a writer that stalls for less than that between check and write can still land one
 * batch; every write is idempotent under its key, so the next run repairs it.
 */
public final class MongoWriteGuard implements WriteGuard {
    /** For how long the answer of a look at the lease holds. */
    public static final Duration INTERVAL = Duration.ofSeconds(2);

    private static final long serialVersionUID = 1L;

    private final MongoAddress address;
    private final String target;
    private final String runId;
    private final long fence;
    private transient @Nullable MongoClient client;
    private transient long checkedAt;

    public MongoWriteGuard(MongoAddress address, String target, String runId, long fence) {
        this.address = address;
        this.target = target;
        this.runId = runId;
        this.fence = fence;
    }

    @Override
    public void check() {
        long now = System.nanoTime();
        MongoClient open = client;
        if (open != null && now - checkedAt < INTERVAL.toNanos()) {
            return;
        }
        if (open == null) {
            open = MongoConnections.open(address);
            client = open;
        }
        MongoClient connected = open;
        Document lease =
                MongoConnections.call(
                        "lease check",
                        () ->
                                connected
                                        .getDatabase(address.database())
                                        .getCollection(MongoRunLedger.LEASES)
                                        .find(Filters.eq("_id", target))
                                        .first());
        checkedAt = System.nanoTime();
        if (lease != null && lease.getLong("fence") > fence) {
            throw AimaException.refused(
                    "run "
                            + runId
                            + " stops: run "
                            + lease.getString("run_id")
                            + " has taken over "
                            + target);
        }
    }

    // A client left open keeps threads that pin the job's class loader in the TaskManager.
    @Override
    public void close() {
        MongoClient open = client;
        client = null;
        if (open != null) {
            open.close();
        }
    }
}
