package org.aima.operate.migrate;

import java.util.List;

/**
 * One version of the stores and the steps that lead to it.
 *
 * @param file where it was read from
 */
public record Migration(String file, int version, String description, List<Part> parts) {

    public Migration {
        parts = List.copyOf(parts);
    }

    /** Every step in order. */
    public List<MigrationAction> actions() {
        return parts.stream().flatMap(p -> p.operations().stream()).toList();
    }

    /** Steps on one kind of store. */
    public record Part(StoreType type, List<MigrationAction> operations) {
        public Part {
            operations = List.copyOf(operations);
        }
    }
}
