package org.aima.backfill.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.aima.stores.EmbeddingRow;
import org.junit.jupiter.api.Test;

/** A hash that sees every bit of a row and nothing else. */
class RowDigestTest {
    private final RowDigest digest = new RowDigest(Rows.schema("c"));
    private final EmbeddingRow row = Rows.row("a", "m", 5);

    @Property(tries = 100)
    void oneBitOfTheVectorChangesIt(
            @ForAll @IntRange(min = 0, max = Rows.DIMENSION - 1) int component,
            @ForAll @IntRange(min = 0, max = 31) int bit) {
        float[] vector = row.vector().clone();
        vector[component] =
                Float.intBitsToFloat(Float.floatToRawIntBits(vector[component]) ^ (1 << bit));
        assertThat(digest.content(new EmbeddingRow("a", vector, row.fields())))
                .isNotEqualTo(digest.content(row));
    }

    @Test
    void everyFieldChangesIt() {
        for (String field : row.fields().keySet()) {
            Map<String, Object> fields = new HashMap<>(row.fields());
            fields.remove(field);
            assertThat(digest.content(new EmbeddingRow("a", row.vector(), fields)))
                    .as(field)
                    .isNotEqualTo(digest.content(row));
        }
    }

    @Test
    void absentIsWhatMilvusStoresForIt() {
        Map<String, Object> stored = new HashMap<>(row.fields());
        stored.put("person_id", "");
        stored.put("timestamp", 0L);
        stored.put("confidence", 0f);
        Map<String, Object> absent = new HashMap<>(stored);
        absent.remove("person_id");
        absent.remove("timestamp");
        absent.remove("confidence");
        assertThat(digest.content(new EmbeddingRow("a", row.vector(), absent)))
                .isEqualTo(digest.content(new EmbeddingRow("a", row.vector(), stored)));
    }

    @Test
    void textsThatRunIntoEachOtherStayApart() {
        EmbeddingRow one = Rows.row("a", "m", 5);
        one.fields().put("person_id", "ab");
        one.fields().put("media_id", "c");
        EmbeddingRow two = Rows.row("a", "m", 5);
        two.fields().put("person_id", "a");
        two.fields().put("media_id", "bc");
        assertThat(digest.content(one)).isNotEqualTo(digest.content(two));
    }

    @Test
    void longTextsAreHashedWhole() {
        EmbeddingRow one = Rows.row("a", "x".repeat(60_000) + "1", 5);
        EmbeddingRow two = Rows.row("a", "x".repeat(60_000) + "2", 5);
        assertThat(digest.content(one)).isNotEqualTo(digest.content(two));
    }

    @Test
    void theSameContentElsewhereIsAnotherPlace() {
        assertThat(RowDigest.placed(7, "p")).isNotEqualTo(RowDigest.placed(7, "q"));
        assertThat(RowDigest.placed(7, "p")).isEqualTo(RowDigest.placed(7, "p"));
    }
}
