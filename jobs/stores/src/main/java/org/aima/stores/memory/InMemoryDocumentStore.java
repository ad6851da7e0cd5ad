package org.aima.stores.memory;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.aima.stores.DocumentStore;
import org.aima.stores.mongo.MongoKeys;
import org.aima.stores.paging.KeyRange;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonValue;

/** Documents in memory, keyed by {@code _id}; filters are equalities of top-level fields. */
public final class InMemoryDocumentStore implements DocumentStore {
    private final Map<String, TreeMap<String, BsonDocument>> collections = new TreeMap<>();

    @Override
    public synchronized long count(String collection, BsonDocument filter) {
        return of(collection).values().stream().filter(d -> matches(d, filter)).count();
    }

    @Override
    public synchronized Optional<BsonDocument> findOne(String collection, BsonDocument filter) {
        return of(collection).values().stream().filter(d -> matches(d, filter)).findFirst();
    }

    @Override
    public synchronized List<BsonDocument> findIn(
            String collection,
            String field,
            List<? extends BsonValue> values,
            List<String> fields) {
        return of(collection).values().stream()
                .filter(d -> holds(d, field, values))
                .map(
                        d -> {
                            BsonDocument kept = d.clone();
                            if (!fields.isEmpty()) {
                                kept.keySet()
                                        .removeIf(
                                                k ->
                                                        !k.equals("_id")
                                                                && fields.stream()
                                                                        .noneMatch(
                                                                                f ->
                                                                                        f.equals(k)
                                                                                                || f
                                                                                                        .startsWith(
                                                                                                                k
                                                                                                                        + ".")));
                            }
                            return kept;
                        })
                .toList();
    }

    /** Whether the value at a path, or one in an array on the way, is among those wished for. */
    private static boolean holds(BsonValue at, String path, List<? extends BsonValue> values) {
        if (at instanceof BsonArray array) {
            return array.stream().anyMatch(v -> holds(v, path, values));
        }
        if (path.isEmpty()) {
            return values.contains(at);
        }
        int dot = path.indexOf('.');
        String name = dot < 0 ? path : path.substring(0, dot);
        return at instanceof BsonDocument document
                && document.containsKey(name)
                && holds(document.get(name), dot < 0 ? "" : path.substring(dot + 1), values);
    }

    @Override
    public synchronized List<BsonDocument> page(
            String collection, BsonDocument filter, KeyRange range, int limit) {
        List<BsonDocument> rows = new ArrayList<>();
        String after = range.after();
        String upTo = range.upTo();
        for (Map.Entry<String, BsonDocument> entry : of(collection).entrySet()) {
            // Keys of other types than ObjectId are JSON.
            boolean other = entry.getKey().startsWith("{");
            boolean inside =
                    other == MongoKeys.OTHER_TYPES.equals(range.scope())
                            && (after == null || entry.getKey().compareTo(after) > 0)
                            && (upTo == null || entry.getKey().compareTo(upTo) <= 0);
            if (inside && matches(entry.getValue(), filter) && rows.size() < limit) {
                rows.add(entry.getValue());
            }
        }
        return rows;
    }

    @Override
    public synchronized Written replace(String collection, List<BsonDocument> documents) {
        int changed = 0;
        for (BsonDocument document : documents) {
            BsonDocument before = of(collection).put(key(document), document.clone());
            if (!document.equals(before)) {
                changed++;
            }
        }
        return new Written(changed, documents.size() - changed, Map.of());
    }

    @Override
    public synchronized void delete(String collection, List<BsonDocument> ids) {
        ids.forEach(id -> of(collection).remove(key(id)));
    }

    @Override
    public void close() {}

    private TreeMap<String, BsonDocument> of(String collection) {
        return collections.computeIfAbsent(collection, c -> new TreeMap<>());
    }

    private static String key(BsonDocument document) {
        return MongoKeys.keyOf(document);
    }

    private static boolean matches(BsonDocument document, BsonDocument filter) {
        return filter.entrySet().stream()
                .allMatch(e -> e.getValue().equals(document.get(e.getKey())));
    }
}
