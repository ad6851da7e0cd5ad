package org.aima.operate.world;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.aima.jobs.model.Reject;

/** Bytes of a line as text. */
final class LineText {
    private LineText() {}

    /** Strict: bytes that are no UTF-8 make the line unusable. */
    static String decode(byte[] bytes) throws BadLineException {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new BadLineException("invalid_encoding", "", "the line is not UTF-8");
        }
    }

    /** The beginning of the line for a person to read, whatever its bytes. */
    static String excerpt(byte[] bytes) {
        int length = Math.min(bytes.length, Reject.MAX_PAYLOAD);
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    /** Whether a store can hold the text and find it again. */
    static boolean isStorable(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                return false;
            }
            if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                return false;
            }
        }
        return true;
    }
}
