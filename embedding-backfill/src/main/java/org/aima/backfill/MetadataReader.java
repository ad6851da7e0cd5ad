package org.aima.backfill;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.aima.backfill.core.FilledRow;
import org.aima.backfill.function.CopyJournal;
import org.aima.backfill.function.FillPage;
import org.aima.stores.DocumentStore;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.milvus.MilvusPageReader;
import org.aima.stores.paging.KeyRange;
import org.aima.stores.paging.Page;
import org.aima.stores.paging.PageReader;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Reads rows without their vectors and looks up what results and persons say of them; only rows
 * that lack something, or differ where that is asked for, carry values.
 */
final class MetadataReader implements PageReader<FillPage> {
    /** Fields this job knows where to find. */
    static final List<String> FIELDS =
            List.of(
                    "person_id",
                    "result_id",
                    "media_id",
                    "timestamp",
                    "object_class",
                    "scene_description");

    private static final List<String> MEMBERSHIPS = List.of("face_embeddings", "voice_embeddings");

    private final CopyJournal journal;
    private final MilvusPageReader rows;
    private final DocumentStore documents;
    private final List<String> fields;
    private final boolean overwrite;

    MetadataReader(
            EmbeddingStore store,
            DocumentStore documents,
            String runId,
            EmbeddingSchema schema,
            List<String> wished,
            boolean overwrite) {
        this.journal = new CopyJournal(documents, runId);
        this.documents = documents;
        this.fields = wished.stream().filter(f -> schema.field(f).isPresent()).toList();
        Set<String> read = new HashSet<>(fields);
        if (schema.field("result_id").isPresent()) {
            read.add("result_id");
        }
        this.rows = new MilvusPageReader(store, schema.name(), List.copyOf(read), false);
        this.overwrite = overwrite;
    }

    @Override
    public List<KeyRange> ranges() {
        return journal.ranges().stream()
                .filter(r -> !r.done())
                .map(r -> new KeyRange(Integer.toString(r.number()), null, null))
                .toList();
    }

    @Override
    public Page<FillPage> read(KeyRange split) {
        CopyJournal.Range range = journal.range(Integer.parseInt(split.scope()));
        if (range.done()) {
            return new Page<>(List.of(), null);
        }
        String after = split.after();
        int page = after == null || after.isEmpty() ? 0 : Integer.parseInt(after);
        boolean last = page == range.cuts().size();
        KeyRange keys =
                new KeyRange(
                        range.partition(),
                        page == 0 ? range.after() : range.cuts().get(page - 1),
                        last ? range.upTo() : range.cuts().get(page));
        List<EmbeddingRow> read =
                rows.read(keys).rows().stream().map(r -> r.value().row()).toList();
        return new Page<>(
                List.of(new Page.Keyed<>("", page(range, read, last))),
                last ? null : new KeyRange(split.scope(), Integer.toString(page + 1), null));
    }

    /** Ranges of the whole collection as it is now, whatever a run froze. */
    List<KeyRange> wholeRanges() {
        return rows.ranges();
    }

    /** One of these ranges as a page. */
    FillPage look(KeyRange keys) {
        List<EmbeddingRow> read =
                rows.read(keys).rows().stream().map(r -> r.value().row()).toList();
        return page(
                CopyJournal.Range.frozen(0, keys.scope(), keys.after(), keys.upTo(), List.of()),
                read,
                true);
    }

    private FillPage page(CopyJournal.Range range, List<EmbeddingRow> read, boolean last) {
        Map<String, BsonDocument> byResult = new HashMap<>();
        Map<String, BsonDocument> byEmbedding = new HashMap<>();
        lookUpResults(read, byResult, byEmbedding);
        Map<String, String> persons = fields.contains("person_id") ? lookUpPersons(read) : Map.of();
        int width = fields.size();
        String[] values = new String[read.size() * width];
        int unknown = 0;
        for (int i = 0; i < read.size(); i++) {
            EmbeddingRow row = read.get(i);
            BsonDocument result = byResult.get(row.text("result_id"));
            if (result == null) {
                result = byEmbedding.get(row.id());
            }
            String person = persons.get(row.id());
            if (result == null && person == null) {
                unknown++;
            }
            for (int f = 0; f < width; f++) {
                String value = value(fields.get(f), result, person);
                boolean wanted =
                        !value.isEmpty()
                                && (FilledRow.isLacking(row, fields.get(f))
                                        || overwrite && !row.text(fields.get(f)).equals(value));
                values[i * width + f] = wanted ? value : null;
            }
        }
        return new FillPage(
                range.number(),
                last,
                range.partition(),
                read.stream().map(EmbeddingRow::id).toArray(String[]::new),
                fields.toArray(String[]::new),
                values,
                unknown);
    }

    private static String value(
            String field, @Nullable BsonDocument result, @Nullable String person) {
        if (field.equals("person_id")) {
            return person == null ? "" : person;
        }
        if (result == null) {
            return "";
        }
        return switch (field) {
            case "timestamp" -> {
                long at = MediaLookup.millis(result.get("timestamp"));
                yield at == 0 ? "" : Long.toString(at);
            }
            case "object_class", "scene_description" ->
                    MediaLookup.text(MediaLookup.at(result, "metadata." + field));
            default -> MediaLookup.text(result.get(field));
        };
    }

    private void lookUpResults(
            List<EmbeddingRow> read,
            Map<String, BsonDocument> byResult,
            Map<String, BsonDocument> byEmbedding) {
        Set<String> results = new HashSet<>();
        Set<String> embeddings = new HashSet<>();
        for (EmbeddingRow row : read) {
            boolean lacks = overwrite;
            for (String field : fields) {
                lacks |= !field.equals("person_id") && FilledRow.isLacking(row, field);
            }
            if (lacks && !row.text("result_id").isEmpty()) {
                results.add(row.text("result_id"));
            } else if (lacks) {
                embeddings.add(row.id());
            }
        }
        List<String> wished =
                List.of(
                        "result_id",
                        "media_id",
                        "timestamp",
                        "metadata.object_class",
                        "metadata.scene_description",
                        "vector_embeddings.embedding_id");
        find("analysis_results", "result_id", results, wished)
                .forEach(d -> byResult.put(MediaLookup.text(d.get("result_id")), d));
        find("analysis_results", "vector_embeddings.embedding_id", embeddings, wished)
                .forEach(
                        d ->
                                byEmbedding.put(
                                        MediaLookup.text(
                                                MediaLookup.at(
                                                        d, "vector_embeddings.embedding_id")),
                                        d));
    }

    private Map<String, String> lookUpPersons(List<EmbeddingRow> read) {
        Set<String> ids = new HashSet<>();
        for (EmbeddingRow row : read) {
            if (overwrite || FilledRow.isLacking(row, "person_id")) {
                ids.add(row.id());
            }
        }
        Map<String, String> persons = new HashMap<>();
        for (String kind : MEMBERSHIPS) {
            for (BsonDocument person :
                    find(
                            "persons",
                            kind + ".embedding_id",
                            ids,
                            List.of("person_id", kind + ".embedding_id"))) {
                if (person.get(kind) instanceof BsonArray members) {
                    for (BsonValue member : members) {
                        if (member.isDocument()) {
                            persons.put(
                                    MediaLookup.text(member.asDocument().get("embedding_id")),
                                    MediaLookup.text(person.get("person_id")));
                        }
                    }
                }
            }
        }
        return persons;
    }

    private List<BsonDocument> find(
            String collection, String field, Set<String> values, List<String> wished) {
        if (values.isEmpty()) {
            return new ArrayList<>();
        }
        return documents.findIn(
                collection, field, values.stream().map(BsonString::new).toList(), wished);
    }

    @Override
    public void close() {
        rows.close();
        journal.close();
    }
}
