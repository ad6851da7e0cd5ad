package org.aima.archival.core;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The order of rows in a file, as bytes that compare unsigned: medium, time, result. */
public final class SortKey {
    private SortKey() {}

    public static byte[] of(String mediaId, long timestampMillis, String resultId) {
        byte[] media = mediaId.getBytes(StandardCharsets.UTF_8);
        byte[] result = resultId.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(media.length + 1 + Long.BYTES + result.length)
                .put(media)
                .put((byte) 0)
                .putLong(timestampMillis ^ Long.MIN_VALUE)
                .put(result)
                .array();
    }
}
