package org.aima.operate.world;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedOutputStream;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.aima.jobs.error.AimaException;
import org.aima.operate.progress.ProgressListener;
import org.aima.stores.DocumentStore;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.milvus.MilvusPageReader;
import org.aima.stores.milvus.PartitionRow;
import org.aima.stores.mongo.MongoKeys;
import org.aima.stores.paging.KeyRange;
import org.aima.stores.paging.Page;
import org.bson.BsonDocument;
import org.bson.json.JsonMode;
import org.bson.json.JsonWriterSettings;

/** Writes what the stores hold as a world, in order of key: loading it gives the same stores. */
public final class WorldDumper {
    private static final int PAGE_ROWS = 500;
    // Relaxed but for 64-bit integers, which would come back as 32-bit ones.
    private static final JsonWriterSettings RELAXED =
            JsonWriterSettings.builder()
                    .outputMode(JsonMode.RELAXED)
                    .int64Converter(
                            (value, writer) ->
                                    writer.writeRaw("{\"$numberLong\": \"" + value + "\"}"))
                    .build();

    private final DocumentStore documents;
    private final EmbeddingStore embeddings;
    private final List<String> embeddingCollections;

    /** Of the collections of the data model. */
    public WorldDumper(DocumentStore documents, EmbeddingStore embeddings) {
        this(documents, embeddings, WorldDirectory.EMBEDDING_COLLECTIONS);
    }

    /** Of embedding collections by name or alias; those that do not exist are left out. */
    public WorldDumper(
            DocumentStore documents, EmbeddingStore embeddings, List<String> embeddingCollections) {
        this.documents = documents;
        this.embeddings = embeddings;
        this.embeddingCollections = List.copyOf(embeddingCollections);
    }

    /** Writes into a directory that does not exist yet or is empty. */
    public DumpReport dump(Path directory, ProgressListener progress) {
        WorldGenerator.requireEmpty(directory);
        List<DumpReport.FileCount> files = new ArrayList<>();
        Map<String, Integer> dimensions = new TreeMap<>();
        try {
            for (String collection : WorldDirectory.DOCUMENT_COLLECTIONS) {
                if (documents.count(collection, new BsonDocument()) > 0) {
                    files.add(dumpDocuments(directory, collection, progress));
                }
            }
            for (String collection : embeddingCollections) {
                Optional<EmbeddingSchema> schema = embeddings.describe(collection);
                if (schema.isPresent() && embeddings.count(collection, null, null) > 0) {
                    dimensions.put(collection, schema.get().vector().dimension());
                    files.add(dumpEmbeddings(directory, collection, schema.get(), progress));
                }
            }
            describe(directory, dimensions);
        } catch (IOException e) {
            throw AimaException.failed("cannot write " + directory + ": " + e.getMessage(), e);
        }
        return new DumpReport(files);
    }

    private static Writer open(Path file) throws IOException {
        OutputStream out = new BufferedOutputStream(Files.newOutputStream(file));
        return new BufferedWriter(
                new OutputStreamWriter(new GZIPOutputStream(out), StandardCharsets.UTF_8));
    }

    private DumpReport.FileCount dumpDocuments(
            Path directory, String collection, ProgressListener progress) throws IOException {
        String file = collection + WorldDirectory.COMPRESSED;
        String stage = "dump " + file;
        long total = documents.count(collection, new BsonDocument());
        long rows = 0;
        try (Writer out = open(directory.resolve(file))) {
            for (String scope : List.of(MongoKeys.OBJECT_IDS, MongoKeys.OTHER_TYPES)) {
                KeyRange rest = new KeyRange(scope, null, null);
                List<BsonDocument> page = page(collection, rest);
                while (!page.isEmpty()) {
                    for (BsonDocument document : page) {
                        out.write(document.toJson(RELAXED));
                        out.write('\n');
                        rows++;
                    }
                    progress.advance(stage, rows, total);
                    rest = rest.resumeAfter(MongoKeys.keyOf(page.get(page.size() - 1)));
                    page = page(collection, rest);
                }
            }
        }
        return new DumpReport.FileCount(file, collection, rows);
    }

    private List<BsonDocument> page(String collection, KeyRange range) {
        return documents.page(collection, new BsonDocument(), range, PAGE_ROWS);
    }

    private DumpReport.FileCount dumpEmbeddings(
            Path directory, String collection, EmbeddingSchema schema, ProgressListener progress)
            throws IOException {
        String file = collection + WorldDirectory.COMPRESSED;
        String stage = "dump " + file;
        long total = embeddings.count(collection, null, null);
        long rows = 0;
        List<String> fields =
                schema.fields().stream()
                        .filter(f -> !f.primary() && f.type() != EmbeddingSchema.Type.FLOAT_VECTOR)
                        .map(EmbeddingSchema.Field::name)
                        .toList();
        boolean partitionKey =
                schema.fields().stream().anyMatch(EmbeddingSchema.Field::partitionKey);
        // Not closed: closing a page reader closes the store it was given.
        MilvusPageReader reader = new MilvusPageReader(embeddings, collection, fields, true);
        JsonFactory json = new JsonFactory();
        try (Writer out = open(directory.resolve(file))) {
            for (KeyRange range : reader.ranges()) {
                KeyRange rest = range;
                while (rest != null) {
                    Page<PartitionRow> page = reader.read(rest);
                    for (Page.Keyed<PartitionRow> row : page.rows()) {
                        out.write(line(json, schema, fields, row.value(), partitionKey));
                        out.write('\n');
                        rows++;
                    }
                    progress.advance(stage, rows, total);
                    rest = page.rest();
                }
            }
        }
        return new DumpReport.FileCount(file, collection, rows);
    }

    private static String line(
            JsonFactory json,
            EmbeddingSchema schema,
            List<String> fields,
            PartitionRow stored,
            boolean partitionKey)
            throws IOException {
        EmbeddingRow row = stored.row();
        StringWriter text = new StringWriter();
        try (JsonGenerator out = json.createGenerator(text)) {
            out.writeStartObject();
            out.writeStringField(schema.primaryKey().name(), row.id());
            out.writeArrayFieldStart(schema.vector().name());
            for (float component : row.vector()) {
                out.writeNumber(component);
            }
            out.writeEndArray();
            for (String field : fields) {
                Object value = row.fields().get(field);
                if (value != null) {
                    out.writeFieldName(field);
                    out.writeObject(value);
                }
            }
            boolean elsewhere =
                    !partitionKey && !stored.partition().equals(EmbeddingLines.DEFAULT_PARTITION);
            if (elsewhere) {
                out.writeStringField(EmbeddingLines.PARTITION, stored.partition());
            }
            out.writeEndObject();
        }
        return text.toString();
    }

    private static void describe(Path directory, Map<String, Integer> dimensions)
            throws IOException {
        Map<String, Object> world = new LinkedHashMap<>();
        world.put("name", directory.toAbsolutePath().getFileName().toString());
        world.put("description", "a dump of the stores");
        world.put("licence", "as the data it was made from");
        world.put("dimensions", dimensions);
        Files.writeString(
                directory.resolve(WorldDirectory.DESCRIPTION_FILE),
                new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(world)
                        + "\n");
    }
}
