package org.aima.dossier;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Updates;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.aima.dossier.core.AggregationRules;
import org.aima.dossier.core.AppearancePage;
import org.aima.dossier.core.ContentHash;
import org.aima.dossier.core.DocumentReader;
import org.aima.dossier.core.DossierRecount;
import org.aima.dossier.core.DossierWrite;
import org.aima.dossier.core.MachineContent;
import org.aima.dossier.function.DossierShelf.Answer;
import org.aima.jobs.model.BsonBytes;
import org.aima.jobs.pipeline.RunContext;
import org.aima.jobs.pipeline.Undoing;
import org.aima.jobs.pipeline.WriteGuard;
import org.aima.stores.mongo.MongoConnections;
import org.aima.testkit.servers.RealStores;
import org.bson.BsonArray;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Publishing on a real server: compare and swap, people's edits, history, pages, undo. */
class MongoDossierShelfITCase {
    @RegisterExtension static final RealStores STORES = new RealStores();

    private MongoClient client;
    private MongoCollection<BsonDocument> dossiers;
    private MongoCollection<BsonDocument> pages;
    private MongoCollection<BsonDocument> versions;

    @BeforeEach
    void open() {
        client = MongoConnections.open(STORES.mongo());
        var database = client.getDatabase(STORES.mongo().database());
        database.drop();
        dossiers = database.getCollection(DossierCollections.DOSSIERS, BsonDocument.class);
        pages = database.getCollection(DossierCollections.PAGES, BsonDocument.class);
        versions = database.getCollection(DossierCollections.VERSIONS, BsonDocument.class);
    }

    @AfterEach
    void close() {
        client.close();
    }

    private static MongoDossierShelf shelf(String runId, int history) {
        return new MongoDossierShelf(
                STORES.mongo(), new RunContext(runId, 1, false, 5_000), history);
    }

    private static BsonDocument dossier(String id) {
        return BsonDocument.parse(
                ("{_id: '%s', dossier_id: '%s', title: 'T', last_updated: {$date:"
                                + " '2026-01-01T00:00:00Z'}, media_items: ['m', 'n'], persons: [],"
                                + " events: [{event_id: 'hand', description: 'by hand'}], metadata:"
                                + " {shelf: 3}}")
                        .formatted(id, id));
    }

    /** What a rebuild makes of the stored dossier, with so many seconds of one person. */
    private DossierWrite write(String id, int seconds) {
        DossierRecount recount = new DossierRecount(AggregationRules.DEFAULT);
        recount.add(
                DocumentReader.result(
                        BsonDocument.parse(
                                ("{result_id: 'r', media_id: 'm', analysis_type: 'face_detection',"
                                                + " time_range: {start_seconds: 0, end_seconds: %d}}")
                                        .formatted(seconds))));
        recount.add(
                DocumentReader.person(
                        BsonDocument.parse(
                                "{person_id: 'p', face_embeddings: [{source_result_id: 'r'}]}")));
        return recount.rebuild(DocumentReader.dossier(stored(id)));
    }

    private BsonDocument stored(String id) {
        return dossiers.find(Filters.eq("_id", id)).first();
    }

    private List<Answer> publish(String runId, DossierWrite... writes) {
        try (MongoDossierShelf shelf = shelf(runId, 2)) {
            return shelf.publish(List.of(writes));
        }
    }

    private static void assertPublished(List<Answer> answers) {
        assertThat(answers).isNotEmpty().containsOnly(Answer.PUBLISHED);
    }

    @Test
    void onlyTheMachinesFieldsChange() {
        dossiers.insertOne(dossier("d"));
        DossierWrite write = write("d", 4);
        assertPublished(publish("run-1", write));
        BsonDocument now = stored("d");
        BsonDocument before = dossier("d");
        for (String owned : List.of("title", "media_items", "dossier_id")) {
            assertThat(now.get(owned)).isEqualTo(before.get(owned));
        }
        assertThat(now.getDocument("metadata").get("shelf")).isEqualTo(new BsonInt32(3));
        assertThat(MachineContent.events(now, false)).isEqualTo(before.getArray("events"));
        assertThat(MachineContent.version(now)).isEqualTo(1);
        assertThat(ContentHash.of(MachineContent.stored(now))).isEqualTo(write.fingerprint());
        assertThat(write("d", 4).kind()).isEqualTo(DossierWrite.Kind.UNCHANGED);
    }

    @Test
    void anAttemptWhoseAnswerWasLostIsNoConflict() {
        dossiers.insertOne(dossier("d"));
        DossierWrite write = write("d", 4);
        assertPublished(publish("run-1", write));
        BsonDocument once = stored("d");
        assertPublished(publish("run-1", write));
        assertThat(stored("d")).isEqualTo(once);
        assertThat(publish("run-2", write).get(0).reason()).isEqualTo("published_meanwhile");
    }

    @Test
    void whatPeopleChangedMeanwhileIsKeptOrRefused() {
        dossiers.insertMany(List.of(dossier("title"), dossier("media"), dossier("gone")));
        DossierWrite[] writes = {write("title", 4), write("media", 4), write("gone", 4)};
        dossiers.updateOne(
                Filters.eq("_id", "title"),
                Updates.combine(
                        Updates.set("title", "edited"),
                        Updates.push("events", new BsonDocument("event_id", new BsonString("x")))));
        dossiers.updateOne(Filters.eq("_id", "media"), Updates.push("media_items", "o"));
        dossiers.deleteOne(Filters.eq("_id", "gone"));
        assertThat(publish("run-1", writes))
                .extracting(Answer::reason)
                .containsExactly("", "media_changed_meanwhile", "removed_meanwhile");
        BsonDocument edited = stored("title");
        assertThat(edited.getString("title").getValue()).isEqualTo("edited");
        assertThat(MachineContent.events(edited, false)).hasSize(2);
        assertThat(MachineContent.version(edited)).isEqualTo(1);
        assertThat(MachineContent.version(stored("media"))).isZero();
    }

    @Test
    void noEditIsLostAndNoReaderSeesAMixture() throws Exception {
        dossiers.insertOne(dossier("d"));
        AtomicBoolean stop = new AtomicBoolean();
        AtomicLong edits = new AtomicLong();
        List<String> mixtures = new ArrayList<>();
        Thread editor =
                new Thread(
                        () -> {
                            while (!stop.get()) {
                                long n = edits.incrementAndGet();
                                dossiers.updateOne(
                                        Filters.eq("_id", "d"),
                                        Updates.combine(
                                                Updates.set("title", "edit " + n),
                                                Updates.push(
                                                        "events",
                                                        new BsonDocument(
                                                                "event_id",
                                                                new BsonString("e" + n)))));
                            }
                        });
        Thread reader =
                new Thread(
                        () -> {
                            while (!stop.get()) {
                                BsonDocument seen = stored("d");
                                BsonDocument told = MachineContent.aggregation(seen);
                                String is = ContentHash.of(MachineContent.stored(seen));
                                if (told != null
                                        && !told.getString("fingerprint").getValue().equals(is)) {
                                    mixtures.add(seen.toJson());
                                }
                            }
                        });
        editor.start();
        reader.start();
        for (int seconds = 1; seconds <= 60; seconds++) {
            assertPublished(publish("run-" + seconds, write("d", seconds)));
        }
        stop.set(true);
        editor.join();
        reader.join();
        assertThat(mixtures).isEmpty();
        BsonDocument now = stored("d");
        assertThat(now.getString("title").getValue()).isEqualTo("edit " + edits.get());
        assertThat(MachineContent.events(now, false)).hasSize((int) edits.get() + 1);
        assertThat(MachineContent.version(now)).isEqualTo(60);
        assertThat(versions.countDocuments()).as("of 60 versions the last two").isEqualTo(2);
    }

    private static Undoing undo(String runId) {
        try (DossierUndo undo =
                new DossierUndo(STORES.mongo(), WriteGuard.open(), runId, id -> {})) {
            return undo.undo();
        }
    }

    @Test
    void undoRestoresTheBytes() {
        BsonDocument mixed = dossier("mixed");
        BsonDocument bare = BsonDocument.parse("{_id: 'bare', dossier_id: 'bare'}");
        dossiers.insertMany(List.of(dossier("d"), bare));
        assertPublished(publish("run-1", write("d", 4), write("bare", 4)));
        BsonDocument first = stored("d");
        dossiers.updateOne(
                Filters.eq("_id", "d"),
                Updates.push("events", new BsonDocument("event_id", new BsonString("late"))));
        BsonDocument second = stored("d");
        assertPublished(publish("run-2", write("d", 9)));
        assertThat(stored("d")).isNotEqualTo(second);

        assertThat(undo("run-2")).isEqualTo(new Undoing(1, 0, 0, 0, List.of()));
        assertThat(BsonBytes.encode(stored("d"))).isEqualTo(BsonBytes.encode(second));
        assertThat(undo("run-2").already()).isEqualTo(1);

        Undoing all = undo("run-1");
        assertThat(all.restored()).isEqualTo(2);
        assertThat(BsonBytes.encode(stored("bare"))).isEqualTo(BsonBytes.encode(bare));
        BsonDocument back = stored("d");
        assertThat(back.getArray("persons")).isEmpty();
        assertThat(back.getDocument("metadata")).isEqualTo(mixed.getDocument("metadata"));
        assertThat(back.get("last_updated")).isEqualTo(mixed.get("last_updated"));
        assertThat(back.getArray("events"))
                .containsExactly(
                        mixed.getArray("events").get(0),
                        new BsonDocument("event_id", new BsonString("late")));
        assertThat(first).isNotEqualTo(back);
    }

    @Test
    void undoRefusesWhenTheContentWasChangedSinceAndKeepsEdits() {
        dossiers.insertMany(List.of(dossier("a"), dossier("b")));
        assertPublished(publish("run-1", write("a", 4), write("b", 4)));
        assertPublished(publish("run-2", write("b", 5)));
        BsonDocument a = stored("a");
        Undoing refused = undo("run-1");
        assertThat(refused.conflicting()).isEqualTo(1);
        assertThat(refused.conflicts()).singleElement().asString().contains("b", "version 2");
        assertThat(stored("a")).isEqualTo(a);

        undo("run-2");
        dossiers.updateOne(
                Filters.eq("_id", "a"),
                Updates.combine(
                        Updates.set("title", "later"),
                        Updates.set("last_updated", new BsonDateTime(9_000))));
        assertThat(undo("run-1").restored()).isEqualTo(2);
        assertThat(stored("a").getString("title").getValue()).isEqualTo("later");
        assertThat(stored("a").get("last_updated")).isEqualTo(new BsonDateTime(9_000));
        assertThat(stored("a").getDocument("metadata")).containsOnlyKeys("shelf");
    }

    private DossierWrite paged(String id, int seconds, String... pageIds) {
        DossierWrite write = write(id, seconds);
        BsonDocument content = BsonBytes.decode(write.content());
        BsonArray listed = new BsonArray();
        for (String page : pageIds) {
            listed.add(new BsonString(page));
        }
        content.getDocument("aggregation").put("pages", listed);
        return new DossierWrite(
                write.kind(),
                write.dossierId(),
                write.documentId(),
                write.version(),
                ContentHash.of(content),
                write.mediaItems(),
                BsonBytes.encode(content),
                write.before(),
                pageIds,
                write.change());
    }

    private static AppearancePage page(String id, String dossierId) {
        return new AppearancePage(
                id,
                BsonBytes.encode(
                        new BsonDocument("_id", new BsonString(id))
                                .append("dossier_id", new BsonString(dossierId))));
    }

    @Test
    void pagesStayAsLongAsAKeptVersionRefersToThem() {
        dossiers.insertMany(List.of(dossier("d"), dossier("other")));
        try (MongoDossierShelf shelf = shelf("run", 1)) {
            shelf.storePages(List.of(page("of-other", "other"), page("abandoned", "d")));
            for (int v = 1; v <= 3; v++) {
                shelf.storePages(List.of(page("p" + v, "d")));
                assertPublished(shelf.publish(List.of(paged("d", v, "p" + v))));
            }
        }
        List<String> left = new ArrayList<>();
        pages.find().forEach(p -> left.add(p.getString("_id").getValue()));
        assertThat(left).containsExactlyInAnyOrder("p2", "p3", "of-other");
    }

    @Test
    void theReadBackFindsWhatIsNotAsPublished() {
        dossiers.insertMany(List.of(dossier("d"), dossier("e")));
        try (MongoDossierShelf shelf = shelf("run", 5)) {
            shelf.storePages(List.of(page("p", "d")));
            assertPublished(shelf.publish(List.of(paged("d", 3, "p"), write("e", 3))));
        }
        assertThat(verified()).isTrue();
        pages.deleteMany(new BsonDocument());
        assertThat(verified()).isFalse();
        try (MongoDossierShelf shelf = shelf("run", 5)) {
            shelf.storePages(List.of(page("p", "d")));
        }
        assertThat(verified()).isTrue();
        dossiers.updateOne(Filters.eq("_id", "e"), Updates.set("persons", new BsonArray()));
        assertThat(verified()).isFalse();
    }

    private static boolean verified() {
        try (DossierVerifier verifier = new DossierVerifier(STORES.mongo(), "run")) {
            return verifier.verify().passed();
        }
    }
}
