package org.aima.personclustering;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.aima.jobs.pipeline.Verification;
import org.aima.personclustering.core.DocumentReader;
import org.aima.personclustering.core.ExistingPerson;
import org.aima.personclustering.core.Modality;
import org.aima.personclustering.core.PersonComposer;
import org.aima.stores.milvus.MilvusAddress;
import org.aima.stores.milvus.MilvusEmbeddingStore;
import org.aima.stores.milvus.MilvusPageReader;
import org.aima.stores.milvus.PartitionRow;
import org.aima.stores.mongo.MongoAddress;
import org.aima.stores.mongo.MongoPageReader;
import org.aima.stores.paging.KeyRange;
import org.aima.stores.paging.Page;
import org.aima.stores.paging.PageReader;
import org.bson.BsonDocument;
import org.bson.RawBsonDocument;

/**
 * Reads persons and embedding rows back and checks that they agree; memory is the ids of all rows.
 */
final class PersonVerifier {
    private static final int EXAMPLES = 5;

    private final MongoAddress mongo;
    private final MilvusAddress milvus;

    PersonVerifier(MongoAddress mongo, MilvusAddress milvus) {
        this.mongo = mongo;
        this.milvus = milvus;
    }

    Verification verify() {
        Map<String, String> listedBy = new HashMap<>();
        Set<String> persons = new HashSet<>();
        Set<String> cutShort = new HashSet<>();
        List<String> twice = new ArrayList<>();
        forEach(
                new MongoPageReader(mongo, PersonModels.PERSONS, new BsonDocument(), List.of()),
                document -> addPerson(document, listedBy, persons, cutShort, twice));
        List<Verification.Check> checks = new ArrayList<>();
        checks.add(check("no embedding belongs to two persons", twice, listedBy.size()));
        for (Modality modality : Modality.values()) {
            checks.addAll(verifyRows(modality, listedBy, persons, cutShort));
        }
        return new Verification(checks);
    }

    private static void addPerson(
            RawBsonDocument document,
            Map<String, String> listedBy,
            Set<String> persons,
            Set<String> cutShort,
            List<String> twice) {
        ExistingPerson person = DocumentReader.person(document);
        if (person == null) {
            return;
        }
        persons.add(person.personId());
        if (person.memberKeys().length >= PersonComposer.MAX_LISTED_MEMBERS) {
            cutShort.add(person.personId());
        }
        for (String member : person.memberKeys()) {
            if (listedBy.put(member, person.personId()) != null) {
                twice.add(member);
            }
        }
    }

    private List<Verification.Check> verifyRows(
            Modality modality,
            Map<String, String> listedBy,
            Set<String> persons,
            Set<String> cutShort) {
        List<String> disagreeing = new ArrayList<>();
        List<String> unknown = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        long[] rows = new long[1];
        forEach(
                new MilvusPageReader(
                        new MilvusEmbeddingStore(milvus),
                        modality.collection(),
                        List.of("person_id"),
                        false),
                (PartitionRow row) -> {
                    rows[0]++;
                    String key = modality.collection() + "/" + row.row().id();
                    String carries = row.row().text("person_id");
                    String lists = listedBy.get(key);
                    seen.add(key);
                    if (lists != null && !lists.equals(carries)) {
                        disagreeing.add(row.row().id());
                    }
                    if (lists == null && !carries.isEmpty() && !cutShort.contains(carries)) {
                        unknown.add(row.row().id());
                    }
                    if (!carries.isEmpty() && !persons.contains(carries)) {
                        unknown.add(row.row().id());
                    }
                });
        return List.of(
                check(
                        modality.collection() + ": rows carry the person that lists them",
                        disagreeing,
                        rows[0]),
                check(
                        modality.collection()
                                + ": every person_id on a row is a person's that lists it",
                        unknown,
                        rows[0]));
    }

    private static Verification.Check check(String name, List<String> against, long looked) {
        return new Verification.Check(
                name,
                against.isEmpty(),
                looked
                        + " looked at, "
                        + against.size()
                        + " against"
                        + (against.isEmpty()
                                ? ""
                                : ", for example "
                                        + against.subList(0, Math.min(EXAMPLES, against.size()))));
    }

    private static <T> void forEach(PageReader<T> reader, java.util.function.Consumer<T> action) {
        try (reader) {
            for (KeyRange range : reader.ranges()) {
                KeyRange left = range;
                while (left != null) {
                    Page<T> page = reader.read(left);
                    page.rows().forEach(r -> action.accept(r.value()));
                    left = page.rest();
                }
            }
        }
    }
}
