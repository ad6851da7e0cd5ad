package org.aima.backfill.file;

import java.util.Map;
import org.aima.stores.EmbeddingRow;

/**
 * One row of a file, or why it is none.
 *
 * @param row with an empty key and vector when it is none
 * @param reason a fixed word; empty for a row
 */
public record ImportedRow(EmbeddingRow row, String reason, String detail, String payload) {

    public static ImportedRow of(EmbeddingRow row) {
        return new ImportedRow(row, "", "", "");
    }

    public static ImportedRow broken(String key, String reason, String detail, String payload) {
        return new ImportedRow(
                new EmbeddingRow(key, new float[0], Map.of()), reason, detail, payload);
    }
}
