package org.aima.personclustering.core;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.TreeMap;
import org.aima.jobs.model.BsonBytes;
import org.bson.BsonDocument;

/** A document's content as a number, the same for every order of its top-level fields. */
public final class DocumentHash {
    private DocumentHash() {}

    /** SHA-256 of the document's BSON with its top-level fields in ascending order. */
    public static String of(BsonDocument document) {
        BsonDocument sorted = new BsonDocument();
        new TreeMap<>(document).forEach(sorted::put);
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256").digest(BsonBytes.encode(sorted)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
