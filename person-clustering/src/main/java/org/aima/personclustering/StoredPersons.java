package org.aima.personclustering;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.Sorts;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.aima.jobs.pipeline.RunSummary;
import org.aima.personclustering.core.DocumentReader;
import org.aima.personclustering.core.EmbeddingValidator;
import org.aima.personclustering.core.ImpostorCalibration;
import org.aima.personclustering.core.LinkingParameters;
import org.aima.personclustering.core.Measured;
import org.aima.personclustering.core.Modality;
import org.aima.personclustering.core.Observation;
import org.aima.personclustering.core.PersonGroup;
import org.aima.personclustering.core.PersonSnapshot;
import org.aima.personclustering.core.ResultFacts;
import org.aima.personclustering.core.SpacePersons;
import org.aima.personclustering.core.StoredEmbedding;
import org.aima.personclustering.function.PersonReader;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.milvus.MilvusAddress;
import org.aima.stores.milvus.MilvusEmbeddingStore;
import org.aima.stores.mongo.MongoAddress;
import org.aima.stores.mongo.MongoConnections;
import org.aima.stores.mongo.MongoRunLedger;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * Persons as MongoDB lists them, with the vectors of their rows from Milvus and the pictures of
 * their results; of what was read before only changed persons are read again, and of these only new
 * members.
 *
 * <p>A member whose row or result is gone does not count. Not for several threads.
 */
final class StoredPersons implements PersonReader {
    private static final String RESULTS = "analysis_results";
    private static final int PERSONS_AT_ONCE = 500;
    private static final int MEMBERS_AT_ONCE = 1_000;

    private final MongoClient client;
    private final MongoAddress mongo;
    private final MilvusEmbeddingStore store;
    private final Map<String, LinkingParameters> parametersByCollection;
    private final int exemplars;

    /**
     * @param exemplars vectors of a person that stand for all
     */
    StoredPersons(
            MongoAddress mongo,
            MilvusAddress milvus,
            Map<String, LinkingParameters> parametersByCollection,
            int exemplars) {
        this.client = MongoConnections.open(mongo);
        this.mongo = mongo;
        this.store = new MilvusEmbeddingStore(milvus);
        this.parametersByCollection = parametersByCollection;
        this.exemplars = exemplars;
    }

    private record Listed(String personId, String collection, String id, String resultId) {}

    @Override
    public PersonSnapshot read(@Nullable PersonSnapshot before) {
        long started = System.currentTimeMillis();
        Document recluster = lastRecluster();
        String run = recluster == null ? "" : recluster.getString("_id");
        Map<String, String> stamps = stamps();
        Map<String, String> merged =
                PersonModels.merged(collection(PersonModels.ALIASES), Filters.empty());
        Reading reading = new Reading(before);
        Map<String, String> stampsBefore = before == null ? Map.of() : before.stamps();
        List<String> changed =
                stamps.entrySet().stream()
                        .filter(s -> !s.getValue().equals(stampsBefore.get(s.getKey())))
                        .map(Map.Entry::getKey)
                        .sorted()
                        .toList();
        stampsBefore.keySet().stream().filter(p -> !stamps.containsKey(p)).forEach(reading::drop);
        EmbeddingStore rows = store.asOfNow();
        for (int start = 0; start < changed.size(); start += PERSONS_AT_ONCE) {
            addMembers(
                    reading,
                    rows,
                    changed.subList(start, Math.min(changed.size(), start + PERSONS_AT_ONCE)));
        }
        boolean same = before != null && !reading.touched && before.recluster().equals(run);
        Map<String, SpacePersons> spaces =
                same && before != null ? before.spaces() : spaces(reading, measured(recluster));
        return new PersonSnapshot(run, started, stamps, merged, spaces);
    }

    private final class Reading {
        private final Map<String, Map<String, PersonGroup>> groups = new TreeMap<>();
        private final Set<PersonGroup> own = new HashSet<>();
        private boolean touched;

        Reading(@Nullable PersonSnapshot before) {
            if (before != null) {
                before.spaces()
                        .forEach((name, space) -> groups.put(name, new HashMap<>(space.groups())));
            }
        }

        void drop(String person) {
            for (Map<String, PersonGroup> space : groups.values()) {
                touched |= space.remove(person) != null;
            }
        }

        /** The listed members that are not known; forgets the person when it lost one. */
        List<Listed> unknown(String person, List<Listed> listed) {
            long known = 0;
            List<Listed> unknown = new ArrayList<>();
            for (Listed member : listed) {
                if (knows(person, member)) {
                    known++;
                } else {
                    unknown.add(member);
                }
            }
            long held =
                    groups.values().stream()
                            .map(space -> space.get(person))
                            .mapToLong(group -> group == null ? 0 : group.size())
                            .sum();
            if (held > known) {
                drop(person);
                return listed;
            }
            return unknown;
        }

        private boolean knows(String person, Listed member) {
            long number = PersonGroup.memberNumber(member.id());
            for (Map.Entry<String, Map<String, PersonGroup>> space : groups.entrySet()) {
                PersonGroup group = space.getValue().get(person);
                if (group != null
                        && space.getKey().startsWith(member.collection() + "/")
                        && group.contains(number)) {
                    return true;
                }
            }
            return false;
        }

        void add(String person, Observation observation) {
            touched = true;
            Map<String, PersonGroup> space =
                    groups.computeIfAbsent(observation.space(), s -> new HashMap<>());
            PersonGroup group = space.get(person);
            if (group == null || !own.contains(group)) {
                group =
                        group == null
                                ? new PersonGroup(person, observation.vector().length, exemplars)
                                : group.copy();
                own.add(group);
                space.put(person, group);
            }
            group.add(
                    PersonGroup.memberNumber(observation.member().embeddingId()),
                    observation.vector(),
                    observation.sighting(),
                    observation.quality()
                            < parameters(observation.member().collection()).minimumQuality());
        }
    }

    private LinkingParameters parameters(String collection) {
        return parametersByCollection.getOrDefault(collection, LinkingParameters.DEFAULT);
    }

    private Map<String, SpacePersons> spaces(Reading reading, Map<String, Measured> measured) {
        Map<String, SpacePersons> spaces = new TreeMap<>();
        reading.groups.forEach(
                (name, groups) ->
                        spaces.put(
                                name,
                                SpacePersons.of(
                                        parameters(name.substring(0, name.indexOf('/'))),
                                        measured.get(name),
                                        groups)));
        return spaces;
    }

    private @Nullable Document lastRecluster() {
        return MongoConnections.<Optional<Document>>call(
                        "ledger read",
                        () ->
                                Optional.ofNullable(
                                        client.getDatabase(mongo.database())
                                                .getCollection(MongoRunLedger.RUNS)
                                                .find(
                                                        Filters.and(
                                                                Filters.eq(
                                                                        "job", "person-clustering"),
                                                                Filters.eq("action", "recluster"),
                                                                Filters.eq("state", "succeeded")))
                                                .sort(Sorts.descending("ended_at"))
                                                .first()))
                .orElse(null);
    }

    /** The figures of the last batch, as it left them in the ledger. */
    private static Map<String, Measured> measured(@Nullable Document recluster) {
        Map<String, Measured> measured = new HashMap<>();
        if (recluster == null) {
            return measured;
        }
        Map<String, Object> figures = RunSummary.figures(recluster);
        figures.forEach(
                (name, value) -> {
                    if (name.startsWith("space.") && name.endsWith(".stranger_centre")) {
                        String space =
                                name.substring(
                                        "space.".length(),
                                        name.length() - ".stranger_centre".length());
                        measured.put(
                                space,
                                new Measured(
                                        new ImpostorCalibration(
                                                number(figures, space, "stranger_centre"),
                                                number(figures, space, "stranger_spread")),
                                        (int) number(figures, space, "vectors")));
                    }
                });
        return measured;
    }

    private static double number(Map<String, Object> figures, String space, String name) {
        return Double.parseDouble(
                String.valueOf(figures.getOrDefault("space." + space + "." + name, "0")));
    }

    private MongoCollection<BsonDocument> collection(String name) {
        return client.getDatabase(mongo.database()).getCollection(name, BsonDocument.class);
    }

    private Map<String, String> stamps() {
        return MongoConnections.call(
                "read of persons",
                () -> {
                    Map<String, String> stamps = new HashMap<>();
                    collection(PersonModels.PERSONS)
                            .find()
                            .projection(
                                    Projections.include("person_id", "temporary", "last_updated"))
                            .forEach(
                                    d -> {
                                        if (d.get("person_id") instanceof BsonString id) {
                                            stamps.put(
                                                    id.getValue(),
                                                    d.get("last_updated")
                                                            + "/"
                                                            + d.get("temporary"));
                                        }
                                    });
                    return stamps;
                });
    }

    private void addMembers(Reading reading, EmbeddingStore rows, List<String> persons) {
        List<BsonDocument> documents =
                MongoConnections.call(
                        "read of persons",
                        () ->
                                collection(PersonModels.PERSONS)
                                        .find(Filters.in("person_id", persons))
                                        .projection(
                                                Projections.include(
                                                        "person_id",
                                                        Modality.FACE.collection(),
                                                        Modality.VOICE.collection()))
                                        .into(new ArrayList<>()));
        documents.sort(Comparator.comparing(d -> d.getString("person_id").getValue()));
        List<Listed> waiting = new ArrayList<>();
        for (BsonDocument document : documents) {
            List<Listed> listed = listed(document);
            waiting.addAll(reading.unknown(document.getString("person_id").getValue(), listed));
            while (waiting.size() >= MEMBERS_AT_ONCE) {
                List<Listed> some = waiting.subList(0, MEMBERS_AT_ONCE);
                look(reading, rows, some);
                some.clear();
            }
        }
        look(reading, rows, waiting);
    }

    private static List<Listed> listed(BsonDocument document) {
        List<Listed> listed = new ArrayList<>();
        for (Modality modality : Modality.values()) {
            if (document.get(modality.collection()) instanceof BsonArray entries) {
                for (BsonValue value : entries) {
                    if (value instanceof BsonDocument entry
                            && entry.get("embedding_id") instanceof BsonString id
                            && entry.get("source_result_id") instanceof BsonString result) {
                        listed.add(
                                new Listed(
                                        document.getString("person_id").getValue(),
                                        modality.collection(),
                                        id.getValue(),
                                        result.getValue()));
                    }
                }
            }
        }
        return listed;
    }

    private void look(Reading reading, EmbeddingStore rows, List<Listed> members) {
        if (members.isEmpty()) {
            return;
        }
        Map<String, ResultFacts> results = results(members);
        for (Modality modality : Modality.values()) {
            List<String> ids =
                    members.stream()
                            .filter(m -> m.collection().equals(modality.collection()))
                            .map(Listed::id)
                            .distinct()
                            .toList();
            Map<String, EmbeddingRow> found = new HashMap<>();
            if (!ids.isEmpty()) {
                rows.get(modality.collection(), null, ids).forEach(r -> found.put(r.id(), r));
            }
            for (Listed member : members) {
                EmbeddingRow row = found.get(member.id());
                ResultFacts facts = results.get(member.resultId());
                if (member.collection().equals(modality.collection())
                        && row != null
                        && facts != null
                        && facts.problem().isEmpty()) {
                    StoredEmbedding stored = stored(member, row);
                    if (EmbeddingValidator.check(stored).isEmpty()) {
                        reading.add(member.personId(), Observation.of(stored, facts));
                    }
                }
            }
        }
    }

    private static StoredEmbedding stored(Listed member, EmbeddingRow row) {
        return new StoredEmbedding(
                member.collection(),
                "",
                row.id(),
                row.vector(),
                row.vector().length,
                member.personId(),
                row.text("media_id"),
                member.resultId(),
                row.fields().get("confidence") instanceof Float confidence ? confidence : 1f);
    }

    private Map<String, ResultFacts> results(List<Listed> members) {
        List<String> ids = members.stream().map(Listed::resultId).distinct().toList();
        return MongoConnections.call(
                "read of results",
                () -> {
                    Map<String, ResultFacts> results = new HashMap<>();
                    collection(RESULTS)
                            .find(Filters.in("result_id", ids))
                            .projection(Projections.include(DocumentReader.RESULT_FIELDS))
                            .forEach(
                                    d -> {
                                        ResultFacts facts = DocumentReader.result(d);
                                        results.put(facts.resultId(), facts);
                                    });
                    return results;
                });
    }

    @Override
    public void close() {
        store.close();
        client.close();
    }
}
