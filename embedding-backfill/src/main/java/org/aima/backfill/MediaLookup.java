package org.aima.backfill;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.aima.backfill.core.MediaFacts;
import org.aima.stores.DocumentStore;
import org.aima.stores.EmbeddingRow;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Joins rows with their media and results in MongoDB, a page at a time; keeps the last media it
 * saw. Used by one thread at a time.
 */
final class MediaLookup {
    private static final int KEPT_MEDIA = 50_000;
    private static final String MEDIA = "media:";
    private static final String RESULT = "result:";

    private final DocumentStore documents;
    private final List<String> paths;
    private final Map<String, BsonDocument> media =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, BsonDocument> eldest) {
                    return size() > KEPT_MEDIA;
                }
            };

    /**
     * @param paths of values to read besides: {@code media:<path>} or {@code result:<path>}
     */
    MediaLookup(DocumentStore documents, List<String> paths) {
        this.documents = documents;
        this.paths = List.copyOf(paths);
    }

    /** Facts of each row, in the rows' order. */
    List<MediaFacts> of(List<EmbeddingRow> rows) {
        boolean needsResults = paths.stream().anyMatch(p -> p.startsWith(RESULT));
        Map<String, BsonDocument> results = new HashMap<>();
        Set<String> resultIds = new HashSet<>();
        for (EmbeddingRow row : rows) {
            // A row that lost its medium's id may still know the result that led to it.
            if (!row.text("result_id").isEmpty()
                    && (needsResults || row.text("media_id").isEmpty())) {
                resultIds.add(row.text("result_id"));
            }
        }
        if (!resultIds.isEmpty()) {
            List<String> fields = new ArrayList<>(List.of("result_id", "media_id", "timestamp"));
            fields.addAll(fieldsOf(RESULT));
            find("analysis_results", "result_id", resultIds, fields)
                    .forEach(d -> results.put(text(d.get("result_id")), d));
        }
        Set<String> unknown = new HashSet<>();
        for (EmbeddingRow row : rows) {
            String id = mediaId(row, results);
            if (!id.isEmpty() && !media.containsKey(id)) {
                unknown.add(id);
            }
        }
        Map<String, BsonDocument> here = new HashMap<>();
        if (!unknown.isEmpty()) {
            List<String> fields = new ArrayList<>(List.of("media_id", "type", "upload_timestamp"));
            fields.addAll(fieldsOf(MEDIA));
            find("media_items", "media_id", unknown, fields)
                    .forEach(d -> here.put(text(d.get("media_id")), d));
        }
        for (EmbeddingRow row : rows) {
            String id = mediaId(row, results);
            if (media.containsKey(id)) {
                here.put(id, media.get(id));
            }
        }
        media.putAll(here);
        List<MediaFacts> facts = new ArrayList<>(rows.size());
        for (EmbeddingRow row : rows) {
            BsonDocument medium = here.get(mediaId(row, results));
            BsonDocument result = results.get(row.text("result_id"));
            facts.add(facts(medium, result));
        }
        return facts;
    }

    private MediaFacts facts(@Nullable BsonDocument medium, @Nullable BsonDocument result) {
        if (medium == null && result == null) {
            return MediaFacts.UNKNOWN;
        }
        Map<String, String> values = new HashMap<>();
        for (String path : paths) {
            boolean ofMedium = path.startsWith(MEDIA);
            BsonDocument from = ofMedium ? medium : result;
            if (from != null) {
                values.put(
                        path, text(at(from, path.substring((ofMedium ? MEDIA : RESULT).length()))));
            }
        }
        long uploaded = medium == null ? 0 : millis(medium.get("upload_timestamp"));
        return new MediaFacts(
                medium == null ? "" : text(medium.get("type")),
                uploaded > 0 || result == null ? uploaded : millis(result.get("timestamp")),
                values);
    }

    private List<String> fieldsOf(String prefix) {
        return paths.stream()
                .filter(p -> p.startsWith(prefix))
                .map(p -> p.substring(prefix.length()))
                .toList();
    }

    private List<BsonDocument> find(
            String collection, String field, Set<String> values, List<String> fields) {
        return documents.findIn(
                collection, field, values.stream().map(BsonString::new).toList(), fields);
    }

    private static String mediaId(EmbeddingRow row, Map<String, BsonDocument> results) {
        String own = row.text("media_id");
        if (!own.isEmpty()) {
            return own;
        }
        BsonDocument result = results.get(row.text("result_id"));
        return result == null ? "" : text(result.get("media_id"));
    }

    static @Nullable BsonValue at(BsonDocument document, String path) {
        BsonValue value = document;
        for (String name : path.split("\\.")) {
            if (!(value instanceof BsonDocument parent) || !parent.containsKey(name)) {
                return null;
            }
            value = parent.get(name);
        }
        return value;
    }

    static String text(@Nullable BsonValue value) {
        if (value == null || value.isNull()) {
            return "";
        }
        return switch (value.getBsonType()) {
            case STRING -> value.asString().getValue();
            case INT32, INT64, DOUBLE ->
                    value.isDouble()
                            ? Double.toString(value.asDouble().getValue())
                            : Long.toString(value.asNumber().longValue());
            case BOOLEAN -> Boolean.toString(value.asBoolean().getValue());
            case DATE_TIME -> Long.toString(value.asDateTime().getValue());
            default -> "";
        };
    }

    static long millis(@Nullable BsonValue value) {
        if (value == null) {
            return 0;
        }
        if (value.isDateTime()) {
            return value.asDateTime().getValue();
        }
        return value.isNumber() ? value.asNumber().longValue() : 0;
    }
}
