package org.aima.personclustering;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.BulkWriteOptions;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.WriteModel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.aima.jobs.model.Reject;
import org.aima.personclustering.core.AssignedMember;
import org.aima.personclustering.core.Member;
import org.aima.personclustering.core.PersonChange;
import org.aima.personclustering.core.PersonComposer;
import org.aima.personclustering.core.PersonJoin;
import org.aima.personclustering.core.PersonWrite;
import org.aima.personclustering.core.PersonWrite.Kind;
import org.aima.personclustering.function.PersonShelf;
import org.aima.personclustering.function.RowUpserts;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.milvus.MilvusAddress;
import org.aima.stores.milvus.MilvusEmbeddingStore;
import org.aima.stores.mongo.MongoAddress;
import org.aima.stores.mongo.MongoConnections;
import org.aima.stores.mongo.MongoRunLedger;
import org.bson.BsonDocument;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * Adds members to persons in MongoDB and their ids to rows in Milvus: documents first, so that
 * every id on a row is a person's that lists it.
 *
 * <p>A row is read whole before, and only its person changes. One that has gone is rejected, and
 * one that has a person already keeps it. Persons a batch merged meanwhile are followed.
 */
final class PersonWriter implements PersonShelf {
    private static final int LONGEST_CHAIN = 100;
    // A batch whose client died renews no lease while its Flink job goes on.
    private static final long LEASE_GRACE_MILLIS = 600_000;

    private final MongoClient client;
    private final MongoAddress mongo;
    private final MilvusEmbeddingStore store;
    private final PersonComposer composer;
    private final String batchTarget;

    /**
     * @param batchTarget whose lease a batch holds while it writes persons
     */
    PersonWriter(
            MongoAddress mongo, MilvusAddress milvus, PersonComposer composer, String batchTarget) {
        this.client = MongoConnections.open(mongo);
        this.mongo = mongo;
        this.store = new MilvusEmbeddingStore(milvus);
        this.composer = composer;
        this.batchTarget = batchTarget;
    }

    private record Place(String collection, String partition) {}

    private record Found(Place place, EmbeddingRow row) {}

    @Override
    public boolean held() {
        return MongoConnections.call(
                "lease check",
                () -> {
                    Document lease =
                            client.getDatabase(mongo.database())
                                    .getCollection(MongoRunLedger.LEASES)
                                    .find(Filters.eq("_id", batchTarget))
                                    .first();
                    if (lease == null || lease.getString("run_id") == null) {
                        return false;
                    }
                    Date until = lease.getDate("expires_at");
                    return until != null
                            && until.getTime() + LEASE_GRACE_MILLIS > System.currentTimeMillis()
                            && !ended(lease.getString("run_id"));
                });
    }

    private boolean ended(String run) {
        Document known =
                client.getDatabase(mongo.database())
                        .getCollection(MongoRunLedger.RUNS)
                        .find(Filters.eq("_id", run))
                        .first();
        return known != null && known.get("ended_at") != null;
    }

    @Override
    public Written join(List<PersonJoin> joins, long nowMillis) {
        List<Reject> rejects = new ArrayList<>();
        Map<String, Found> rows = find(joins);
        Map<String, String> followed = new HashMap<>();
        Map<String, BsonDocument> persons = persons(joins, followed);
        Map<String, List<PersonJoin>> byPerson = new TreeMap<>();
        int already = 0;
        for (PersonJoin join : joins) {
            Member member = join.member();
            Found found = rows.get(member.key());
            String person = followed.getOrDefault(join.personId(), join.personId());
            if (found == null) {
                rejects.add(
                        reject(
                                member,
                                "row_gone",
                                "Milvus has no row of this id; write the row before its event"));
            } else if (!persons.containsKey(person) && !join.created()) {
                rejects.add(
                        reject(
                                member,
                                "person_gone",
                                "person " + person + " was removed; the next batch decides"));
            } else if (!carries(found, "") && !carries(found, person)) {
                already++;
            } else {
                byPerson.computeIfAbsent(person, p -> new ArrayList<>()).add(join);
            }
        }
        List<PersonChange> changes = writePersons(byPerson, persons, nowMillis);
        Map<Place, List<EmbeddingRow>> upserts = new LinkedHashMap<>();
        for (Map.Entry<String, List<PersonJoin>> person : byPerson.entrySet()) {
            for (PersonJoin join : person.getValue()) {
                Found found = rows.get(join.member().key());
                if (found == null || carries(found, person.getKey())) {
                    already++;
                } else {
                    upserts.computeIfAbsent(found.place(), p -> new ArrayList<>())
                            .add(RowUpserts.of(found.row(), person.getKey()));
                }
            }
        }
        int written = 0;
        for (Map.Entry<Place, List<EmbeddingRow>> place : upserts.entrySet()) {
            Place at = place.getKey();
            int refused =
                    new RowUpserts(
                                    store,
                                    (id, cause) ->
                                            rejects.add(
                                                    new Reject(
                                                            "milvus:"
                                                                    + at.collection()
                                                                    + "/"
                                                                    + at.partition(),
                                                            id,
                                                            "refused_by_store",
                                                            String.valueOf(cause.getMessage()),
                                                            "")))
                            .write(at.collection(), at.partition(), place.getValue());
            written += place.getValue().size() - refused;
        }
        return new Written(changes, rejects, written, already);
    }

    private static boolean carries(Found found, String personId) {
        return found.row().text("person_id").equals(personId);
    }

    private static Reject reject(Member member, String reason, String detail) {
        return new Reject(
                "milvus:" + member.collection() + "/" + member.partition(),
                member.embeddingId(),
                reason,
                detail,
                "result_id=" + member.resultId() + " media_id=" + member.mediaId());
    }

    /** Rows by member key; looked for where the event says and, failing that, everywhere. */
    private Map<String, Found> find(List<PersonJoin> joins) {
        Map<Place, Set<String>> wanted = new LinkedHashMap<>();
        for (PersonJoin join : joins) {
            Member member = join.member();
            wanted.computeIfAbsent(
                            new Place(member.collection(), member.partition()),
                            p -> new TreeSet<>())
                    .add(member.embeddingId());
        }
        // Waits once for what was written before the events, not once a partition.
        EmbeddingStore now = store.asOfNow();
        Map<String, Found> found = new HashMap<>();
        Map<String, Set<String>> missing = new TreeMap<>();
        Map<String, Set<String>> partitions = new HashMap<>();
        wanted.forEach(
                (place, ids) -> {
                    if (partitions
                            .computeIfAbsent(place.collection(), store::partitions)
                            .contains(place.partition())) {
                        take(now, place, ids, found);
                    }
                    ids.removeIf(id -> found.containsKey(place.collection() + "/" + id));
                    missing.computeIfAbsent(place.collection(), c -> new TreeSet<>()).addAll(ids);
                });
        missing.forEach(
                (collection, ids) -> {
                    for (String partition : partitions.getOrDefault(collection, Set.of())) {
                        take(now, new Place(collection, partition), ids, found);
                        ids.removeIf(id -> found.containsKey(collection + "/" + id));
                    }
                });
        return found;
    }

    private static void take(
            EmbeddingStore rows, Place place, Collection<String> ids, Map<String, Found> found) {
        if (!ids.isEmpty()) {
            for (EmbeddingRow row :
                    rows.get(place.collection(), place.partition(), new ArrayList<>(ids))) {
                found.put(place.collection() + "/" + row.id(), new Found(place, row));
            }
        }
    }

    /**
     * The stored documents of those who are joined.
     *
     * @param followed filled with the ids that took the place of ended ones
     */
    private Map<String, BsonDocument> persons(
            List<PersonJoin> joins, Map<String, String> followed) {
        Map<String, BsonDocument> persons = new HashMap<>();
        Set<String> wanted = new TreeSet<>();
        joins.forEach(j -> wanted.add(j.personId()));
        for (int i = 0; i < LONGEST_CHAIN && !wanted.isEmpty(); i++) {
            List<String> ids = List.copyOf(wanted);
            persons.putAll(byPersonId(PersonModels.PERSONS, ids));
            wanted.removeAll(persons.keySet());
            Map<String, String> next = merged(List.copyOf(wanted));
            wanted.clear();
            for (PersonJoin join : joins) {
                String at = followed.getOrDefault(join.personId(), join.personId());
                String to = next.get(at);
                if (to != null && !persons.containsKey(at)) {
                    followed.put(join.personId(), to);
                    if (!persons.containsKey(to)) {
                        wanted.add(to);
                    }
                }
            }
        }
        return persons;
    }

    private Map<String, BsonDocument> byPersonId(String collection, List<String> ids) {
        return MongoConnections.call(
                "read of persons",
                () -> {
                    Map<String, BsonDocument> found = new HashMap<>();
                    collection(collection)
                            .find(Filters.in("person_id", ids))
                            .forEach(d -> found.put(d.getString("person_id").getValue(), d));
                    return found;
                });
    }

    private Map<String, String> merged(List<String> ids) {
        return ids.isEmpty()
                ? Map.of()
                : PersonModels.merged(collection(PersonModels.ALIASES), Filters.in("old_id", ids));
    }

    private MongoCollection<BsonDocument> collection(String name) {
        return client.getDatabase(mongo.database()).getCollection(name, BsonDocument.class);
    }

    private List<PersonChange> writePersons(
            Map<String, List<PersonJoin>> byPerson,
            Map<String, BsonDocument> persons,
            long nowMillis) {
        List<WriteModel<BsonDocument>> writes = new ArrayList<>();
        List<PersonChange> changes = new ArrayList<>();
        byPerson.forEach(
                (person, joins) -> {
                    @Nullable BsonDocument existing = persons.get(person);
                    PersonWrite write =
                            composer.extend(
                                    person,
                                    existing,
                                    joins.stream()
                                            .map(
                                                    j ->
                                                            new AssignedMember(
                                                                    person,
                                                                    j.similarity(),
                                                                    j.member()))
                                            .toList(),
                                    nowMillis);
                    if (write.kind() != Kind.UNCHANGED) {
                        writes.add(PersonModels.write(write));
                    }
                    // Also of a person that an interrupted attempt wrote: it told nobody.
                    changes.add(
                            new PersonChange(
                                    person,
                                    existing == null,
                                    joins.stream()
                                            .map(j -> j.member().mediaId())
                                            .distinct()
                                            .sorted()
                                            .toArray(String[]::new),
                                    nowMillis));
                });
        if (!writes.isEmpty()) {
            MongoConnections.call(
                    "write of persons",
                    () ->
                            collection(PersonModels.PERSONS)
                                    .bulkWrite(writes, new BulkWriteOptions().ordered(false)));
        }
        return changes;
    }

    @Override
    public void close() {
        store.close();
        client.close();
    }
}
