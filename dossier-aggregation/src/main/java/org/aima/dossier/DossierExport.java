package org.aima.dossier;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.aima.dossier.core.AppearanceRow;
import org.aima.dossier.core.DocumentReader;
import org.aima.dossier.core.DossierPage;
import org.aima.dossier.core.MachineContent;
import org.aima.dossier.core.MediumInfo;
import org.aima.dossier.file.AppearanceTable;
import org.aima.jobs.model.Reject;
import org.aima.jobs.pipeline.RunContext;
import org.aima.stores.DocumentStore;
import org.aima.stores.ObjectStore;
import org.aima.stores.mongo.LedgerSinks;
import org.aima.stores.mongo.MongoKeys;
import org.aima.stores.paging.KeyRange;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonInvalidOperationException;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.bson.json.JsonMode;
import org.bson.json.JsonParseException;
import org.bson.json.JsonWriterSettings;

/** Writes dossiers as files and looks at them again; memory is one dossier with its pages. */
final class DossierExport {
    private static final int BATCH = 20;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final JsonWriterSettings RELAXED =
            JsonWriterSettings.builder().outputMode(JsonMode.RELAXED).build();

    private final DocumentStore documents;
    private final ObjectStore objects;
    private final String bucket;
    private final List<String> formats;
    private final String dossierId;

    /**
     * @param dossierId empty for every dossier
     */
    DossierExport(
            DocumentStore documents,
            ObjectStore objects,
            String bucket,
            List<String> formats,
            String dossierId) {
        this.documents = documents;
        this.objects = objects;
        this.bucket = bucket;
        this.formats = List.copyOf(formats);
        this.dossierId = dossierId;
    }

    static String timestamp(long millis) {
        return TIME.format(Instant.ofEpochMilli(millis));
    }

    /** Whether the dossier's id can be part of an object's key. */
    static boolean isKey(BsonDocument dossier) {
        return id(dossier).matches("[A-Za-z0-9_=-][A-Za-z0-9._=-]{0,199}");
    }

    private static String id(BsonDocument dossier) {
        return dossier.get("dossier_id") instanceof BsonString text ? text.getValue() : "";
    }

    void forEach(Consumer<BsonDocument> action) {
        BsonDocument filter =
                dossierId.isEmpty()
                        ? new BsonDocument()
                        : new BsonDocument("dossier_id", new BsonString(dossierId));
        for (String scope : List.of(MongoKeys.OBJECT_IDS, MongoKeys.OTHER_TYPES)) {
            KeyRange range = new KeyRange(scope, null, null);
            while (true) {
                List<BsonDocument> page =
                        documents.page(DossierCollections.DOSSIERS, filter, range, BATCH);
                page.forEach(action);
                if (page.size() < BATCH) {
                    break;
                }
                range = range.resumeAfter(MongoKeys.keyOf(page.get(page.size() - 1)));
            }
        }
    }

    void reject(BsonDocument dossier, RunContext run) {
        Reject reject =
                new Reject(
                        "mongo:" + DossierCollections.DOSSIERS,
                        id(dossier),
                        "unusable_key",
                        "the id cannot be part of an object's key",
                        "");
        if (!run.planOnly()) {
            documents.replace(
                    LedgerSinks.DEAD_LETTERS,
                    List.of(reject.letter(run.runId(), run.submittedAtMillis())));
        }
    }

    private static String key(BsonDocument dossier, String at, String format, String file) {
        return id(dossier) + "/" + at + "/" + format + "/" + file;
    }

    private static String file(String format) {
        return format.equals("parquet") ? "appearances.parquet" : "dossier." + format;
    }

    /** Writes every format; idempotent. Returns bytes. */
    long write(BsonDocument dossier, String at) {
        long bytes = 0;
        List<BsonDocument> pages = pages(dossier);
        for (String format : formats) {
            String key = key(dossier, at, format, file(format));
            switch (format) {
                case "json" -> {
                    byte[] json = json(dossier, pages).getBytes(StandardCharsets.UTF_8);
                    objects.put(bucket, key, json);
                    bytes += json.length;
                }
                case "html" -> {
                    byte[] html =
                            DossierPage.render(dossier, media(dossier))
                                    .getBytes(StandardCharsets.UTF_8);
                    objects.put(bucket, key, html);
                    bytes += html.length;
                }
                default -> bytes += table(dossier, pages, key);
            }
        }
        return bytes;
    }

    /** The document, with the pages it refers to under {@code appearance_pages}. */
    private static String json(BsonDocument dossier, List<BsonDocument> pages) {
        BsonDocument whole = dossier.clone();
        if (!pages.isEmpty()) {
            whole.put("appearance_pages", new BsonArray(pages));
        }
        return whole.toJson(RELAXED);
    }

    private List<BsonDocument> pages(BsonDocument dossier) {
        List<BsonValue> ids = new ArrayList<>();
        MachineContent.pages(MachineContent.aggregation(dossier))
                .forEach(p -> ids.add(new BsonString(p)));
        Map<BsonValue, BsonDocument> found = new HashMap<>();
        if (!ids.isEmpty()) {
            documents
                    .findIn(DossierCollections.PAGES, "_id", ids, List.of())
                    .forEach(p -> found.put(p.get("_id"), p));
        }
        return ids.stream().map(found::get).filter(Objects::nonNull).toList();
    }

    private Map<String, MediumInfo> media(BsonDocument dossier) {
        List<BsonString> ids = new ArrayList<>();
        for (String id : DocumentReader.dossier(dossier).mediaIds()) {
            ids.add(new BsonString(id));
        }
        Map<String, MediumInfo> media = new HashMap<>();
        documents
                .findIn(DossierCollections.MEDIA, "media_id", ids, DocumentReader.MEDIUM_FIELDS)
                .forEach(
                        d ->
                                Optional.ofNullable(DocumentReader.medium(d))
                                        .ifPresent(m -> media.put(m.mediaId(), m)));
        return media;
    }

    private long table(BsonDocument dossier, List<BsonDocument> pages, String key) {
        try {
            Path file = Files.createTempFile("appearances", ".parquet");
            try {
                try (AppearanceTable table = new AppearanceTable(file)) {
                    for (AppearanceRow row : AppearanceRow.of(dossier)) {
                        table.add(row);
                    }
                    for (BsonDocument page : pages) {
                        for (AppearanceRow row : AppearanceRow.ofPage(page)) {
                            table.add(row);
                        }
                    }
                }
                objects.putFile(bucket, key, file);
                return Files.size(file);
            } finally {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write a file to the local disk", e);
        }
    }

    /** Adds what is wrong with a dossier's files; returns how many there are. */
    long check(BsonDocument dossier, String at, List<String> wrong) {
        long files = 0;
        for (String format : formats) {
            String key = key(dossier, at, format, file(format));
            Optional<byte[]> content = objects.get(bucket, key);
            if (content.isEmpty() || content.get().length == 0 || !isWhole(format, content.get())) {
                wrong.add(key);
            } else {
                files++;
            }
        }
        return files;
    }

    private static boolean isWhole(String format, byte[] content) {
        String text = new String(content, StandardCharsets.UTF_8);
        return switch (format) {
                // Relaxed JSON does not tell int32 from int64, so a hash of it would differ.
            case "json" -> isDossier(text);
            case "html" -> text.startsWith("<!DOCTYPE html>") && text.endsWith("</html>\n");
            default -> text.startsWith("PAR1") && text.endsWith("PAR1");
        };
    }

    private static boolean isDossier(String json) {
        try {
            return !id(BsonDocument.parse(json)).isEmpty();
        } catch (JsonParseException | BsonInvalidOperationException e) {
            return false;
        }
    }

    long remove(BsonDocument dossier, String at) {
        List<String> keys = objects.list(bucket, id(dossier) + "/" + at + "/");
        keys.forEach(k -> objects.delete(bucket, k));
        return keys.size();
    }
}
