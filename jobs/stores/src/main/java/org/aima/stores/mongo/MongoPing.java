package org.aima.stores.mongo;

import com.mongodb.MongoException;
import com.mongodb.client.MongoClient;
import java.time.Duration;
import java.util.Optional;
import org.aima.stores.StoreException;
import org.bson.BsonDocument;
import org.bson.BsonInt32;

/** Asks MongoDB whether it is there. */
public final class MongoPing {
    private MongoPing() {}

    /** Why the server cannot be used, or empty when it answered in time. */
    public static Optional<String> check(MongoAddress address, Duration patience) {
        try (MongoClient client = MongoConnections.open(address, patience)) {
            client.getDatabase(address.database())
                    .runCommand(new BsonDocument("ping", new BsonInt32(1)));
            return Optional.empty();
        } catch (StoreException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        } catch (MongoException e) {
            // The driver's message may repeat the connection string; only its kind is told.
            return Optional.of(
                    "MongoDB did not answer within "
                            + patience.toSeconds()
                            + " s ("
                            + e.getClass().getSimpleName()
                            + ")");
        }
    }
}
