package org.aima.personclustering.core;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.UUID;
import org.bson.types.ObjectId;

/** Ids of new persons, derived from content so that reruns agree. */
public final class PersonIds {
    private static final int OBJECT_ID_BYTES = 12;

    private PersonIds() {}

    /** The person id of a cluster whose smallest member is the given one: a version 8 UUID. */
    public static String fromSmallestMember(String collection, String embeddingId) {
        byte[] hash = sha256("person\0" + collection + "\0" + embeddingId);
        hash[6] = (byte) (hash[6] & 0x0F | 0x80);
        hash[8] = (byte) (hash[8] & 0x3F | 0x80);
        ByteBuffer bytes = ByteBuffer.wrap(hash);
        return new UUID(bytes.getLong(), bytes.getLong()).toString();
    }

    /** The {@code _id} of a person's document, the same whenever it is written anew. */
    public static ObjectId documentId(String personId) {
        return new ObjectId(Arrays.copyOf(sha256("_id\0" + personId), OBJECT_ID_BYTES));
    }

    /** 64 bits of a text's SHA-256. */
    static long hash(String text) {
        return ByteBuffer.wrap(sha256(text)).getLong();
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
