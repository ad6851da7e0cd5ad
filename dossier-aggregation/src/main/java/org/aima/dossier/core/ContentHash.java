package org.aima.dossier.core;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.UUID;
import org.aima.jobs.model.BsonBytes;
import org.bson.BsonDocument;

/** Names derived from content, so that the same content always has the same name. */
public final class ContentHash {
    private static final int PAGE_ID_BYTES = 16;

    private ContentHash() {}

    /** SHA-256 of the document's BSON; the order of fields counts. */
    public static String of(BsonDocument document) {
        return HexFormat.of().formatHex(digest(BsonBytes.encode(document)));
    }

    public static String of(String text) {
        return HexFormat.of().formatHex(digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    static String page(BsonDocument document) {
        return HexFormat.of().formatHex(digest(BsonBytes.encode(document)), 0, PAGE_ID_BYTES);
    }

    static String uuid(String text) {
        ByteBuffer bytes = ByteBuffer.wrap(digest(text.getBytes(StandardCharsets.UTF_8)));
        return new UUID(bytes.getLong(), bytes.getLong()).toString();
    }

    private static byte[] digest(byte[] content) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(content);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
