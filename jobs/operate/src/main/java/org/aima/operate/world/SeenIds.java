package org.aima.operate.world;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Which ids a file had already: 16 bytes an id, whatever its length. */
final class SeenIds {
    private static final int FIRST_SLOTS = 1 << 10;

    private final MessageDigest digest;
    private long[] slots = new long[2 * FIRST_SLOTS];
    private int size;

    SeenIds() {
        try {
            this.digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Remembers an id; false when it was known. */
    boolean add(String id) {
        ByteBuffer hash = ByteBuffer.wrap(digest.digest(id.getBytes(StandardCharsets.UTF_8)));
        // The pair 0, 0 marks a free slot.
        long high = hash.getLong() | 1;
        long low = hash.getLong();
        if (!put(slots, high, low)) {
            return false;
        }
        if (++size > slots.length / 4) {
            grow();
        }
        return true;
    }

    private static boolean put(long[] into, long high, long low) {
        int mask = into.length / 2 - 1;
        int slot = (int) (low & mask);
        while (into[2 * slot] != 0) {
            if (into[2 * slot] == high && into[2 * slot + 1] == low) {
                return false;
            }
            slot = (slot + 1) & mask;
        }
        into[2 * slot] = high;
        into[2 * slot + 1] = low;
        return true;
    }

    private void grow() {
        long[] larger = new long[slots.length * 2];
        for (int i = 0; i < slots.length; i += 2) {
            if (slots[i] != 0) {
                put(larger, slots[i], slots[i + 1]);
            }
        }
        slots = larger;
    }
}
