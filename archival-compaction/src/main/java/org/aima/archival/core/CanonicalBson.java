package org.aima.archival.core;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;

/**
 * A document in the one form in which it is archived: the bytes the server stores, proven well
 * formed. They are never decoded and encoded again, so no type, order or sign can get lost.
 */
public final class CanonicalBson {
    private static final int MAX_DEPTH = 200;
    private static final byte[] ID = ascii("_id");

    private CanonicalBson() {}

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Why the bytes are not one well formed document with an {@code _id}; empty when they are. */
    public static Optional<String> defect(byte[] bytes) {
        try {
            if (bytes.length < Integer.BYTES || lengthOf(bytes) != bytes.length) {
                return Optional.of("its length is not what it says");
            }
            boolean id = false;
            BsonElements elements = new BsonElements(bytes, 0);
            while (elements.advance()) {
                id |= elements.named(ID);
                check(elements, bytes, 1);
            }
            return id ? Optional.empty() : Optional.of("no _id");
        } catch (IllegalArgumentException | ArithmeticException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private static int lengthOf(byte[] bytes) {
        return bytes[0] & 0xFF
                | (bytes[1] & 0xFF) << 8
                | (bytes[2] & 0xFF) << 16
                | (bytes[3] & 0xFF) << 24;
    }

    private static void check(BsonElements element, byte[] bytes, int depth) {
        text(bytes, element.nameStart(), element.nameEnd(), element);
        switch (element.type()) {
            case BsonElements.STRING, BsonElements.SYMBOL, BsonElements.JAVASCRIPT -> {
                if (bytes[element.valueEnd() - 1] != 0) {
                    throw new IllegalArgumentException(
                            "text " + element.name() + " does not end with zero");
                }
                text(bytes, element.valueStart() + Integer.BYTES, element.valueEnd() - 1, element);
            }
            case BsonElements.BOOLEAN -> {
                if ((bytes[element.valueStart()] & ~1) != 0) {
                    throw new IllegalArgumentException(
                            "boolean " + element.name() + " is neither true nor false");
                }
            }
            case BsonElements.DOCUMENT, BsonElements.ARRAY -> {
                if (depth >= MAX_DEPTH) {
                    throw new IllegalArgumentException("nested deeper than " + MAX_DEPTH);
                }
                BsonElements children = element.children();
                while (children.advance()) {
                    check(children, bytes, depth + 1);
                }
            }
            default -> {}
        }
    }

    private static void text(byte[] bytes, int from, int to, BsonElements element) {
        boolean plain = true;
        for (int i = from; i < to && plain; i++) {
            plain = bytes[i] >= 0;
        }
        if (plain) {
            return;
        }
        try {
            StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes, from, to - from));
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(element.name() + " is not UTF-8", e);
        }
    }

    /** SHA-256 of a document. */
    public static byte[] hash(byte[] document) {
        return sha256().digest(document);
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The {@code _id} element's type and value as bytes: a key for maps. */
    public static ByteBuffer idOf(byte[] document) {
        BsonElements elements = new BsonElements(document, 0);
        while (elements.advance()) {
            if (elements.named(ID)) {
                byte[] id =
                        Arrays.copyOfRange(
                                document, elements.valueStart() - 1, elements.valueEnd());
                id[0] = (byte) elements.type();
                return ByteBuffer.wrap(id);
            }
        }
        throw new IllegalArgumentException("a document without _id");
    }
}
