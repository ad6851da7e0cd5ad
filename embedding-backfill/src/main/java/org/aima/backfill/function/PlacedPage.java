package org.aima.backfill.function;

import org.aima.backfill.core.RowColumns;

/**
 * A page of a frozen range, as the target is to hold it.
 *
 * @param read rows and inputs the page was made from
 * @param rows in the target's schema
 * @param partitions one a row
 * @param rejectKeys what goes nowhere, with reason, detail and payload beside it
 */
public record PlacedPage(
        int range,
        boolean last,
        String origin,
        int read,
        RowColumns rows,
        String[] partitions,
        String[] rejectKeys,
        String[] rejectReasons,
        String[] rejectDetails,
        String[] rejectPayloads) {}
