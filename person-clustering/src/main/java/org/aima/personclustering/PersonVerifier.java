package org.aima.personclustering;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.aima.jobs.evaluation.Evaluation;
import org.aima.jobs.pipeline.ProgressLines;
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
import org.aima.stores.mongo.MongoDocumentStore;
import org.aima.stores.mongo.MongoPageReader;
import org.aima.stores.paging.PageReader;
import org.aima.stores.paging.RangeScan;
import org.bson.BsonDocument;
import org.bson.RawBsonDocument;

/**
 * Reads persons and embedding rows back and checks that they agree; memory is the ids of all rows.
 */
final class PersonVerifier {
    private static final int EXAMPLES = 5;
    private static final int WORST = 30;
    private static final double PERCENT = 100;
    // Each strong read waits some 0.2 s for the server's clock, whatever else it costs.
    private static final int THREADS = 4;

    private final MongoAddress mongo;
    private final MilvusAddress milvus;
    private final Map<String, String> labels;
    private final ProgressLines progress = ProgressLines.ofProcess();
    private final ContactSheet contacts = new ContactSheet();
    private final List<Verification.Sheet> worst = new ArrayList<>();

    PersonVerifier(MongoAddress mongo, MilvusAddress milvus, Map<String, String> labels) {
        this.mongo = mongo;
        this.milvus = milvus;
        this.labels = labels;
    }

    Verification verify() {
        Map<String, String> listedBy = new HashMap<>();
        Set<String> persons = new HashSet<>();
        Set<String> cutShort = new HashSet<>();
        List<String> twice = new ArrayList<>();
        forEach(
                () ->
                        new MongoPageReader(
                                mongo, PersonModels.PERSONS, new BsonDocument(), List.of()),
                persons(),
                "persons read back",
                document -> addPerson(document, listedBy, persons, cutShort, twice));
        List<Verification.Check> checks = new ArrayList<>();
        checks.add(check("no embedding belongs to two persons", twice, listedBy.size()));
        for (Modality modality : Modality.values()) {
            checks.addAll(verifyRows(modality, listedBy, persons, cutShort));
        }
        List<Verification.Sheet> sheets = new ArrayList<>(contacts.sheets());
        sheets.addAll(worst);
        return new Verification(checks, sheets);
    }

    private long persons() {
        try (MongoDocumentStore documents = new MongoDocumentStore(mongo)) {
            return documents.count(PersonModels.PERSONS, new BsonDocument());
        }
    }

    private long rows(Modality modality) {
        try (MilvusEmbeddingStore store = new MilvusEmbeddingStore(milvus)) {
            return store.count(modality.collection(), null, null);
        }
    }

    private void addPerson(
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
        contacts.add(document);
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
        Evaluation.Contingency against = new Evaluation.Contingency();
        long[] rows = new long[1];
        long[] labelled = new long[1];
        forEach(
                () ->
                        new MilvusPageReader(
                                new MilvusEmbeddingStore(milvus),
                                modality.collection(),
                                List.of("person_id"),
                                false),
                rows(modality),
                "rows of " + modality.collection() + " read back",
                (PartitionRow row) -> {
                    rows[0]++;
                    String key = modality.collection() + "/" + row.row().id();
                    String carries = row.row().text("person_id");
                    String lists = listedBy.get(key);
                    String identity = labels.get(row.row().id());
                    if (identity != null) {
                        labelled[0]++;
                        against.add(carries.isEmpty() ? "alone " + key : carries, identity);
                    }
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
        List<Verification.Check> checks = new ArrayList<>();
        if (labelled[0] > 0) {
            checks.add(scores(modality, against));
        }
        checks.addAll(
                List.of(
                        check(
                                modality.collection() + ": rows carry the person that lists them",
                                disagreeing,
                                rows[0]),
                        check(
                                modality.collection()
                                        + ": every person_id on a row is a person's that lists it",
                                unknown,
                                rows[0])));
        return checks;
    }

    private Verification.Check scores(Modality modality, Evaluation.Contingency against) {
        Evaluation e = against.evaluate();
        worst.add(
                new Verification.Sheet(
                        "Worst identities of " + modality.collection(),
                        "Labelled identities that are not one person of their own, most wrong first.",
                        List.of(
                                "identity",
                                "vectors",
                                "persons",
                                "most of it",
                                "holds",
                                "strangers"),
                        against.worst(WORST).stream()
                                .map(
                                        f ->
                                                List.of(
                                                        f.identity(),
                                                        Long.toString(f.vectors()),
                                                        Integer.toString(f.pieces()),
                                                        f.cluster(),
                                                        Long.toString(f.found()),
                                                        Long.toString(f.strangers())))
                                .toList()));
        return new Verification.Check(
                modality.collection() + ": scored against the labels",
                true,
                String.format(
                        Locale.ROOT,
                        "pairwise F %.2f (P %.2f, R %.2f), BCubed F %.2f (P %.2f, R %.2f), NMI %.2f,"
                                + " %d persons (%d of one) for %d identities, %d vectors",
                        PERCENT * e.pairwise().f(),
                        PERCENT * e.pairwise().precision(),
                        PERCENT * e.pairwise().recall(),
                        PERCENT * e.bcubed().f(),
                        PERCENT * e.bcubed().precision(),
                        PERCENT * e.bcubed().recall(),
                        PERCENT * e.nmi(),
                        e.clusters(),
                        e.singletons(),
                        e.identities(),
                        e.labelled()));
    }

    private static Verification.Check check(String name, List<String> found, long looked) {
        // The threads found them in any order.
        List<String> against = found.stream().sorted().toList();
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

    /** What is collected is shared by the threads: reading takes the time, not looking. */
    private <T> void forEach(
            Supplier<? extends PageReader<T>> readers,
            long total,
            String what,
            Consumer<T> action) {
        new RangeScan<T>(readers, THREADS, progress)
                .scan(
                        total,
                        what,
                        () ->
                                (scope, rows) -> {
                                    synchronized (this) {
                                        rows.forEach(action);
                                    }
                                });
    }
}
