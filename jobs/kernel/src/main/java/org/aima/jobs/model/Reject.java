package org.aima.jobs.model;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonString;

/**
 * One input that could not be used: it goes to {@code dead_letters} instead of being lost.
 *
 * @param source collection, topic or file and line it came from
 * @param key its key as far as known, else empty
 * @param reason a fixed word such as {@code wrong_dimension}
 * @param detail what was seen, for a person
 * @param payload the input as text, cut to {@link #MAX_PAYLOAD} characters
 */
public record Reject(String source, String key, String reason, String detail, String payload) {
    public static final int MAX_PAYLOAD = 2_000;
    private static final int MAX_KEY = 400;

    public Reject {
        payload = cut(payload, MAX_PAYLOAD);
        key = cut(key, MAX_KEY);
    }

    /**
     * The deterministic {@code _id} of the dead letter: writing it again changes nothing. It covers
     * the payload, so two different bad inputs without a key stay two documents.
     */
    public String documentId(String runId) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String part : new String[] {runId, source, key, reason, detail, payload}) {
                digest.update(part.getBytes(StandardCharsets.UTF_8));
                digest.update((byte) 0);
            }
            return HexFormat.of().formatHex(digest.digest(), 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * The dead letter as it is stored; the same reject of a run always has the same {@code _id}.
     */
    public BsonDocument letter(String runId, long atMillis) {
        return new BsonDocument("_id", new BsonString(documentId(runId)))
                .append("run_id", new BsonString(runId))
                .append("source", new BsonString(source))
                .append("key", new BsonString(key))
                .append("reason", new BsonString(reason))
                .append("detail", new BsonString(detail))
                .append("payload", new BsonString(payload))
                .append("at", new BsonDateTime(atMillis));
    }

    private static String cut(String text, int max) {
        return text.length() <= max ? text : text.substring(0, max);
    }
}
