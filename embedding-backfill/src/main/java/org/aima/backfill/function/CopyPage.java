package org.aima.backfill.function;

import org.aima.backfill.core.RowColumns;

/**
 * A page of a frozen range, as the source holds it.
 *
 * @param range number of the range
 * @param last whether the range ends with this page
 * @param origin where it was read, for dead letters
 * @param rows in the source's schema
 * @param mediaTypes one a row, empty when unknown
 * @param mediaMillis one a row, 0 when unknown
 * @param extras values of added fields, for each row in the order of their paths
 * @param rejectKeys inputs that are no rows at all, with reason, detail and payload beside them
 */
public record CopyPage(
        int range,
        boolean last,
        String origin,
        RowColumns rows,
        String[] mediaTypes,
        long[] mediaMillis,
        String[] extras,
        String[] rejectKeys,
        String[] rejectReasons,
        String[] rejectDetails,
        String[] rejectPayloads) {}
