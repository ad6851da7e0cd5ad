package org.aima.operate.migrate;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.aima.jobs.error.Failure;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.EmbeddingSchema.Field;
import org.aima.stores.EmbeddingSchema.Type;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.StoreException;
import org.jspecify.annotations.Nullable;

/** Steps on collections of embeddings. */
sealed interface VectorAction extends MigrationAction {
    Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,254}");
    String NAME_REMEDY = "give letters, digits and _, not starting with a digit";
    int ID_BYTES = 100;
    int MAX_VARCHAR = 65_535;
    int MAX_DIMENSION = 32_768;
    int MAX_SHARDS = 16;
    List<String> WORDS =
            List.of(
                    "create_collection",
                    "create_partition",
                    "create_index",
                    "drop_index",
                    "create_alias",
                    "alter_alias",
                    "drop_collection",
                    "load",
                    "release",
                    RunAction.REPARTITION);

    void apply(EmbeddingStore store);

    @Override
    default void apply(MigrationTargets targets) {
        apply(targets.vectors());
    }

    /** Reads one operation, null when its action is not one of embedding collections. */
    static @Nullable VectorAction read(String action, FieldReader fields) {
        return switch (action) {
            case "create_collection" -> createCollection(fields);
            case "create_partition" ->
                    new CreatePartition(collection(fields), name(fields, "partition"));
            case "create_index" ->
                    new CreateIndex(
                            collection(fields),
                            new EmbeddingSchema.Index(
                                    fields.text("field", NAME, NAME_REMEDY, "embedding"),
                                    fields.text(
                                            "index_type",
                                            Pattern.compile("[A-Za-z0-9_]+"),
                                            "give a type such as HNSW"),
                                    fields.text(
                                            "metric_type",
                                            Pattern.compile("COSINE|IP|L2|"),
                                            "give COSINE, IP or L2",
                                            ""),
                                    new TreeMap<>(fields.texts("params"))));
            case "drop_index" ->
                    new DropIndex(
                            collection(fields),
                            fields.text("field", NAME, NAME_REMEDY, "embedding"));
            case "create_alias" -> new CreateAlias(name(fields, "alias"), collection(fields));
            case "alter_alias" -> new AlterAlias(name(fields, "alias"), collection(fields));
            case "drop_collection" -> new DropCollection(collection(fields));
            case "load" -> new Load(collection(fields));
            case "release" -> new Release(collection(fields));
            default -> null;
        };
    }

    private static String collection(FieldReader fields) {
        return name(fields, "collection");
    }

    private static String name(FieldReader fields, String key) {
        return fields.text(key, NAME, NAME_REMEDY);
    }

    private static CreateCollection createCollection(FieldReader fields) {
        List<Field> schema = new ArrayList<>();
        if (fields.has("dimension")) {
            schema.add(new Field("embedding_id", Type.VARCHAR, ID_BYTES, 0, true, false));
            schema.add(
                    new Field(
                            "embedding",
                            Type.FLOAT_VECTOR,
                            0,
                            fields.integer("dimension", 1, MAX_DIMENSION),
                            false,
                            false));
            if (fields.has("fields")) {
                fields.problem(
                        "fields", "", "give either fields, or dimension with metadata_fields");
            }
            fields.list("metadata_fields", false).forEach(f -> schema.add(field(f)));
        } else {
            fields.list("fields", true).forEach(f -> schema.add(field(f)));
            if (schema.stream().filter(Field::primary).count() != 1) {
                fields.problem("fields", "", "mark exactly one field with primary: true");
            }
            if (schema.stream().filter(f -> f.type() == Type.FLOAT_VECTOR).count() != 1) {
                fields.problem("fields", "", "give exactly one field of type float_vector");
            }
        }
        return new CreateCollection(
                new EmbeddingSchema(
                        collection(fields), schema, fields.integer("shards", 1, MAX_SHARDS, 1)));
    }

    private static Field field(FieldReader fields) {
        Map<String, Type> types = new TreeMap<>();
        for (Type type : Type.values()) {
            types.put(type.name().toLowerCase(Locale.ROOT), type);
        }
        String word =
                fields.text(
                        "type",
                        Pattern.compile(String.join("|", types.keySet())),
                        "give one of: " + String.join(", ", types.keySet()));
        Type type = types.getOrDefault(word, Type.VARCHAR);
        Field field =
                new Field(
                        name(fields, "name"),
                        type,
                        type == Type.VARCHAR && types.containsKey(word)
                                ? fields.integer("max_length", 1, MAX_VARCHAR)
                                : 0,
                        type == Type.FLOAT_VECTOR
                                ? fields.integer("dimension", 1, MAX_DIMENSION)
                                : 0,
                        fields.flag("primary", false),
                        fields.flag("partition_key", false));
        fields.finish();
        return field;
    }

    private static String ownName(EmbeddingStore store, String collection) {
        return store.describe(collection)
                .map(EmbeddingSchema::name)
                .orElseThrow(() -> fatal("there is no collection " + collection));
    }

    private static StoreException fatal(String message) {
        return new StoreException(Failure.FATAL, message, null);
    }

    /** Creates a collection; refused when one of that name has other fields. */
    record CreateCollection(EmbeddingSchema schema) implements VectorAction {
        @Override
        public String describe() {
            return "create embedding collection "
                    + schema.name()
                    + " (dimension "
                    + schema.fields().stream().mapToInt(Field::dimension).max().orElse(0)
                    + ")";
        }

        @Override
        public void apply(EmbeddingStore store) {
            store.createCollection(schema);
        }
    }

    /** Creates a partition unless it exists. */
    record CreatePartition(String collection, String partition) implements VectorAction {
        @Override
        public String describe() {
            return "create partition " + partition + " of " + collection;
        }

        @Override
        public void apply(EmbeddingStore store) {
            store.createPartition(collection, partition);
        }
    }

    /** Builds an index and waits for it. */
    record CreateIndex(String collection, EmbeddingSchema.Index index) implements VectorAction {
        @Override
        public String describe() {
            return "create index "
                    + index.type()
                    + " "
                    + index.metric()
                    + " on "
                    + collection
                    + "."
                    + index.field();
        }

        @Override
        public void apply(EmbeddingStore store) {
            store.createIndex(collection, index);
        }
    }

    /** Drops an index unless it is gone; the collection must be released before. */
    record DropIndex(String collection, String field) implements VectorAction {
        @Override
        public String describe() {
            return "drop index on " + collection + "." + field;
        }

        @Override
        public void apply(EmbeddingStore store) {
            store.dropIndex(collection, field);
        }
    }

    /** Creates an alias; refused when it points elsewhere. */
    record CreateAlias(String alias, String collection) implements VectorAction {
        @Override
        public String describe() {
            return "create alias " + alias + " of " + collection;
        }

        @Override
        public void apply(EmbeddingStore store) {
            String wanted = ownName(store, collection);
            Optional<EmbeddingSchema> present = store.describe(alias);
            if (present.isPresent() && !present.get().name().equals(wanted)) {
                throw fatal(
                        alias
                                + " already names "
                                + present.get().name()
                                + "; use alter_alias to point it elsewhere");
            }
            store.pointAlias(alias, wanted);
        }
    }

    /** Points an alias to another collection in one switch. */
    record AlterAlias(String alias, String collection) implements VectorAction {
        @Override
        public String describe() {
            return "point alias " + alias + " to " + collection;
        }

        @Override
        public void apply(EmbeddingStore store) {
            store.pointAlias(alias, ownName(store, collection));
        }
    }

    /** Drops a collection unless it is gone; never through an alias. */
    record DropCollection(String collection) implements VectorAction {
        @Override
        public String describe() {
            return "drop embedding collection " + collection;
        }

        @Override
        public void apply(EmbeddingStore store) {
            Optional<EmbeddingSchema> present = store.describe(collection);
            if (present.isPresent() && !present.get().name().equals(collection)) {
                throw fatal(
                        collection
                                + " is an alias of "
                                + present.get().name()
                                + "; name the collection itself");
            }
            store.dropCollection(collection);
        }
    }

    /** Loads a collection and waits for it. */
    record Load(String collection) implements VectorAction {
        @Override
        public String describe() {
            return "load " + collection;
        }

        @Override
        public void apply(EmbeddingStore store) {
            store.load(collection);
        }
    }

    /** Releases a collection from memory. */
    record Release(String collection) implements VectorAction {
        @Override
        public String describe() {
            return "release " + collection;
        }

        @Override
        public void apply(EmbeddingStore store) {
            store.release(collection);
        }
    }
}
