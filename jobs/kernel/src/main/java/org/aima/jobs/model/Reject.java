package org.aima.jobs.model;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

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

    private static String cut(String text, int max) {
        return text.length() <= max ? text : text.substring(0, max);
    }
}
