package org.aima.archival.core;

/**
 * A data file as a manifest names it. Media ids are bounded by their first characters only: a
 * manifest lives for ever and must not hold an id that may have to be erased.
 *
 * @param bytes of the object
 * @param sha256 of the object, hexadecimal
 * @param contentSha256 see {@link ContentHash}
 * @param minTimestamp epoch milliseconds
 * @param maxTimestamp epoch milliseconds
 * @param minMedia first characters of the smallest media id
 * @param maxMedia first characters of the largest media id
 */
public record ArchivedFile(
        String key,
        String analysisType,
        int year,
        int month,
        long rows,
        long bytes,
        String sha256,
        String contentSha256,
        long minTimestamp,
        long maxTimestamp,
        String minMedia,
        String maxMedia,
        int rowGroups,
        int schemaVersion)
        implements java.io.Serializable {
    private static final int PREFIX = 4;

    public Partition partition() {
        return new Partition(analysisType, year, month);
    }

    /** As much of an id as a manifest may hold. */
    public static String prefix(String id) {
        return id.length() <= PREFIX ? id.substring(0, id.length() / 2) : id.substring(0, PREFIX);
    }

    /** Whether rows of a medium can be in the file as far as the bounds tell. */
    public boolean mayHoldMedia(String mediaId) {
        return mediaId.compareTo(minMedia) >= 0
                && (mediaId.startsWith(maxMedia) || mediaId.compareTo(maxMedia) <= 0);
    }
}
