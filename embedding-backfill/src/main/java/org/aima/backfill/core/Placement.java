package org.aima.backfill.core;

import org.aima.stores.EmbeddingRow;

/**
 * Where a row goes.
 *
 * @param partition of the target; empty when the server chooses it
 * @param row as the target holds it
 * @param reason why it goes nowhere, a fixed word; empty for a row that is placed
 * @param detail of the reason, for a person
 */
public record Placement(String partition, EmbeddingRow row, String reason, String detail) {

    public boolean rejected() {
        return !reason.isEmpty();
    }
}
