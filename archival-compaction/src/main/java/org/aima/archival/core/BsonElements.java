package org.aima.archival.core;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Walks the elements of a BSON document where they lie, without building objects: a result has some
 * twenty elements, and each is looked at once.
 */
final class BsonElements {
    static final int DOUBLE = 0x01;
    static final int STRING = 0x02;
    static final int DOCUMENT = 0x03;
    static final int ARRAY = 0x04;
    static final int BINARY = 0x05;
    static final int UNDEFINED = 0x06;
    static final int OBJECT_ID = 0x07;
    static final int BOOLEAN = 0x08;
    static final int DATE = 0x09;
    static final int NULL = 0x0A;
    static final int REGEX = 0x0B;
    static final int DB_POINTER = 0x0C;
    static final int JAVASCRIPT = 0x0D;
    static final int SYMBOL = 0x0E;
    static final int JAVASCRIPT_WITH_SCOPE = 0x0F;
    static final int INT32 = 0x10;
    static final int TIMESTAMP = 0x11;
    static final int INT64 = 0x12;
    static final int DECIMAL128 = 0x13;
    static final int MIN_KEY = 0xFF;
    static final int MAX_KEY = 0x7F;

    private static final int OBJECT_ID_BYTES = 12;
    private static final int DECIMAL_BYTES = 16;
    private static final int SMALLEST_DOCUMENT = 5;

    private final byte[] bytes;
    private final ByteBuffer numbers;
    private final int end;
    private int next;
    private int start;
    private int type;
    private int nameStart;
    private int nameEnd;
    private int valueStart;
    private int valueEnd;

    /**
     * @param offset where the document's length lies
     * @throws IllegalArgumentException when the document does not fit into the bytes
     */
    BsonElements(byte[] bytes, int offset) {
        this.bytes = bytes;
        this.numbers = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (offset < 0 || offset + SMALLEST_DOCUMENT > bytes.length) {
            throw new IllegalArgumentException("document cut off at byte " + offset);
        }
        int length = numbers.getInt(offset);
        if (length < SMALLEST_DOCUMENT || length > bytes.length - offset) {
            throw new IllegalArgumentException("document length " + length + " at byte " + offset);
        }
        this.end = offset + length - 1;
        if (bytes[end] != 0) {
            throw new IllegalArgumentException("document does not end with zero");
        }
        this.next = offset + Integer.BYTES;
    }

    /** Moves to the next element; false behind the last. */
    boolean advance() {
        if (next == end) {
            return false;
        }
        start = next;
        type = bytes[next] & 0xFF;
        nameStart = next + 1;
        nameEnd = zero(nameStart);
        valueStart = nameEnd + 1;
        valueEnd = Math.addExact(valueStart, length());
        if (valueEnd > end) {
            throw new IllegalArgumentException("element " + name() + " is cut off");
        }
        next = valueEnd;
        return true;
    }

    private int zero(int from) {
        for (int i = from; i < end; i++) {
            if (bytes[i] == 0) {
                return i;
            }
        }
        throw new IllegalArgumentException("a name without end at byte " + from);
    }

    private int length() {
        return switch (type) {
            case DOUBLE, DATE, TIMESTAMP, INT64 -> Long.BYTES;
            case INT32 -> Integer.BYTES;
            case BOOLEAN -> 1;
            case NULL, UNDEFINED, MIN_KEY, MAX_KEY -> 0;
            case OBJECT_ID -> OBJECT_ID_BYTES;
            case DECIMAL128 -> DECIMAL_BYTES;
            case STRING, JAVASCRIPT, SYMBOL -> Math.addExact(Integer.BYTES, prefix(1));
            case DOCUMENT, ARRAY -> prefix(SMALLEST_DOCUMENT);
            case JAVASCRIPT_WITH_SCOPE -> prefix(Integer.BYTES + SMALLEST_DOCUMENT);
            case BINARY -> Math.addExact(Integer.BYTES + 1, prefix(0));
            case DB_POINTER -> Math.addExact(Integer.BYTES + OBJECT_ID_BYTES, prefix(1));
            case REGEX -> zero(zero(valueStart) + 1) + 1 - valueStart;
            default ->
                    throw new IllegalArgumentException(
                            "element " + name() + " has the unknown type " + type);
        };
    }

    private int prefix(int least) {
        if (valueStart + Integer.BYTES > end) {
            throw new IllegalArgumentException("element " + name() + " is cut off");
        }
        int length = numbers.getInt(valueStart);
        if (length < least) {
            throw new IllegalArgumentException("element " + name() + " has length " + length);
        }
        return length;
    }

    int type() {
        return type;
    }

    String name() {
        return new String(
                bytes, nameStart, Math.max(0, nameEnd - nameStart), StandardCharsets.UTF_8);
    }

    boolean named(byte[] name) {
        if (nameEnd - nameStart != name.length) {
            return false;
        }
        for (int i = 0; i < name.length; i++) {
            if (bytes[nameStart + i] != name[i]) {
                return false;
            }
        }
        return true;
    }

    /** Where the element, its type and name included, begins. */
    int start() {
        return start;
    }

    int nameStart() {
        return nameStart;
    }

    int nameEnd() {
        return nameEnd;
    }

    int valueStart() {
        return valueStart;
    }

    int valueEnd() {
        return valueEnd;
    }

    String string() {
        int length = numbers.getInt(valueStart);
        return new String(bytes, valueStart + Integer.BYTES, length - 1, StandardCharsets.UTF_8);
    }

    long int64() {
        return numbers.getLong(valueStart);
    }

    int int32() {
        return numbers.getInt(valueStart);
    }

    double float64() {
        return numbers.getDouble(valueStart);
    }

    boolean isNumber() {
        return type == DOUBLE || type == INT32 || type == INT64;
    }

    /** A double, int32 or int64 as a double. */
    double number() {
        return switch (type) {
            case DOUBLE -> float64();
            case INT32 -> int32();
            default -> int64();
        };
    }

    /** The elements of a document or array. */
    BsonElements children() {
        return new BsonElements(bytes, valueStart);
    }
}
