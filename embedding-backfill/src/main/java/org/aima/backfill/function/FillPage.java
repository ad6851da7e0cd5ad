package org.aima.backfill.function;

/**
 * Rows of one partition and what documents say of them.
 *
 * @param ids primary keys
 * @param fields names of the fields that may be filled
 * @param values for each row in the fields' order; null where documents say nothing, or the row
 *     holds the value already
 * @param unknown rows of which no document tells anything
 */
public record FillPage(
        int range,
        boolean last,
        String partition,
        String[] ids,
        String[] fields,
        String[] values,
        int unknown) {}
