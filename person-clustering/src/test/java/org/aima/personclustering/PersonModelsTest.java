package org.aima.personclustering;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.model.DeleteOneModel;
import com.mongodb.client.model.UpdateOneModel;
import com.mongodb.client.model.WriteModel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.aima.jobs.model.BsonBytes;
import org.aima.personclustering.core.AssignedMember;
import org.aima.personclustering.core.DocumentHash;
import org.aima.personclustering.core.Member;
import org.aima.personclustering.core.PersonComposer;
import org.aima.personclustering.core.PersonWrite;
import org.aima.personclustering.core.PersonWrite.Kind;
import org.aima.stores.mongo.MongoWriteAhead.Note;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonNull;
import org.bson.BsonString;
import org.jspecify.annotations.Nullable;

/** What is noted before a write tells exactly what the write replaces and what it leaves. */
class PersonModelsTest {
    private static final String PERSON = "p-1";
    private static final String RUN = "run-1";
    private static final PersonComposer COMPOSER = new PersonComposer(1, 0.2);

    private static List<AssignedMember> members(Random random) {
        List<AssignedMember> members = new ArrayList<>();
        for (int i = 0; i < 1 + random.nextInt(10); i++) {
            members.add(
                    new AssignedMember(
                            PERSON,
                            random.nextDouble(),
                            new Member(
                                    random.nextBoolean() ? "face_embeddings" : "voice_embeddings",
                                    "_default",
                                    "e-" + i,
                                    "",
                                    "m-" + random.nextInt(3),
                                    "r-" + i,
                                    random.nextDouble(),
                                    random.nextBoolean(),
                                    i,
                                    i + 0.5,
                                    random.nextBoolean() ? Double.NaN : random.nextInt(80),
                                    random.nextBoolean() ? "" : "female",
                                    random.nextDouble(),
                                    random.nextBoolean() ? new String[0] : new String[] {"hat"},
                                    new String[0])));
        }
        return members;
    }

    private static PersonWrite compose(
            @Nullable BsonDocument existing, List<AssignedMember> members, String from, long at) {
        return COMPOSER.compose(PERSON, existing, members, from, Set.of(), at);
    }

    /** What MongoDB holds after a write: an upserted document begins with the filter's fields. */
    private static @Nullable BsonDocument apply(
            WriteModel<BsonDocument> write, @Nullable BsonDocument stored) {
        if (write instanceof DeleteOneModel<BsonDocument> delete) {
            BsonDocument filter = delete.getFilter().toBsonDocument();
            boolean matches = stored != null && stored.entrySet().containsAll(filter.entrySet());
            return matches ? null : stored;
        }
        UpdateOneModel<BsonDocument> update = (UpdateOneModel<BsonDocument>) write;
        BsonDocument changes = update.getUpdate().toBsonDocument();
        assertThat(changes.keySet()).isSubsetOf("$set", "$setOnInsert");
        BsonDocument held =
                stored == null ? update.getFilter().toBsonDocument().clone() : stored.clone();
        // MongoDB adds new fields in order of their names.
        new TreeMap<>(changes.getDocument("$set", new BsonDocument())).forEach(held::put);
        if (stored == null) {
            new TreeMap<>(changes.getDocument("$setOnInsert", new BsonDocument()))
                    .forEach(held::put);
        }
        return held;
    }

    private static BsonDocument stored(PersonWrite write, @Nullable BsonDocument before) {
        BsonDocument after = apply(PersonModels.write(write), before);
        assertThat(after).isNotNull();
        return after == null ? new BsonDocument() : after;
    }

    /** The documents that notes leave in a collection that was empty. */
    private static List<BsonDocument> noted(PersonWrite write, String collection) {
        List<BsonDocument> noted = new ArrayList<>();
        for (Note note : PersonModels.notes(write, RUN, 5)) {
            if (note.collection().equals(collection)) {
                BsonDocument document = apply(note.write(), null);
                noted.add(document == null ? new BsonDocument() : document);
            }
        }
        return noted;
    }

    private static BsonDocument undo(PersonWrite write) {
        List<BsonDocument> noted = noted(write, PersonModels.UNDO);
        assertThat(noted).hasSize(1);
        return noted.get(0);
    }

    private static BsonDocument shuffled(BsonDocument document, Random random) {
        List<String> fields = new ArrayList<>(document.keySet());
        Collections.shuffle(fields, random);
        BsonDocument shuffled = new BsonDocument();
        fields.forEach(f -> shuffled.put(f, document.get(f)));
        return shuffled;
    }

    private static void assertUndoTells(
            PersonWrite write, @Nullable BsonDocument before, Random random) {
        BsonDocument after = stored(write, before);
        BsonDocument undo = undo(write);
        assertThat(undo.getString("after_sha256").getValue())
                .isEqualTo(DocumentHash.of(after))
                .isEqualTo(DocumentHash.of(shuffled(after, random)));
        assertThat(undo.get("before")).isEqualTo(before == null ? BsonNull.VALUE : before);
        assertThat(undo.get("document_id")).isEqualTo(after.get("_id"));
        after.put("notes", new BsonString("somebody was here"));
        assertThat(undo.getString("after_sha256").getValue()).isNotEqualTo(DocumentHash.of(after));
    }

    @Property(tries = 200)
    void undoKnowsWhatACreationLeaves(@ForAll long seed) {
        Random random = new Random(seed);
        PersonWrite write = compose(null, members(random), "", 1_000);
        assertThat(write.kind()).isEqualTo(Kind.CREATE);
        assertUndoTells(write, null, random);
    }

    @Property(tries = 200)
    void undoKnowsWhatAnUpdateReplacesAndLeaves(@ForAll long seed) {
        Random random = new Random(seed);
        BsonDocument before = stored(compose(null, members(random), "", 1_000), null);
        before.put("name", new BsonString("Ada"));
        before.put("temporary", BsonBoolean.valueOf(random.nextBoolean()));
        before.put("members_total", new BsonInt32(7));
        if (random.nextBoolean()) {
            before.put("_id", new BsonString("own id"));
        }
        if (random.nextBoolean()) {
            before.remove("appearances");
        }
        before = shuffled(before, random);
        List<AssignedMember> members = members(random);
        members.add(new AssignedMember(PERSON, 0.5, members.get(0).member()));
        PersonWrite write = compose(before, members, "", 2_000);
        assertThat(write.kind()).isEqualTo(Kind.UPDATE);
        assertUndoTells(write, before, random);
    }

    @Example
    void undoKnowsWhatAMergeRemoves() {
        BsonDocument before = stored(compose(null, members(new Random(1)), "", 1_000), null);
        PersonWrite write = PersonComposer.merge(PERSON, before, "p-2");
        assertThat(apply(PersonModels.write(write), before)).isNull();
        assertThat(undo(write).getString("after_sha256").getValue()).isEmpty();
        assertThat(undo(write).get("before")).isEqualTo(before);
    }

    @Example
    void personConfirmedMeanwhileIsNotRemoved() {
        BsonDocument before = stored(compose(null, members(new Random(1)), "", 1_000), null);
        PersonWrite write = PersonComposer.merge(PERSON, before, "p-2");
        BsonDocument confirmed = before.clone();
        confirmed.put("temporary", BsonBoolean.FALSE);
        assertThat(apply(PersonModels.write(write), confirmed)).isEqualTo(confirmed);
    }

    @Example
    void repeatedRunKeepsTheFirstNote() {
        BsonDocument first = stored(compose(null, members(new Random(1)), "", 1_000), null);
        List<AssignedMember> members = members(new Random(2));
        PersonWrite write = compose(first, members, "", 2_000);
        PersonWrite again = compose(stored(write, first), members(new Random(3)), "", 3_000);
        BsonDocument undo = apply(PersonModels.notes(again, RUN, 9).get(0).write(), undo(write));
        assertThat(undo).isNotNull().containsEntry("before", first);
        assertThat(undo)
                .containsEntry(
                        "after_sha256",
                        new BsonString(DocumentHash.of(stored(again, stored(write, first)))));
    }

    @Example
    void mergeLeavesAnAlias() {
        BsonDocument before = stored(compose(null, members(new Random(1)), "", 1_000), null);
        assertThat(noted(PersonComposer.merge(PERSON, before, "p-2"), PersonModels.ALIASES))
                .containsExactly(
                        BsonDocument.parse(
                                "{_id: 'p-1', old_id: 'p-1', new_id: 'p-2', run_id: 'run-1',"
                                        + " at: {$date: {$numberLong: '5'}}, reason: 'merged'}"));
    }

    @Example
    void splitLeavesAnAlias() {
        PersonWrite write = compose(null, members(new Random(1)), "p-0", 1_000);
        assertThat(noted(write, PersonModels.ALIASES))
                .containsExactly(
                        BsonDocument.parse(
                                "{_id: 'split:p-1', old_id: 'p-0', new_id: 'p-1', run_id: 'run-1',"
                                        + " at: {$date: {$numberLong: '5'}}, reason: 'split'}"));
    }

    @Example
    void newPersonOfItsOwnLeavesNoAlias() {
        PersonWrite write = compose(null, members(new Random(1)), "", 1_000);
        assertThat(noted(write, PersonModels.ALIASES)).isEmpty();
        assertThat(BsonBytes.decode(write.documentId())).containsKey("_id");
    }
}
