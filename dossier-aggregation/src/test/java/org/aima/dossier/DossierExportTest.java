package org.aima.dossier;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.aima.jobs.pipeline.RunContext;
import org.aima.stores.memory.InMemoryDocumentStore;
import org.aima.stores.memory.InMemoryObjectStore;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.parquet.avro.AvroParquetReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.io.LocalInputFile;
import org.bson.BsonDocument;
import org.bson.json.JsonParseException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files hold the dossier and its pages; a second attempt replaces them; damage is found. */
class DossierExportTest {
    private static final String AT = "20260101T000000Z";
    private static final List<String> FORMATS = List.of("json", "parquet", "html");

    private final InMemoryDocumentStore documents = new InMemoryDocumentStore();
    private final InMemoryObjectStore objects = new InMemoryObjectStore();

    @BeforeEach
    void store() {
        objects.createBucket("exports");
        documents.replace(
                DossierCollections.DOSSIERS,
                List.of(
                        BsonDocument.parse(
                                "{_id: 'd', dossier_id: 'd', title: 'T', media_items: ['m'],"
                                        + " persons: [{person_id: 'p', relevance_score: 0.5,"
                                        + " appearances: [{media_id: 'm', time_ranges: [{start_seconds:"
                                        + " 0.0, end_seconds: 1.0}]}, {media_id: 'i', time_ranges:"
                                        + " []}]}], events: [{event_id: 'e', confidence: 0.25,"
                                        + " media_references: [{media_id: 'm', time_range:"
                                        + " {start_seconds: 4.0, end_seconds: 5.0}}]}], metadata:"
                                        + " {aggregation: {pages: ['a']}}}"),
                        BsonDocument.parse("{_id: 'x', dossier_id: '../x', media_items: []}")));
        documents.replace(
                DossierCollections.PAGES,
                List.of(
                        BsonDocument.parse(
                                "{_id: 'a', dossier_id: 'd', kind: 'person', about: ['p'], page: 0,"
                                        + " appearances: [{media_id: 'm', time_ranges:"
                                        + " [{start_seconds: 8.0, end_seconds: 9.0}]}]}"),
                        BsonDocument.parse("{_id: 'old', dossier_id: 'd', kind: 'person'}")));
    }

    private DossierExport export(String dossierId) {
        return new DossierExport(documents, objects, "exports", FORMATS, dossierId);
    }

    private BsonDocument dossier() {
        List<BsonDocument> found = new ArrayList<>();
        export("d").forEach(found::add);
        assertThat(found).hasSize(1);
        return found.get(0);
    }

    @Test
    void everyFormatIsUnderItsKey(@TempDir Path directory) throws IOException {
        long bytes = export("").write(dossier(), AT);
        assertThat(objects.list("exports", ""))
                .containsExactly(
                        "d/" + AT + "/html/dossier.html",
                        "d/" + AT + "/json/dossier.json",
                        "d/" + AT + "/parquet/appearances.parquet");
        assertThat(bytes)
                .isEqualTo(
                        objects.list("exports", "").stream()
                                .mapToLong(k -> objects.get("exports", k).orElseThrow().length)
                                .sum());
        BsonDocument json =
                BsonDocument.parse(
                        new String(
                                objects.get("exports", "d/" + AT + "/json/dossier.json")
                                        .orElseThrow(),
                                StandardCharsets.UTF_8));
        assertThat(json.getArray("appearance_pages")).hasSize(1);
        json.remove("appearance_pages");
        assertThat(json).isEqualTo(dossier());

        Path file = directory.resolve("a.parquet");
        Files.write(
                file,
                objects.get("exports", "d/" + AT + "/parquet/appearances.parquet").orElseThrow());
        List<String> rows = new ArrayList<>();
        try (ParquetReader<GenericRecord> reader =
                AvroParquetReader.<GenericRecord>builder(new LocalInputFile(file))
                        .withDataModel(GenericData.get())
                        .build()) {
            for (GenericRecord r = reader.read(); r != null; r = reader.read()) {
                rows.add(
                        r.get("item")
                                + " "
                                + r.get("item_id")
                                + " "
                                + r.get("media_id")
                                + " "
                                + r.get("start_seconds")
                                + " "
                                + r.get("end_seconds"));
            }
        }
        assertThat(rows)
                .containsExactly(
                        "person p m 0.0 1.0",
                        "person p i null null",
                        "event e m 4.0 5.0",
                        "person p m 8.0 9.0");
    }

    @Test
    void anIdThatCannotBeAKeyIsADeadLetter() {
        List<BsonDocument> bad = new ArrayList<>();
        export("")
                .forEach(
                        d -> {
                            if (!DossierExport.isKey(d)) {
                                bad.add(d);
                            }
                        });
        assertThat(bad).hasSize(1);
        export("").reject(bad.get(0), new RunContext("run", 1, true, 0));
        assertThat(documents.count("dead_letters", new BsonDocument())).isZero();
        export("").reject(bad.get(0), new RunContext("run", 1, false, 0));
        export("").reject(bad.get(0), new RunContext("run", 1, false, 0));
        assertThat(documents.count("dead_letters", new BsonDocument())).isEqualTo(1);
    }

    @Test
    void aMissingOrCutFileIsFound() {
        export("").write(dossier(), AT);
        assertThat(wrong()).isEmpty();
        for (String key : objects.list("exports", "")) {
            byte[] whole = objects.get("exports", key).orElseThrow();
            objects.put("exports", key, Arrays.copyOf(whole, whole.length / 2));
            assertThat(wrong()).containsExactly(key);
            objects.delete("exports", key);
            assertThat(wrong()).containsExactly(key);
            export("").write(dossier(), AT);
        }
        assertThat(export("").remove(dossier(), AT)).isEqualTo(3);
        assertThat(objects.list("exports", "")).isEmpty();
    }

    private List<String> wrong() {
        List<String> wrong = new ArrayList<>();
        try {
            export("").check(dossier(), AT, wrong);
        } catch (JsonParseException e) {
            throw new AssertionError("damage is told, not thrown", e);
        }
        return wrong;
    }
}
