package org.aima.operate.migrate;

import com.mongodb.MongoCommandException;
import com.mongodb.MongoWriteException;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.FindOneAndUpdateOptions;
import com.mongodb.client.model.ReplaceOptions;
import com.mongodb.client.model.ReturnDocument;
import com.mongodb.client.model.UpdateOptions;
import com.mongodb.client.model.Updates;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.util.Date;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.aima.jobs.error.AimaException;
import org.aima.stores.StoreException;
import org.aima.stores.mongo.MongoConnections;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;

/** The ledger in {@code system_migrations}; its lock is a lease among the runs' leases. */
public final class MongoMigrationLedger implements MigrationLedger {
    private static final String CURRENT = "current_version";
    private static final String TARGET = "system_migrations";
    private static final Duration LEASE = Duration.ofSeconds(60);
    private static final Duration RENEWAL = Duration.ofSeconds(15);
    private static final int DUPLICATE_KEY = 11_000;

    private final MongoCollection<Document> migrations;
    private final MongoCollection<Document> leases;
    private final Clock clock;

    public MongoMigrationLedger(MongoDatabase database, Clock clock) {
        this.migrations = database.getCollection("system_migrations");
        this.leases = database.getCollection("run_leases");
        this.clock = clock;
    }

    @Override
    public int version() {
        Document current =
                MongoConnections.call(
                        "read of the version",
                        () -> {
                            Document found = migrations.find(Filters.eq("_id", CURRENT)).first();
                            return found == null ? new Document() : found;
                        });
        return current.get("version") instanceof Number number ? number.intValue() : 0;
    }

    @Override
    public void succeeded(Migration migration) {
        // Before the version and under a fixed id: killed in between, the next run logs it again
        // in the same document.
        String id = "migration-" + migration.version();
        Document log = entry(migration).append("_id", id).append("success", true);
        MongoConnections.call(
                "log of a migration",
                () ->
                        migrations.replaceOne(
                                Filters.eq("_id", id), log, new ReplaceOptions().upsert(true)));
        MongoConnections.call(
                "write of the version",
                () ->
                        migrations.updateOne(
                                Filters.eq("_id", CURRENT),
                                Updates.combine(
                                        Updates.set("version", migration.version()),
                                        Updates.set("updated_at", Date.from(clock.instant()))),
                                new UpdateOptions().upsert(true)));
    }

    @Override
    public void failed(Migration migration, String error) {
        String id = "migration-" + migration.version() + "-failed-" + UUID.randomUUID();
        Document log =
                entry(migration).append("_id", id).append("success", false).append("error", error);
        MongoConnections.call(
                "log of a migration",
                () ->
                        migrations.replaceOne(
                                Filters.eq("_id", id), log, new ReplaceOptions().upsert(true)));
    }

    private Document entry(Migration migration) {
        return new Document("version", migration.version())
                .append("description", migration.description())
                .append("executed_at", Date.from(clock.instant()));
    }

    @Override
    public Lock lock() {
        String holder = hostName() + "/" + ProcessHandle.current().pid();
        String token = "migrate-" + UUID.randomUUID();
        acquire(holder, token);
        return new HeldLease(token);
    }

    private void acquire(String holder, String token) {
        Bson free =
                Filters.and(
                        Filters.eq("_id", TARGET),
                        Filters.or(
                                Filters.eq("run_id", null),
                                Filters.lt("expires_at", Date.from(clock.instant()))));
        Bson take =
                Updates.combine(
                        Updates.set("run_id", token),
                        Updates.set("holder", holder),
                        Updates.set("expires_at", expiry()),
                        Updates.inc("fence", 1L));
        @Nullable Document held = null;
        try {
            held =
                    leases.findOneAndUpdate(
                            free,
                            take,
                            new FindOneAndUpdateOptions()
                                    .upsert(true)
                                    .returnDocument(ReturnDocument.AFTER));
        } catch (MongoCommandException | MongoWriteException e) {
            // The upsert lost: the lease exists and is not free.
            if (e.getCode() != DUPLICATE_KEY) {
                throw e;
            }
        }
        if (held == null) {
            Document other = leases.find(Filters.eq("_id", TARGET)).first();
            throw AimaException.refused(
                    "the stores are being migrated by "
                            + (other == null ? "another process" : other.getString("holder"))
                            + "; wait for it (a lock whose holder is gone ends after "
                            + LEASE.toSeconds()
                            + " s)");
        }
    }

    private Date expiry() {
        return Date.from(clock.instant().plus(LEASE));
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    /** Renews itself, because a single index may take longer than a lease. */
    private final class HeldLease implements Lock {
        private final String token;
        private final ScheduledExecutorService renewal =
                Executors.newSingleThreadScheduledExecutor(
                        task -> {
                            Thread thread = new Thread(task, "migration-lease");
                            thread.setDaemon(true);
                            return thread;
                        });
        private volatile boolean lost;

        HeldLease(String token) {
            this.token = token;
            renewal.scheduleWithFixedDelay(
                    this::renew, RENEWAL.toSeconds(), RENEWAL.toSeconds(), TimeUnit.SECONDS);
        }

        private void renew() {
            try {
                long matched =
                        MongoConnections.call(
                                "renewal of the migration lock",
                                () ->
                                        leases.updateOne(
                                                        mine(), Updates.set("expires_at", expiry()))
                                                .getMatchedCount());
                lost = matched == 0;
            } catch (StoreException e) {
                lost = true;
            }
        }

        private Bson mine() {
            return Filters.and(Filters.eq("_id", TARGET), Filters.eq("run_id", token));
        }

        @Override
        public void check() {
            if (lost) {
                throw AimaException.refused(
                        "the migration lock was lost: another runner may have taken over; see"
                                + " system_migrations and run again");
            }
        }

        @Override
        public void close() {
            renewal.shutdownNow();
            try {
                MongoConnections.call(
                        "release of the migration lock",
                        () -> leases.updateOne(mine(), Updates.set("run_id", null)));
            } catch (StoreException e) {
                // It ends by itself; the outcome of the migration matters more than its lock.
                lost = true;
            }
        }
    }
}
