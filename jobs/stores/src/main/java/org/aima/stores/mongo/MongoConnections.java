package org.aima.stores.mongo;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.MongoException;
import com.mongodb.MongoSocketException;
import com.mongodb.MongoTimeoutException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.internal.connection.BufferPoolPruning;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.aima.jobs.error.Failure;
import org.aima.stores.Retry;
import org.aima.stores.StoreException;
import org.bson.BSONException;

/** Opens clients with bounded waits and turns the driver's errors into classified ones. */
public final class MongoConnections {
    private static final Duration SELECTION = Duration.ofSeconds(20);
    private static final Duration SOCKET = Duration.ofMinutes(5);

    static {
        BufferPoolPruning.stop();
    }

    private MongoConnections() {}

    /** A client for a long-lived reader or writer. */
    public static MongoClient open(MongoAddress address) {
        return open(address, SELECTION);
    }

    /** A client that gives up finding the server after the given time. */
    public static MongoClient open(MongoAddress address, Duration selection) {
        ConnectionString connection;
        try {
            connection = new ConnectionString(address.uri().resolve());
        } catch (IllegalArgumentException e) {
            // The driver's message repeats the string with its password.
            throw new StoreException(
                    Failure.FATAL,
                    address.uri() + " is not a MongoDB connection string (mongodb://host:port)",
                    null);
        }
        return MongoClients.create(
                MongoClientSettings.builder()
                        .applyConnectionString(connection)
                        .applyToClusterSettings(
                                b ->
                                        b.serverSelectionTimeout(
                                                selection.toMillis(), TimeUnit.MILLISECONDS))
                        .applyToSocketSettings(
                                b ->
                                        b.connectTimeout(
                                                        (int) selection.toMillis(),
                                                        TimeUnit.MILLISECONDS)
                                                .readTimeout(
                                                        (int) SOCKET.toMillis(),
                                                        TimeUnit.MILLISECONDS))
                        .build());
    }

    /** Calls the driver with the suite's retries; the call must be idempotent. */
    public static <T> T call(String what, Supplier<T> call) {
        return Retry.DEFAULT.call(
                () -> {
                    try {
                        return call.get();
                    } catch (MongoException e) {
                        throw new StoreException(
                                classify(e), "MongoDB " + what + ": " + e.getMessage(), e);
                    } catch (BSONException e) {
                        // The driver refuses what it cannot encode, such as a document over 16 MB.
                        throw new StoreException(
                                Failure.FATAL, "MongoDB " + what + ": " + e.getMessage(), e);
                    }
                });
    }

    static Failure classify(MongoException error) {
        if (error instanceof MongoSocketException
                || error instanceof MongoTimeoutException
                || error.hasErrorLabel("RetryableWriteError")
                || error.hasErrorLabel("TransientTransactionError")) {
            return Failure.TRANSIENT;
        }
        return switch (error.getCode()) {
                // Host unreachable, network timeout, primary stepped down, shutdown, not primary.
            case 6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436 ->
                    Failure.TRANSIENT;
            default -> Failure.FATAL;
        };
    }
}
