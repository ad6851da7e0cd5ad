package org.aima.dossier;

import java.util.ArrayList;
import java.util.List;
import org.aima.dossier.function.DossierRota;
import org.aima.stores.DocumentStore;
import org.aima.stores.mongo.MongoKeys;
import org.aima.stores.paging.KeyRange;
import org.bson.BsonDocument;
import org.bson.BsonString;

/** Goes through the collection of dossiers in order of {@code _id}. */
final class StoredDossierRota implements DossierRota {
    private static final List<String> SCOPES = List.of(MongoKeys.OBJECT_IDS, MongoKeys.OTHER_TYPES);

    private final DocumentStore store;

    StoredDossierRota(DocumentStore store) {
        this.store = store;
    }

    @Override
    public Turn next(String after, int count) {
        List<String> ids = new ArrayList<>();
        // Scope and key, as keys of one scope may look like those of the other.
        int colon = after.indexOf(':');
        int scope = colon < 0 ? 0 : Integer.parseInt(after.substring(0, colon));
        String key = colon < 0 ? "" : after.substring(colon + 1);
        for (; scope < SCOPES.size(); scope++, key = "") {
            int wanted = count - ids.size();
            KeyRange range = new KeyRange(SCOPES.get(scope), null, null);
            List<BsonDocument> page =
                    store.page(
                            DossierCollections.DOSSIERS,
                            new BsonDocument(),
                            key.isEmpty() ? range : range.resumeAfter(key),
                            wanted);
            for (BsonDocument dossier : page) {
                if (dossier.get("dossier_id") instanceof BsonString id) {
                    ids.add(id.getValue());
                }
                key = MongoKeys.keyOf(dossier);
            }
            if (page.size() == wanted) {
                return new Turn(ids, scope + ":" + key);
            }
        }
        return new Turn(ids, "");
    }

    @Override
    public void close() {
        store.close();
    }
}
