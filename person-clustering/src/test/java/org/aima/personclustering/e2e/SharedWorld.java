package org.aima.personclustering.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.aima.jobs.config.SecretReference;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.milvus.MilvusAddress;
import org.aima.stores.milvus.MilvusEmbeddingStore;
import org.aima.stores.paging.KeyRange;
import org.aima.testkit.command.Command;
import org.bson.BsonDocument;
import org.bson.Document;
import org.bson.json.JsonMode;
import org.bson.json.JsonWriterSettings;

/** A generated world with poison rows in the stores, and what is in them after runs. */
final class SharedWorld implements AutoCloseable {
    /** Collections whose rows get persons. */
    static final List<String> COLLECTIONS = List.of("face_embeddings", "voice_embeddings");

    /** So that parallelism and stages are real in a small world. */
    static final String SETTINGS =
            "-c="
                    + Path.of(System.getProperty("aima.root"))
                            .toAbsolutePath()
                            .resolve("person-clustering/src/test/resources/e2e.yaml");

    private static final JsonWriterSettings EXACT =
            JsonWriterSettings.builder().outputMode(JsonMode.EXTENDED).build();
    private static final Pattern ROW_ID =
            Pattern.compile("\"embedding_id\":\"((?:[^\"\\\\]|\\\\.)*)\"");

    private final OperatorStack stack;
    private final Path directory;
    private final JsonNode generated;
    private final JsonNode loaded;
    private final MongoClient mongo;
    private final EmbeddingStore milvus;
    private Undisturbed undisturbed;
    private boolean inPlace;

    /** An undisturbed run and the persons it left. */
    record Undisturbed(Command.Result run, Map<String, String> persons) {}

    private SharedWorld(
            OperatorStack stack,
            Path directory,
            JsonNode generated,
            JsonNode loaded,
            MongoClient mongo,
            EmbeddingStore milvus) {
        this.stack = stack;
        this.directory = directory;
        this.generated = generated;
        this.loaded = loaded;
        this.mongo = mongo;
        this.milvus = milvus;
    }

    static SharedWorld load(OperatorStack stack) {
        try {
            MongoClient mongo = MongoClients.create(stack.variable("AIMA_MONGO_URI"));
            mongo.getDatabase(OperatorStack.DATABASE).drop();
            EmbeddingStore milvus = openMilvus(stack);
            COLLECTIONS.forEach(milvus::dropCollection);
            stack.aima("migrate").exits(0);
            Path directory = Files.createTempDirectory("e2e-world");
            JsonNode generated =
                    stack.aima(
                                    "generate --persons 60 --faces 1200 --voices 200 --media 60"
                                            .concat(" --poison 0.02 --seed 7 --json --out ")
                                            .concat(directory.toString())
                                            .split(" "))
                            .exits(0)
                            .json();
            JsonNode loaded = stack.aima("load", directory.toString(), "--json").exits(0).json();
            return new SharedWorld(stack, directory, generated, loaded, mongo, milvus);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static EmbeddingStore openMilvus(OperatorStack stack) throws IOException {
        // A JVM cannot set its own environment, so the reference names a file.
        Path uri = Files.createTempFile("e2e-milvus", ".uri");
        Files.writeString(uri, stack.variable("AIMA_MILVUS_URI"));
        uri.toFile().deleteOnExit();
        return new MilvusEmbeddingStore(
                new MilvusAddress(
                        new SecretReference("${file:" + uri + "}"),
                        new SecretReference("${env:AIMA_E2E_UNSET:-}"),
                        Duration.ofSeconds(90)));
    }

    Path directory() {
        return directory;
    }

    /** What {@code generate --json} printed. */
    JsonNode generated() {
        return generated;
    }

    /** What {@code load --json} printed. */
    JsonNode loaded() {
        return loaded;
    }

    EmbeddingStore milvus() {
        return milvus;
    }

    MongoDatabase mongo() {
        return mongo(OperatorStack.DATABASE);
    }

    MongoDatabase mongo(String database) {
        return mongo.getDatabase(database);
    }

    /** The first run on the world as it was loaded; done once a session. */
    Undisturbed undisturbed() {
        if (undisturbed == null) {
            reset();
            Command.Result run =
                    stack.aima("run", "person-clustering:recluster", SETTINGS, "--json").exits(0);
            undisturbed = new Undisturbed(run, persons());
            inPlace = true;
        }
        return undisturbed;
    }

    /** As {@link #undisturbed}, and its outcome is what the stores hold now. */
    Undisturbed undisturbedInPlace() {
        if (!inPlace) {
            undisturbed = null;
        }
        return undisturbed();
    }

    /** Brings persons and rows back to where they were after the load. */
    void reset() {
        inPlace = false;
        mongo().getCollection("persons").deleteMany(new Document());
        mongo().getCollection("person_aliases").deleteMany(new Document());
        mongo().getCollection("person_constraints").deleteMany(new Document());
        for (String collection : COLLECTIONS) {
            for (String partition : milvus.partitions(collection)) {
                List<EmbeddingRow> rows = new ArrayList<>();
                for (EmbeddingRow row : whole(collection, partition)) {
                    if (!row.text("person_id").isEmpty()) {
                        Map<String, Object> fields = new HashMap<>(row.fields());
                        fields.put("person_id", "");
                        rows.add(new EmbeddingRow(row.id(), row.vector(), fields));
                    }
                }
                if (!rows.isEmpty()) {
                    milvus.upsert(collection, partition, rows);
                }
            }
        }
    }

    /** Every row of a partition. */
    List<EmbeddingRow> whole(String collection, String partition) {
        List<String> ids =
                milvus
                        .query(
                                collection,
                                partition,
                                new KeyRange(partition, null, null),
                                List.of(),
                                false,
                                16_000)
                        .stream()
                        .map(EmbeddingRow::id)
                        .toList();
        List<EmbeddingRow> rows = new ArrayList<>();
        for (int from = 0; from < ids.size(); from += 1_000) {
            rows.addAll(
                    milvus.get(
                            collection,
                            partition,
                            ids.subList(from, Math.min(ids.size(), from + 1_000))));
        }
        return rows;
    }

    /** Every row of a collection as text by id; the vector is part of it. */
    Map<String, EmbeddingRow> rows(String collection) {
        Map<String, EmbeddingRow> rows = new TreeMap<>();
        for (String partition : milvus.partitions(collection)) {
            whole(collection, partition).forEach(r -> rows.put(r.id(), r));
        }
        return rows;
    }

    /** Persons by id, exact but for the two timestamps. */
    Map<String, String> persons() {
        return persons(OperatorStack.DATABASE, true);
    }

    /** Persons by id as they are. */
    Map<String, String> personsWithTimestamps() {
        return persons(OperatorStack.DATABASE, false);
    }

    Map<String, String> persons(String database, boolean withoutTimestamps) {
        Map<String, String> persons = new TreeMap<>();
        for (BsonDocument person :
                mongo(database).getCollection("persons", BsonDocument.class).find()) {
            if (withoutTimestamps) {
                person.remove("created_at");
                person.remove("last_updated");
            }
            persons.put(person.getString("person_id").getValue(), person.toJson(EXACT));
        }
        return persons;
    }

    /** Which person lists each embedding of a collection. */
    Map<String, String> listedBy(String collection) {
        Map<String, String> listed = new TreeMap<>();
        for (Document person : mongo().getCollection("persons").find()) {
            for (Document member : person.getList(collection, Document.class)) {
                String before =
                        listed.put(member.getString("embedding_id"), person.getString("person_id"));
                if (before != null) {
                    throw new AssertionError(member + " is listed by two persons");
                }
            }
        }
        return listed;
    }

    /** How many dead letters a run left, by reason. */
    Map<String, Long> deadLetters(String runId) {
        Map<String, Long> reasons = new TreeMap<>();
        for (Document letter :
                mongo().getCollection("dead_letters").find(new Document("run_id", runId))) {
            reasons.merge(letter.getString("reason"), 1L, Long::sum);
        }
        return reasons;
    }

    /** The ledger's document of a run, null when there is none. */
    Document ledger(String runId) {
        return mongo().getCollection("job_runs").find(new Document("_id", runId)).first();
    }

    /**
     * Empties the embedding collections and loads the same lines in another order into another
     * database.
     */
    void reloadShuffled(String database, long seed) {
        try {
            Path shuffled = Files.createTempDirectory("e2e-shuffled");
            try (Stream<Path> files = Files.list(directory)) {
                for (Path file : files.toList()) {
                    Path copy = shuffled.resolve(file.getFileName());
                    if (file.toString().endsWith(".ndjson")) {
                        Files.write(copy, shuffled(Files.readAllLines(file), new Random(seed)));
                    } else {
                        Files.copy(file, copy);
                    }
                }
            }
            mongo(database).drop();
            COLLECTIONS.forEach(milvus::dropCollection);
            Map<String, String> environment = stack.environment();
            environment.put("AIMA_MONGO_DB", database);
            stack.aima(environment, "migrate").exits(0);
            stack.aima(environment, "load", shuffled.toString()).exits(0);
            delete(shuffled);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of rows that share an id the first counts, so those keep their order. */
    private static List<String> shuffled(List<String> lines, Random random) {
        Map<String, List<String>> groups = new LinkedHashMap<>();
        for (String line : lines) {
            Matcher id = ROW_ID.matcher(line);
            // In a result the id stands in an object of its own; there no two lines share it.
            String key = line.startsWith("{\"embedding_id\"") && id.find() ? id.group(1) : line;
            groups.computeIfAbsent(key, k -> new ArrayList<>()).add(line);
        }
        List<List<String>> order = new ArrayList<>(groups.values());
        Collections.shuffle(order, random);
        return order.stream().flatMap(List::stream).toList();
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Collections.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    @Override
    public void close() {
        mongo.close();
        milvus.close();
        try {
            delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
