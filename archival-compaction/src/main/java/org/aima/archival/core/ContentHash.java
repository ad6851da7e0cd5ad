package org.aima.archival.core;

import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * One hash over all documents of a file: SHA-256 over their SHA-256 in row order. Two files with
 * the same one hold the same documents, however they are compressed.
 */
public final class ContentHash {
    private final MessageDigest all = CanonicalBson.sha256();
    private final MessageDigest one = CanonicalBson.sha256();

    public void add(byte[] document) {
        all.update(one.digest(document));
    }

    /** Hexadecimal; resets the hash. */
    public String value() {
        return HexFormat.of().formatHex(all.digest());
    }
}
