package org.aima.archival.store.places;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.aima.archival.core.ManifestChain;
import org.aima.archival.core.Partition;
import org.aima.archival.store.ArchiveStore;
import org.aima.archival.store.ErasurePlaces;
import org.aima.archival.store.mongo.MongoLiveResults;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.ObjectStore;
import org.aima.stores.milvus.MilvusAddress;
import org.aima.stores.milvus.MilvusEmbeddingStore;
import org.aima.stores.milvus.MilvusPageReader;
import org.aima.stores.milvus.PartitionRow;
import org.aima.stores.mongo.MongoAddress;
import org.aima.stores.mongo.MongoConnections;
import org.aima.stores.paging.KeyRange;
import org.aima.stores.paging.Page;
import org.bson.Document;
import org.bson.conversions.Bson;

/** Places in MongoDB, Milvus and the object store. */
public final class StoredPlaces implements ErasurePlaces {
    public static final String SUMMARIES = "summaries";
    public static final String RESULTS = "results";
    public static final String PERSONS = "persons";
    public static final String VECTORS = "vectors";
    public static final String DOSSIERS = "dossiers";
    public static final String EXPORTS = "exports";
    public static final String LEFTOVERS = "leftovers";
    public static final String NOTES = "notes";

    private static final List<String> COLLECTIONS =
            List.of(
                    "face_embeddings",
                    "voice_embeddings",
                    "object_embeddings",
                    "scene_embeddings",
                    "general_embeddings");
    private static final int BATCH = 1_000;

    private final MongoClient client;
    private final MongoDatabase database;
    private final MilvusAddress milvus;
    private final ArchiveStore archive;
    private final String exportsBucket;

    public StoredPlaces(
            MongoAddress mongo, MilvusAddress milvus, ArchiveStore archive, String exportsBucket) {
        this.client = MongoConnections.open(mongo);
        this.database = client.getDatabase(mongo.database());
        this.milvus = milvus;
        this.archive = archive;
        this.exportsBucket = exportsBucket;
    }

    @Override
    public List<String> names() {
        // Exports before dossiers: a dossier tells whose exports to look at only while it names
        // them.
        return List.of(SUMMARIES, VECTORS, RESULTS, EXPORTS, DOSSIERS, PERSONS, LEFTOVERS, NOTES);
    }

    @Override
    public Found visit(String place, Subjects subjects, boolean removing) {
        return switch (place) {
            case SUMMARIES -> summaries(subjects, removing);
            case RESULTS -> results(subjects, removing);
            case PERSONS -> persons(subjects, removing);
            case VECTORS -> vectors(subjects, removing);
            case DOSSIERS -> dossiers(subjects, removing);
            case EXPORTS -> exports(subjects, removing);
            case LEFTOVERS -> leftovers(removing);
            case NOTES -> notes(subjects, removing);
            default -> throw new IllegalArgumentException(place);
        };
    }

    /**
     * Results of persons, as every store that links them tells: what has to be known before
     * anything is removed.
     */
    public Set<String> resultsOf(Set<String> persons, Set<String> media) {
        Set<String> results = new LinkedHashSet<>();
        collection("persons")
                .find(Filters.in("person_id", persons))
                .forEach(
                        person -> {
                            for (Document a : documents(person, "appearances")) {
                                results.addAll(texts(a, "result_ids"));
                            }
                            for (String field : List.of("face_embeddings", "voice_embeddings")) {
                                for (Document e : documents(person, field)) {
                                    if (e.get("source_result_id") instanceof String id) {
                                        results.add(id);
                                    }
                                }
                            }
                        });
        collection(MongoLiveResults.RESULTS)
                .find(owned(persons, media, Set.of()))
                .forEach(
                        r -> {
                            if (r.get("result_id") instanceof String id) {
                                results.add(id);
                            }
                        });
        scan(
                new Subjects(persons, media, Set.of()),
                (name, row) -> {
                    String id = row.row().text("result_id");
                    if (!id.isEmpty()) {
                        results.add(id);
                    }
                });
        return results;
    }

    private MongoCollection<Document> collection(String name) {
        return database.getCollection(name);
    }

    private static List<Document> documents(Document document, String field) {
        List<Document> found = new ArrayList<>();
        if (document.get(field) instanceof List<?> list) {
            for (Object one : list) {
                if (one instanceof Document inner) {
                    found.add(inner);
                }
            }
        }
        return found;
    }

    private static Set<String> texts(Document document, String field) {
        Set<String> found = new LinkedHashSet<>();
        if (document.get(field) instanceof List<?> list) {
            for (Object one : list) {
                if (one instanceof String text) {
                    found.add(text);
                }
            }
        }
        return found;
    }

    private static Bson owned(Set<String> persons, Set<String> media, Collection<String> results) {
        return Filters.or(
                Filters.in("person_id", persons),
                Filters.in("metadata.person_id", persons),
                Filters.in("media_id", media),
                Filters.in("result_id", results));
    }

    private Found summaries(Subjects s, boolean removing) {
        MongoCollection<Document> summaries = collection(MongoLiveResults.SUMMARIES);
        long found = 0;
        long removed = 0;
        for (List<String> some : batches(s.results())) {
            Bson filter =
                    Filters.or(
                            Filters.in("media_id", s.media()),
                            Filters.in("persons", s.persons()),
                            Filters.in("result_ids", some),
                            Filters.in("restored", some));
            for (Document summary : summaries.find(filter).into(new ArrayList<>())) {
                found++;
                if (removing) {
                    // The rewritten file has its own; what still names an erased id is stale.
                    removed +=
                            summaries
                                    .deleteOne(Filters.eq("_id", summary.get("_id")))
                                    .getDeletedCount();
                }
            }
        }
        return new Found(found, removed, Map.of());
    }

    private Found results(Subjects s, boolean removing) {
        return matching(MongoLiveResults.RESULTS, s, removing);
    }

    private Found matching(String name, Subjects s, boolean removing) {
        long found = 0;
        long removed = 0;
        for (List<String> some : batches(s.results())) {
            Bson filter = owned(s.persons(), s.media(), some);
            found += MongoConnections.call("count", () -> collection(name).countDocuments(filter));
            if (removing) {
                removed +=
                        MongoConnections.call(
                                "erase",
                                () -> collection(name).deleteMany(filter).getDeletedCount());
            }
        }
        return new Found(found, removed, Map.of());
    }

    private Found persons(Subjects s, boolean removing) {
        Map<String, Long> detail = new TreeMap<>();
        long found = 0;
        long removed = 0;
        Map<String, Bson> filters = new HashMap<>();
        filters.put("persons", Filters.in("person_id", s.persons()));
        filters.put(
                "person_aliases",
                Filters.or(Filters.in("old_id", s.persons()), Filters.in("new_id", s.persons())));
        filters.put(
                "person_constraints",
                Filters.or(Filters.in("a", s.persons()), Filters.in("b", s.persons())));
        for (Map.Entry<String, Bson> one : new TreeMap<>(filters).entrySet()) {
            long count = collection(one.getKey()).countDocuments(one.getValue());
            found += count;
            detail.put(one.getKey(), count);
            if (removing) {
                removed += collection(one.getKey()).deleteMany(one.getValue()).getDeletedCount();
            }
        }
        // Other persons may have been seen in an erased medium.
        long mentions = 0;
        for (List<String> some : batches(s.results())) {
            Bson filter =
                    Filters.or(
                            Filters.in("appearances.media_id", s.media()),
                            Filters.in("appearances.result_ids", some),
                            Filters.in("face_embeddings.source_result_id", some),
                            Filters.in("voice_embeddings.source_result_id", some));
            long count = collection("persons").countDocuments(filter);
            mentions += count;
            if (removing && count > 0) {
                collection("persons")
                        .updateMany(
                                filter,
                                new Document(
                                        "$pull",
                                        new Document(
                                                        "appearances",
                                                        new Document(
                                                                "$or",
                                                                List.of(
                                                                        in("media_id", s.media()),
                                                                        in("result_ids", some))))
                                                .append(
                                                        "face_embeddings",
                                                        in("source_result_id", some))
                                                .append(
                                                        "voice_embeddings",
                                                        in("source_result_id", some))));
            }
        }
        detail.put("mentions", mentions);
        return new Found(found + mentions, removing ? removed + mentions : 0, detail);
    }

    private static Document in(String field, Collection<String> values) {
        return new Document(field, new Document("$in", values));
    }

    /** Receives rows that belong to whom is erased. */
    @FunctionalInterface
    private interface RowConsumer {
        void accept(String collection, PartitionRow row);
    }

    private long scan(Subjects s, RowConsumer consumer) {
        long looked = 0;
        try (MilvusEmbeddingStore store = new MilvusEmbeddingStore(milvus)) {
            for (String name : COLLECTIONS) {
                var schema = store.describe(name);
                if (schema.isEmpty()) {
                    continue;
                }
                List<String> fields =
                        schema.get().fields().stream()
                                .map(EmbeddingSchema.Field::name)
                                .filter(List.of("person_id", "media_id", "result_id")::contains)
                                .toList();
                MilvusPageReader reader =
                        new MilvusPageReader(new MilvusEmbeddingStore(milvus), name, fields, false);
                try {
                    for (KeyRange range : reader.ranges()) {
                        for (KeyRange rest = range; rest != null; ) {
                            Page<PartitionRow> page = reader.read(rest);
                            for (Page.Keyed<PartitionRow> row : page.rows()) {
                                looked++;
                                if (belongs(row.value().row(), s)) {
                                    consumer.accept(name, row.value());
                                }
                            }
                            rest = page.rest();
                        }
                    }
                } finally {
                    reader.close();
                }
            }
        }
        return looked;
    }

    private static boolean belongs(EmbeddingRow row, Subjects s) {
        return s.persons().contains(row.text("person_id"))
                || s.media().contains(row.text("media_id"))
                || s.results().contains(row.text("result_id"));
    }

    private Found vectors(Subjects s, boolean removing) {
        Map<String, Map<String, List<String>>> rows = new TreeMap<>();
        Map<String, Long> detail = new TreeMap<>();
        long looked =
                scan(
                        s,
                        (name, row) -> {
                            rows.computeIfAbsent(name, n -> new TreeMap<>())
                                    .computeIfAbsent(row.partition(), p -> new ArrayList<>())
                                    .add(row.row().id());
                            detail.merge(name, 1L, Long::sum);
                        });
        long found = detail.values().stream().mapToLong(n -> n).sum();
        if (removing) {
            try (MilvusEmbeddingStore store = new MilvusEmbeddingStore(milvus)) {
                rows.forEach(
                        (name, partitions) ->
                                partitions.forEach(
                                        (partition, ids) ->
                                                batches(ids)
                                                        .forEach(
                                                                some ->
                                                                        store.delete(
                                                                                name, partition,
                                                                                some))));
            }
        }
        detail.put("examined", looked);
        return new Found(found, removing ? found : 0, detail);
    }

    private Set<String> dossiersWith(Subjects s) {
        return collection("dossiers")
                .find(mentioned(s))
                .map(d -> String.valueOf(d.get("dossier_id")))
                .into(new LinkedHashSet<>());
    }

    private static Bson mentioned(Subjects s) {
        return Filters.or(
                Filters.in("persons.person_id", s.persons()),
                Filters.in("media_items", s.media()),
                Filters.in("persons.appearances.media_id", s.media()),
                Filters.in("events.persons", s.persons()),
                Filters.in("events.person_ids", s.persons()),
                Filters.in("events.media_references.media_id", s.media()));
    }

    private Found dossiers(Subjects s, boolean removing) {
        MongoCollection<Document> dossiers = collection("dossiers");
        long found = dossiers.countDocuments(mentioned(s));
        if (removing && found > 0) {
            Document events =
                    new Document(
                            "$or",
                            List.of(
                                    in("persons", s.persons()),
                                    in("person_ids", s.persons()),
                                    in("media_references.media_id", s.media())));
            dossiers.updateMany(
                    mentioned(s),
                    new Document(
                            "$pull",
                            new Document("persons", in("person_id", s.persons()))
                                    .append("media_items", new Document("$in", s.media()))
                                    .append("events", events)));
            dossiers.updateMany(
                    Filters.in("persons.appearances.media_id", s.media()),
                    new Document(
                            "$pull",
                            new Document("persons.$[].appearances", in("media_id", s.media()))));
        }
        long left = removing ? dossiers.countDocuments(mentioned(s)) : found;
        return new Found(found, found - left, Map.of());
    }

    private Found exports(Subjects s, boolean removing) {
        ObjectStore objects = archive.objects();
        if (!objects.bucketExists(exportsBucket)) {
            return new Found(0, 0, Map.of("examined", 0L));
        }
        Set<String> dossiers = dossiersWith(s);
        List<byte[]> needles = new ArrayList<>();
        s.persons().forEach(p -> needles.add(p.getBytes(StandardCharsets.UTF_8)));
        s.media().forEach(m -> needles.add(m.getBytes(StandardCharsets.UTF_8)));
        // Thousands of result ids would make one pass over each export a long one; an export that
        // names a result also names its person or medium.
        Set<String> keys = new LinkedHashSet<>();
        long examined = 0;
        for (ObjectStore.ObjectVersion version : objects.versions(exportsBucket, "")) {
            if (version.deleteMarker() || keys.contains(version.key())) {
                continue;
            }
            examined++;
            String dossier =
                    version.key().contains("/")
                            ? version.key().replaceFirst("^/", "").split("/")[0]
                            : "";
            boolean holds =
                    dossiers.contains(dossier)
                            || objects.get(exportsBucket, version.key())
                                    .map(content -> contains(content, needles))
                                    // An older version under a delete marker cannot be read by key.
                                    .orElse(!version.latest());
            if (holds) {
                keys.add(version.key());
            }
        }
        if (removing) {
            for (ObjectStore.ObjectVersion version : objects.versions(exportsBucket, "")) {
                if (keys.contains(version.key())) {
                    objects.deleteVersion(exportsBucket, version.key(), version.versionId());
                }
            }
            objects.pendingUploads(exportsBucket, "")
                    .forEach(u -> objects.abortUpload(exportsBucket, u));
        }
        return new Found(keys.size(), removing ? keys.size() : 0, Map.of("examined", examined));
    }

    private static boolean contains(byte[] content, List<byte[]> needles) {
        // One byte is one character in this charset, so that the search is over bytes.
        String text = new String(content, StandardCharsets.ISO_8859_1);
        return needles.stream()
                .anyMatch(n -> text.contains(new String(n, StandardCharsets.ISO_8859_1)));
    }

    /** Older versions, replaced and orphaned files, and unfinished uploads of the archive. */
    private Found leftovers(boolean removing) {
        ObjectStore objects = archive.objects();
        ManifestChain chain = archive.chain();
        Map<String, Long> detail = new TreeMap<>();
        for (ObjectStore.ObjectVersion version :
                objects.versions(archive.bucket(), Partition.ROOT)) {
            boolean live = chain.live(version.key()).isPresent();
            if (live && version.latest()) {
                continue;
            }
            detail.merge(
                    version.latest() ? "replaced_or_orphaned" : "older_versions", 1L, Long::sum);
            if (removing) {
                objects.deleteVersion(archive.bucket(), version.key(), version.versionId());
            }
        }
        for (ObjectStore.PendingUpload upload : objects.pendingUploads(archive.bucket(), "")) {
            detail.merge("unfinished_uploads", 1L, Long::sum);
            if (removing) {
                objects.abortUpload(archive.bucket(), upload);
            }
        }
        long found = detail.values().stream().mapToLong(n -> n).sum();
        return new Found(found, removing ? found : 0, detail);
    }

    /** Dead letters, what clustering noted for its undo, and superseded rows. */
    private Found notes(Subjects s, boolean removing) {
        Map<String, Long> detail = new TreeMap<>();
        Map<String, Bson> filters = new TreeMap<>();
        List<String> ids = new ArrayList<>(s.results());
        ids.addAll(s.persons());
        ids.addAll(s.media());
        filters.put("dead_letters", Filters.in("key", ids));
        filters.put(
                "run_undo",
                Filters.or(
                        Filters.in("person_id", s.persons()),
                        Filters.in("document.person_id", s.persons()),
                        Filters.in("before.person_id", s.persons())));
        filters.put(MongoLiveResults.SUPERSEDED, Filters.in("result_id", s.results()));
        long found = 0;
        long removed = 0;
        for (Map.Entry<String, Bson> one : filters.entrySet()) {
            long count = collection(one.getKey()).countDocuments(one.getValue());
            detail.put(one.getKey(), count);
            found += count;
            if (removing) {
                removed += collection(one.getKey()).deleteMany(one.getValue()).getDeletedCount();
            }
        }
        return new Found(found, removed, detail);
    }

    private static List<List<String>> batches(Collection<String> values) {
        List<String> all = new ArrayList<>(new HashSet<>(values));
        List<List<String>> batches = new ArrayList<>();
        for (int from = 0; from == 0 || from < all.size(); from += BATCH) {
            batches.add(all.subList(from, Math.min(all.size(), from + BATCH)));
        }
        return batches;
    }

    @Override
    public void close() {
        client.close();
        archive.close();
    }
}
