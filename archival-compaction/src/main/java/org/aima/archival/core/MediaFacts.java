package org.aima.archival.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of media, compactly: a reason for each held medium, and for each result that
 * belongs to a person a hash and a number. Two results whose 64-bit hashes are equal would share a
 * person; among a thousand million that is expected for 0.03 pairs.
 */
public final class MediaFacts {
    private static final long SEED = 0x9E3779B97F4A7C15L;
    private static final int FIRST_CAPACITY = 1 << 10;

    private final Map<String, String> holds = new HashMap<>();
    private final Map<String, Integer> numbers = new HashMap<>();
    private final List<String> persons = new ArrayList<>();
    private long[] hashes = new long[FIRST_CAPACITY];
    private int[] owners = new int[FIRST_CAPACITY];
    private int size;

    /** The same facts in any order give the same answers. */
    public void add(MediaFact fact) {
        if (!fact.hold().isEmpty()) {
            holds.merge(fact.mediaId(), fact.hold(), (a, b) -> a.compareTo(b) <= 0 ? a : b);
        }
        if (!fact.personId().isEmpty()) {
            int person =
                    numbers.computeIfAbsent(
                            fact.personId(),
                            id -> {
                                persons.add(id);
                                return persons.size();
                            });
            for (String resultId : fact.resultIds()) {
                put(hash(resultId), person);
            }
        }
    }

    private void put(long hash, int person) {
        if (2 * size >= hashes.length) {
            grow();
        }
        int slot = slot(hash);
        if (owners[slot] == 0) {
            hashes[slot] = hash;
            owners[slot] = person;
            size++;
        } else if (persons.get(person - 1).compareTo(persons.get(owners[slot] - 1)) < 0) {
            // A result that two persons claim goes to the smaller id, whoever came first.
            owners[slot] = person;
        }
    }

    private int slot(long hash) {
        int mask = hashes.length - 1;
        int slot = (int) (hash ^ hash >>> 32) & mask;
        while (owners[slot] != 0 && hashes[slot] != hash) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    private void grow() {
        long[] oldHashes = hashes;
        int[] oldOwners = owners;
        hashes = new long[oldHashes.length * 2];
        owners = new int[hashes.length];
        for (int i = 0; i < oldHashes.length; i++) {
            if (oldOwners[i] != 0) {
                int slot = slot(oldHashes[i]);
                hashes[slot] = oldHashes[i];
                owners[slot] = oldOwners[i];
            }
        }
    }

    private static long hash(String text) {
        long hash = SEED;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0xD6E8FEB86659FD93L;
            hash ^= hash >>> 32;
        }
        return hash;
    }

    /** Why results of the medium stay, or null. */
    public @Nullable String hold(String mediaId) {
        return holds.get(mediaId);
    }

    /** The person a result belongs to, or null. */
    public @Nullable String person(String resultId) {
        int owner = owners[slot(hash(resultId))];
        return owner == 0 ? null : persons.get(owner - 1);
    }

    /** Forgets everything. */
    public void clear() {
        holds.clear();
        numbers.clear();
        persons.clear();
        Arrays.fill(owners, 0);
        size = 0;
    }
}
