package org.aima.archival.core;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * A person, medium or result that was erased, by a hash: what remembers an erasure must not be a
 * place where the erased id is found.
 *
 * @param kind {@code person}, {@code media} or {@code result}
 */
public record ErasedSubject(String kind, String sha256) {
    public static final String PERSON = "person";
    public static final String MEDIA = "media";
    public static final String RESULT = "result";

    public static ErasedSubject of(String kind, String id) {
        byte[] salted = (kind + "\0" + id).getBytes(StandardCharsets.UTF_8);
        return new ErasedSubject(kind, HexFormat.of().formatHex(CanonicalBson.hash(salted)));
    }

    /** The tombstone's {@code _id}. */
    public String key() {
        return kind + ":" + sha256;
    }
}
