package org.aima.dossier;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.aima.stores.DocumentStore;
import org.aima.stores.paging.KeyRange;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;

/** Answers lookups from the indexes the migrations make, and refuses whatever would scan. */
final class IndexedStore implements DocumentStore {
    private static final Map<String, List<String>> INDEXES =
            Map.of(
                    "dossiers", List.of("dossier_id", "media_items", "persons.person_id"),
                    "media_items", List.of("media_id"),
                    "analysis_results", List.of("media_id", "result_id"),
                    "analysis_summaries", List.of("media_id", "result_ids"),
                    "persons",
                            List.of(
                                    "person_id",
                                    "appearances.media_id",
                                    "face_embeddings.source_result_id",
                                    "voice_embeddings.source_result_id"),
                    "person_aliases", List.of("old_id", "new_id"),
                    "dossier_appearances", List.of("dossier_id", "about"));

    private final Map<String, Map<String, List<BsonDocument>>> indexes = new HashMap<>();

    IndexedStore() {
        INDEXES.forEach(
                (collection, paths) ->
                        paths.forEach(p -> indexes.put(collection + "/" + p, new HashMap<>())));
    }

    void add(String collection, BsonDocument document) {
        for (String path : INDEXES.get(collection)) {
            Set<String> keys = new HashSet<>();
            collect(document, path, keys);
            for (String key : keys) {
                indexes.get(collection + "/" + path)
                        .computeIfAbsent(key, k -> new ArrayList<>())
                        .add(document);
            }
        }
    }

    private static void collect(BsonValue at, String path, Set<String> keys) {
        if (at instanceof BsonArray array) {
            array.forEach(v -> collect(v, path, keys));
        } else if (path.isEmpty()) {
            keys.add(at.asString().getValue());
        } else {
            int dot = path.indexOf('.');
            String name = dot < 0 ? path : path.substring(0, dot);
            if (at instanceof BsonDocument document && document.containsKey(name)) {
                collect(document.get(name), dot < 0 ? "" : path.substring(dot + 1), keys);
            }
        }
    }

    @Override
    public List<BsonDocument> findIn(
            String collection,
            String field,
            List<? extends BsonValue> values,
            List<String> fields) {
        Map<String, List<BsonDocument>> index = indexes.get(collection + "/" + field);
        if (index == null) {
            throw new AssertionError("no index on " + collection + " " + field);
        }
        Set<BsonDocument> found = Collections.newSetFromMap(new IdentityHashMap<>());
        for (BsonValue value : values) {
            found.addAll(index.getOrDefault(((BsonString) value).getValue(), List.of()));
        }
        return List.copyOf(found);
    }

    @Override
    public Optional<BsonDocument> findOne(String collection, BsonDocument filter) {
        String field = filter.getFirstKey();
        return findIn(collection, field, List.of(filter.get(field)), List.of()).stream()
                .findFirst();
    }

    @Override
    public long count(String collection, BsonDocument filter) {
        throw new AssertionError("counts " + collection);
    }

    @Override
    public List<BsonDocument> page(
            String collection, BsonDocument filter, KeyRange range, int limit) {
        throw new AssertionError("scans " + collection);
    }

    @Override
    public Written replace(String collection, List<BsonDocument> documents) {
        throw new AssertionError("writes " + collection);
    }

    @Override
    public void delete(String collection, List<BsonDocument> ids) {
        throw new AssertionError("deletes from " + collection);
    }

    @Override
    public void close() {}
}
