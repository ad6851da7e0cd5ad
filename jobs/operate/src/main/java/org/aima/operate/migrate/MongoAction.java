package org.aima.operate.migrate;

import com.fasterxml.jackson.databind.JsonNode;
import com.mongodb.MongoCommandException;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Updates;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.aima.jobs.error.Failure;
import org.aima.stores.StoreException;
import org.aima.stores.mongo.MongoConnections;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonNull;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/** Steps on MongoDB, with the field names of the architecture document. */
sealed interface MongoAction extends MigrationAction {
    Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,119}");
    String NAME_REMEDY = "give a name of letters, digits, _ . and -";
    List<String> WORDS =
            List.of(
                    "create_collection",
                    "create_index",
                    "drop_index",
                    "update_documents",
                    "rename_field");

    String SPEC_REMEDY = "give fields with 1, -1, hashed, text or 2dsphere, for example {a: 1}";
    Set<String> INDEX_OPTIONS =
            Set.of(
                    "name",
                    "unique",
                    "sparse",
                    "hidden",
                    "expireAfterSeconds",
                    "partialFilterExpression",
                    "collation",
                    "weights",
                    "default_language");

    /** Operators whose second application would change the document again. */
    Set<String> NOT_REPEATABLE = Set.of("$inc", "$mul", "$push", "$pop", "$bit");

    void apply(MongoDatabase database);

    @Override
    default void apply(MigrationTargets targets) {
        apply(targets.mongo());
    }

    /** Reads one operation, null when its action is not a MongoDB one. */
    static @Nullable MongoAction read(String action, FieldReader fields) {
        return switch (action) {
            case "create_collection" -> new CreateCollection(collection(fields));
            case "create_index" -> createIndex(fields);
            case "drop_index" ->
                    new DropIndex(collection(fields), fields.text("index_name", NAME, NAME_REMEDY));
            case "update_documents" -> updateDocuments(fields);
            case "rename_field" ->
                    new RenameField(
                            collection(fields),
                            fields.text("old_field", NAME, NAME_REMEDY),
                            fields.text("new_field", NAME, NAME_REMEDY));
            default -> null;
        };
    }

    private static String collection(FieldReader fields) {
        return fields.text("collection", NAME, NAME_REMEDY);
    }

    private static CreateIndex createIndex(FieldReader fields) {
        BsonDocument keys = new BsonDocument();
        JsonNode spec = fields.raw("index_spec");
        // The architecture's code hands the driver a list of pairs; a map in order says the same.
        if (spec.isObject()) {
            spec.fields().forEachRemaining(f -> addKey(fields, keys, f.getKey(), f.getValue()));
        } else if (spec.isArray()) {
            spec.forEach(
                    pair -> {
                        if (pair.isArray() && pair.size() == 2) {
                            addKey(fields, keys, pair.get(0).asText(), pair.get(1));
                        } else {
                            fields.problem("index_spec", pair.toString(), SPEC_REMEDY);
                        }
                    });
        }
        if (keys.isEmpty()) {
            fields.problem("index_spec", spec.isMissingNode() ? "" : spec.toString(), SPEC_REMEDY);
        }
        BsonDocument options =
                fields.has("index_options") ? fields.document("index_options") : new BsonDocument();
        options.keySet().stream()
                .filter(o -> !INDEX_OPTIONS.contains(o))
                .forEach(
                        o ->
                                fields.problem(
                                        "index_options." + o,
                                        "",
                                        "unknown option; known: "
                                                + INDEX_OPTIONS.stream()
                                                        .sorted()
                                                        .collect(Collectors.joining(", "))));
        return new CreateIndex(collection(fields), keys, options);
    }

    private static void addKey(FieldReader fields, BsonDocument keys, String name, JsonNode order) {
        if (order.isInt() && Math.abs(order.asInt()) == 1) {
            keys.put(name, new BsonInt32(order.asInt()));
        } else if (Set.of("hashed", "text", "2dsphere").contains(order.asText())) {
            keys.put(name, new BsonString(order.asText()));
        } else {
            fields.problem("index_spec." + name, order.asText(), SPEC_REMEDY);
        }
    }

    private static UpdateDocuments updateDocuments(FieldReader fields) {
        BsonDocument filter = fields.document("filter");
        JsonNode raw = fields.raw("update");
        BsonValue update;
        if (raw.isArray()) {
            update = BsonDocument.parse("{\"stages\": " + raw + "}").getArray("stages");
        } else {
            BsonDocument operators = fields.document("update");
            for (String operator : operators.keySet()) {
                if (!operator.startsWith("$")) {
                    fields.problem(
                            "update." + operator,
                            "",
                            "write an update operator such as $set: whole documents are not"
                                    + " replaced by migrations");
                } else if (NOT_REPEATABLE.contains(operator)) {
                    fields.problem(
                            "update." + operator,
                            "",
                            "a migration that is repeated after a failure would apply it twice;"
                                    + " use $set, $unset, $min, $max, $addToSet or a pipeline of"
                                    + " stages");
                }
            }
            update = operators;
        }
        return new UpdateDocuments(collection(fields), filter, update, fields.flag("multi", false));
    }

    /** Creates a collection unless it exists. */
    record CreateCollection(String collection) implements MongoAction {
        private static final int NAMESPACE_EXISTS = 48;

        @Override
        public String describe() {
            return "create collection " + collection;
        }

        @Override
        public void apply(MongoDatabase database) {
            ignoring(
                    describe(),
                    () -> {
                        if (!database.listCollectionNames()
                                .into(new ArrayList<>())
                                .contains(collection)) {
                            database.createCollection(collection);
                        }
                    },
                    NAMESPACE_EXISTS);
        }
    }

    /** Creates an index; the server does nothing when the same one exists. */
    record CreateIndex(String collection, BsonDocument keys, BsonDocument options)
            implements MongoAction {

        String indexName() {
            BsonValue name = options.get("name");
            return name != null
                    ? name.asString().getValue()
                    : keys.entrySet().stream()
                            .map(
                                    e ->
                                            e.getKey()
                                                    + "_"
                                                    + (e.getValue().isString()
                                                            ? e.getValue().asString().getValue()
                                                            : e.getValue().asInt32().getValue()))
                            .collect(Collectors.joining("_"));
        }

        @Override
        public String describe() {
            return "create index "
                    + collection
                    + "."
                    + indexName()
                    + (options.isEmpty() ? "" : " " + options.toJson());
        }

        @Override
        public void apply(MongoDatabase database) {
            BsonDocument index = new BsonDocument("key", keys);
            index.put("name", new BsonString(indexName()));
            options.forEach(index::put);
            BsonDocument command = new BsonDocument("createIndexes", new BsonString(collection));
            command.put("indexes", new BsonArray(List.of(index)));
            MongoConnections.call(describe(), () -> database.runCommand(command));
        }
    }

    /** Drops an index unless it is gone. */
    record DropIndex(String collection, String indexName) implements MongoAction {
        private static final int NAMESPACE_NOT_FOUND = 26;
        private static final int INDEX_NOT_FOUND = 27;

        @Override
        public String describe() {
            return "drop index " + collection + "." + indexName;
        }

        @Override
        public void apply(MongoDatabase database) {
            ignoring(
                    describe(),
                    () -> database.getCollection(collection).dropIndex(indexName),
                    NAMESPACE_NOT_FOUND,
                    INDEX_NOT_FOUND);
        }
    }

    /** Updates the first or every matching document. */
    record UpdateDocuments(String collection, BsonDocument filter, BsonValue update, boolean multi)
            implements MongoAction {

        @Override
        public String describe() {
            return "update "
                    + (multi ? "documents" : "one document")
                    + " of "
                    + collection
                    + " where "
                    + filter.toJson();
        }

        @Override
        public void apply(MongoDatabase database) {
            BsonDocument entry = new BsonDocument("q", filter).append("u", update);
            entry.append("multi", BsonBoolean.valueOf(multi));
            BsonDocument command =
                    new BsonDocument("update", new BsonString(collection))
                            .append("updates", new BsonArray(List.of(entry)));
            BsonDocument answer =
                    MongoConnections.call(
                            describe(),
                            () ->
                                    database.runCommand(command)
                                            .toBsonDocument(
                                                    BsonDocument.class,
                                                    database.getCodecRegistry()));
            BsonValue errors = answer.get("writeErrors", BsonNull.VALUE);
            if (errors.isArray() && !errors.asArray().isEmpty()) {
                BsonDocument first = errors.asArray().get(0).asDocument();
                throw new StoreException(
                        Failure.FATAL, "MongoDB " + describe() + ": " + first.get("errmsg"), null);
            }
        }
    }

    /** Renames a field in every document that has it. */
    record RenameField(String collection, String oldField, String newField) implements MongoAction {

        @Override
        public String describe() {
            return "rename field " + oldField + " of " + collection + " to " + newField;
        }

        @Override
        public void apply(MongoDatabase database) {
            MongoConnections.call(
                    describe(),
                    () ->
                            database.getCollection(collection)
                                    .updateMany(
                                            Filters.exists(oldField),
                                            Updates.rename(oldField, newField)));
        }
    }

    private static void ignoring(String what, Runnable command, Integer... codes) {
        MongoConnections.call(
                what,
                () -> {
                    try {
                        command.run();
                    } catch (MongoCommandException e) {
                        if (!List.of(codes).contains(e.getErrorCode())) {
                            throw e;
                        }
                    }
                    return true;
                });
    }
}
