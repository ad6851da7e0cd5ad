package org.aima.backfill.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.EmbeddingSchema.Type;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows are placed and shaped, or rejected with a reason; never lost and never bent. */
class RowMapperTest {
    private static final EmbeddingSchema SOURCE = Rows.schema("faces");
    private static final long MARCH = 1_772_500_000_000L;
    private static final MediaFacts VIDEO = new MediaFacts("video", MARCH, Map.of());

    private static RowMapper mapper(SchemaMapping mapping, String scheme, String without) {
        PartitionScheme parsed = PartitionScheme.parse(scheme);
        return new RowMapper(
                SOURCE,
                mapping.target(SOURCE, "t", parsed.keyField(), 1),
                mapping,
                parsed,
                without);
    }

    private static RowMapper plain() {
        return mapper(SchemaMapping.IDENTITY, "media-type,month", "unassigned");
    }

    @Test
    void theRowsOwnTimeWinsOverItsMediums() {
        assertThat(plain().map(Rows.row("a", "m", 1L), VIDEO).partition())
                .isEqualTo("video_1970_01");
        assertThat(plain().map(Rows.row("a", "m", 0L), VIDEO).partition())
                .isEqualTo("video_2026_03");
    }

    @Test
    void rowsWithoutMediumGoWhereTheSettingSays() {
        EmbeddingRow row = Rows.row("a", "gone", 5L);
        assertThat(plain().map(row, MediaFacts.UNKNOWN).partition()).isEqualTo("unassigned");
        assertThat(
                        mapper(SchemaMapping.IDENTITY, "media-type,month", "")
                                .map(row, MediaFacts.UNKNOWN)
                                .reason())
                .isEqualTo("missing_media");
        assertThat(
                        mapper(SchemaMapping.IDENTITY, "none", "")
                                .map(row, MediaFacts.UNKNOWN)
                                .partition())
                .isEqualTo("_default");
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void numbersThatAreNoneAreRejected(float bad) {
        EmbeddingRow row = Rows.row("a", "m", 5L);
        row.vector()[3] = bad;
        assertThat(plain().map(row, VIDEO).reason())
                .isEqualTo(Float.isNaN(bad) ? "nan" : "infinite");
    }

    @Test
    void brokenRowsAreRejectedWithTheirReason() {
        EmbeddingRow row = Rows.row("a", "m", 5L);
        assertThat(plain().map(new EmbeddingRow("", row.vector(), row.fields()), VIDEO).reason())
                .isEqualTo("missing_id");
        assertThat(plain().map(new EmbeddingRow("a", new float[3], row.fields()), VIDEO).reason())
                .isEqualTo("wrong_dimension");
        assertThat(plain().map(new EmbeddingRow("a", new float[0], row.fields()), VIDEO).reason())
                .isEqualTo("empty_vector");
        Map<String, Object> wrong = new HashMap<>(row.fields());
        wrong.put("timestamp", "yesterday");
        assertThat(plain().map(new EmbeddingRow("a", row.vector(), wrong), VIDEO).reason())
                .isEqualTo("wrong_type");
        wrong.put("timestamp", 5L);
        wrong.put("person_id", "ü".repeat(51));
        assertThat(plain().map(new EmbeddingRow("a", row.vector(), wrong), VIDEO).reason())
                .isEqualTo("too_long");
    }

    @Test
    void fieldsAreRenamedDroppedAndAdded() {
        SchemaMapping mapping =
                SchemaMapping.parse(
                        "person_id:who",
                        "confidence",
                        "model:varchar(20)=const:a:b;kind:varchar=media:type;year:int64=result:y",
                        "result_id:40");
        RowMapper mapper = mapper(mapping, "media-type", "unassigned");
        Placement placement =
                mapper.map(
                        Rows.row("a", "m", 5L),
                        new MediaFacts(
                                "video", MARCH, Map.of("media:type", "video", "result:y", "2026")));
        assertThat(placement.row().fields())
                .containsOnly(
                        Map.entry("who", "p-a"),
                        Map.entry("media_id", "m"),
                        Map.entry("result_id", "r-a"),
                        Map.entry("timestamp", 5L),
                        Map.entry("model", "a:b"),
                        Map.entry("kind", "video"),
                        Map.entry("year", 2026L));
        assertThat(mapper.target().field("result_id").orElseThrow().maxLength()).isEqualTo(40);
        assertThat(mapper.target().field("model").orElseThrow().maxLength()).isEqualTo(20);
        assertThat(
                        mapper.map(
                                        Rows.row("a", "m", 5L),
                                        new MediaFacts("video", 1, Map.of("result:y", "soon")))
                                .reason())
                .isEqualTo("wrong_type");
    }

    @Test
    void problemsOfAMappingAreAllTold() {
        SchemaMapping mapping =
                SchemaMapping.parse(
                        "nothing:x,person_id:media_id", "embedding", "-", "timestamp:10");
        assertThat(mapping.problems(SOURCE))
                .anyMatch(p -> p.contains("nothing"))
                .anyMatch(p -> p.contains("embedding cannot be dropped"))
                .anyMatch(p -> p.contains("timestamp is no VARCHAR"))
                .anyMatch(p -> p.contains("two fields media_id"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "a:b:c=const:1", "a:int64=const:x", "a:float_vector=const:1"})
    void additionsThatCannotBeReadAreRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SchemaMapping.parse("-", "-", text, "-"));
    }

    @Test
    void partitionKeyIsMarkedInTheTarget() {
        RowMapper mapper = mapper(SchemaMapping.IDENTITY, "key:media_id", "");
        assertThat(mapper.target().field("media_id").orElseThrow().partitionKey()).isTrue();
        assertThat(mapper.map(Rows.row("a", "m", 0L), MediaFacts.UNKNOWN).partition()).isEmpty();
    }

    @Property(tries = 200)
    void identityKeepsKeysVectorsAndFieldsWhateverTheyHold(
            @ForAll String key, @ForAll String person, @ForAll float[] numbers) {
        float[] vector = Arrays.copyOf(numbers, Rows.DIMENSION);
        EmbeddingRow row = Rows.row("a", "m", 5L);
        row.fields().put("person_id", person);
        EmbeddingRow given = new EmbeddingRow(key, vector, row.fields());
        Placement placement = plain().map(given, VIDEO);
        if (!placement.rejected()) {
            assertThat(placement.row().id()).isEqualTo(key);
            assertThat(placement.row().vector()).isEqualTo(vector);
            assertThat(placement.row().fields()).isEqualTo(row.fields());
        } else {
            assertThat(placement.reason()).isIn("missing_id", "too_long", "nan", "infinite");
        }
    }

    @Property(tries = 100)
    void columnsAreRowsAgain(@ForAll List<String> keys, @ForAll long number, @ForAll float share) {
        List<EmbeddingRow> rows =
                keys.stream()
                        .map(
                                k -> {
                                    EmbeddingRow row = Rows.row(k, "m" + k, number);
                                    row.fields().put("confidence", share);
                                    if (k.length() % 2 == 0) {
                                        row.fields().remove("person_id");
                                        row.fields().remove("timestamp");
                                    }
                                    return row;
                                })
                        .toList();
        EmbeddingRow[] again = RowColumns.of(rows, SOURCE).rows(SOURCE);
        assertThat(again).hasSize(rows.size());
        for (int i = 0; i < again.length; i++) {
            assertThat(again[i].id()).isEqualTo(rows.get(i).id());
            assertThat(again[i].vector()).isEqualTo(rows.get(i).vector());
            assertThat(again[i].fields()).isEqualTo(rows.get(i).fields());
        }
    }

    @Test
    void typesOfTheSchemaAreTheTypesOfValues() {
        assertThat(SOURCE.field("confidence").orElseThrow().type()).isEqualTo(Type.FLOAT);
        FilledRow filled =
                FilledRow.of(
                        SOURCE,
                        Rows.row("a", "", 0L),
                        Map.of("media_id", "m\\1\nx", "timestamp", "7", "person_id", "other"),
                        false);
        assertThat(filled.changed()).isTrue();
        assertThat(filled.row().fields())
                .containsEntry("media_id", "m\\1\nx")
                .containsEntry("timestamp", 7L)
                .containsEntry("person_id", "p-a");
        assertThat(FilledRow.values(filled.after()))
                .containsOnly(Map.entry("media_id", "m\\1\nx"), Map.entry("timestamp", "7"));
        assertThat(FilledRow.values(filled.before()))
                .containsOnly(Map.entry("media_id", ""), Map.entry("timestamp", "0"));
        assertThat(
                        FilledRow.of(
                                        SOURCE,
                                        Rows.row("a", "", 0L),
                                        Map.of("timestamp", "late"),
                                        false)
                                .reason())
                .isEqualTo("wrong_type");
        assertThat(FilledRow.of(SOURCE, filled.row(), Map.of("timestamp", "7"), true).changed())
                .isFalse();
    }

    @Test
    void exactNeighboursAreTheNearest() {
        for (String metric : List.of("COSINE", "IP", "L2")) {
            NearestRows nearest = new NearestRows(List.of(new float[] {1, 0}), 2, metric);
            nearest.offer("far", new float[] {-1, 0});
            nearest.offer("near", new float[] {0.9f, 0.1f});
            nearest.offer("same", new float[] {1, 0});
            nearest.offer("side", new float[] {0, 1});
            assertThat(nearest.found().get(0)).containsExactlyInAnyOrder("same", "near");
        }
        assertThat(
                        NearestRows.recall(
                                List.of(java.util.Set.of("a", "b")),
                                List.of(java.util.Set.of("b", "c"))))
                .isEqualTo(0.5);
    }
}
