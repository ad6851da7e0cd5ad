package org.aima.personclustering;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.DeleteOneModel;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.UpdateOneModel;
import com.mongodb.client.model.UpdateOptions;
import com.mongodb.client.model.WriteModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.aima.jobs.model.BsonBytes;
import org.aima.personclustering.core.DocumentHash;
import org.aima.personclustering.core.PersonAlias;
import org.aima.personclustering.core.PersonWrite;
import org.aima.personclustering.core.PersonWrite.Kind;
import org.aima.stores.mongo.MongoConnections;
import org.aima.stores.mongo.MongoWriteAhead.Note;
import org.bson.BsonBoolean;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonNull;
import org.bson.BsonString;
import org.bson.conversions.Bson;

/** Changes of persons as writes to MongoDB, and what goes into MongoDB before them. */
final class PersonModels {
    static final String PERSONS = "persons";
    static final String ALIASES = "person_aliases";
    static final String CONSTRAINTS = "person_constraints";

    /** What a run replaced, so that it can be undone: one document a person or batch of rows. */
    static final String UNDO = "run_undo";

    private static final UpdateOptions UPSERT = new UpdateOptions().upsert(true);

    private PersonModels() {}

    /** The change itself. */
    static WriteModel<BsonDocument> write(PersonWrite write) {
        BsonDocument id = BsonBytes.decode(write.documentId());
        if (write.kind() == Kind.MERGE) {
            // A person that was confirmed meanwhile is no longer the machine's to remove.
            return new DeleteOneModel<>(id.append("temporary", BsonBoolean.TRUE));
        }
        BsonDocument update = new BsonDocument("$set", BsonBytes.decode(write.set()));
        update.put("$setOnInsert", BsonBytes.decode(write.setOnInsert()));
        return new UpdateOneModel<>(id, update, UPSERT);
    }

    /**
     * What must be known before the change is made: what it replaces, and which id takes the place
     * of another. A run that is repeated keeps the first.
     */
    static List<Note> notes(PersonWrite write, String runId, long at) {
        List<Note> notes = new ArrayList<>();
        notes.add(new Note(UNDO, undo(write, runId, at)));
        if (!write.mergedInto().isEmpty()) {
            notes.add(
                    alias(
                            write.personId(),
                            new PersonAlias(
                                    write.personId(), write.mergedInto(), PersonAlias.MERGED),
                            runId,
                            at));
        }
        if (!write.splitFrom().isEmpty()) {
            notes.add(
                    alias(
                            "split:" + write.personId(),
                            new PersonAlias(write.splitFrom(), write.personId(), PersonAlias.SPLIT),
                            runId,
                            at));
        }
        return notes;
    }

    private static WriteModel<BsonDocument> undo(PersonWrite write, String runId, long at) {
        BsonDocument first = new BsonDocument("run_id", new BsonString(runId));
        first.put("at", new BsonDateTime(at));
        first.put("target", new BsonString(PERSONS));
        first.put("key", new BsonString(write.personId()));
        first.put("document_id", BsonBytes.decode(write.documentId()).get("_id"));
        first.put(
                "before",
                write.kind() == Kind.CREATE ? BsonNull.VALUE : BsonBytes.decode(write.before()));
        BsonDocument update = new BsonDocument("$setOnInsert", first);
        update.put("$set", new BsonDocument("after_sha256", new BsonString(after(write))));
        return new UpdateOneModel<>(
                new BsonDocument("_id", new BsonString(undoId(runId, PERSONS, write.personId()))),
                update,
                UPSERT);
    }

    static String undoId(String runId, String target, String key) {
        return runId + "/" + target + "/" + key;
    }

    /** Hash of the document as the change leaves it; empty when it leaves none. */
    private static String after(PersonWrite write) {
        if (write.kind() == Kind.MERGE) {
            return "";
        }
        BsonDocument after =
                write.kind() == Kind.CREATE
                        ? BsonBytes.decode(write.setOnInsert())
                        : BsonBytes.decode(write.before());
        after.putAll(BsonBytes.decode(write.documentId()));
        after.putAll(BsonBytes.decode(write.set()));
        return DocumentHash.of(after);
    }

    /**
     * Which ids took the place of ended ones, old to new.
     *
     * @param which further condition on aliases
     */
    static Map<String, String> merged(MongoCollection<BsonDocument> aliases, Bson which) {
        return MongoConnections.call(
                "read of aliases",
                () -> {
                    Map<String, String> merged = new HashMap<>();
                    aliases.find(Filters.and(Filters.eq("reason", PersonAlias.MERGED), which))
                            .forEach(
                                    d -> {
                                        if (d.get("old_id") instanceof BsonString from
                                                && d.get("new_id") instanceof BsonString to) {
                                            merged.put(from.getValue(), to.getValue());
                                        }
                                    });
                    return merged;
                });
    }

    private static Note alias(String id, PersonAlias alias, String runId, long at) {
        BsonDocument fields = new BsonDocument("old_id", new BsonString(alias.oldId()));
        fields.put("new_id", new BsonString(alias.newId()));
        fields.put("run_id", new BsonString(runId));
        fields.put("at", new BsonDateTime(at));
        fields.put("reason", new BsonString(alias.reason()));
        return new Note(
                ALIASES,
                new UpdateOneModel<>(
                        new BsonDocument("_id", new BsonString(id)),
                        new BsonDocument("$set", fields),
                        UPSERT));
    }
}
