package org.aima.archival.store.mongo;

import com.mongodb.client.MongoClient;
import com.mongodb.client.model.Filters;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.aima.stores.mongo.MongoAddress;
import org.aima.stores.mongo.MongoConnections;
import org.bson.Document;

/** Finds what a restore by dossier means. */
public final class RestoreLookup implements AutoCloseable {
    private final MongoClient client;
    private final String database;

    public RestoreLookup(MongoAddress address) {
        this.client = MongoConnections.open(address);
        this.database = address.database();
    }

    /** The media of dossiers; dossiers that do not exist have none. */
    public Set<String> mediaOf(Collection<String> dossierIds) {
        Set<String> media = new LinkedHashSet<>();
        if (dossierIds.isEmpty()) {
            return media;
        }
        return MongoConnections.call(
                "find of dossiers",
                () -> {
                    for (Document dossier :
                            client.getDatabase(database)
                                    .getCollection("dossiers")
                                    .find(Filters.in("dossier_id", dossierIds))) {
                        if (dossier.get("media_items") instanceof List<?> items) {
                            items.forEach(i -> media.add(String.valueOf(i)));
                        }
                    }
                    return media;
                });
    }

    @Override
    public void close() {
        client.close();
    }
}
