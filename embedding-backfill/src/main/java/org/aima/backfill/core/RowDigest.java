package org.aima.backfill.core;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.EmbeddingSchema.Field;
import org.aima.stores.EmbeddingSchema.Type;
import org.jspecify.annotations.Nullable;

/**
 * Hashes of whole rows: the first 64 bits of SHA-256 over the key, every bit of the vector and
 * every field. An absent field is what Milvus stores for it: 0, false or the empty text.
 *
 * <p>Not thread-safe; 1,000 rows of dimension 512 take about 6 ms.
 */
public final class RowDigest {
    private final EmbeddingSchema schema;
    private final MessageDigest sha256;
    private ByteBuffer buffer = ByteBuffer.allocate(4_096);

    /**
     * @param schema of the rows; its fields are hashed in their order
     */
    public RowDigest(EmbeddingSchema schema) {
        this.schema = schema;
        try {
            this.sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The content of a row, wherever it lies. */
    public long content(EmbeddingRow row) {
        buffer.clear();
        put(row.id());
        reserve(Float.BYTES * row.vector().length + Integer.BYTES);
        buffer.putInt(row.vector().length);
        for (float component : row.vector()) {
            buffer.putInt(Float.floatToRawIntBits(component));
        }
        for (Field field : schema.fields()) {
            if (!field.primary() && field.type() != Type.FLOAT_VECTOR) {
                put(field, row.fields().get(field.name()));
            }
        }
        buffer.flip();
        sha256.update(buffer);
        return ByteBuffer.wrap(sha256.digest()).getLong();
    }

    /** A content in a partition: what {@code backfill_written} holds. */
    public static long placed(long content, String partition) {
        long hash = 0xcbf29ce484222325L;
        for (byte b : partition.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
        }
        return Long.rotateLeft(content, 17) ^ hash * 0x9e3779b97f4a7c15L;
    }

    private void put(Field field, @Nullable Object value) {
        switch (field.type()) {
            case VARCHAR -> put(value == null ? "" : value.toString());
            case FLOAT -> {
                reserve(Integer.BYTES);
                buffer.putInt(
                        Float.floatToRawIntBits(value instanceof Number n ? n.floatValue() : 0f));
            }
            case DOUBLE -> {
                reserve(Long.BYTES);
                buffer.putLong(
                        Double.doubleToRawLongBits(
                                value instanceof Number n ? n.doubleValue() : 0d));
            }
            case BOOL -> {
                reserve(1);
                buffer.put((byte) (Boolean.TRUE.equals(value) ? 1 : 0));
            }
            case INT32, INT64 -> {
                reserve(Long.BYTES);
                buffer.putLong(value instanceof Number n ? n.longValue() : 0L);
            }
            case FLOAT_VECTOR -> throw new IllegalArgumentException(field.name());
        }
    }

    private void put(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        reserve(bytes.length + Integer.BYTES);
        buffer.putInt(bytes.length);
        buffer.put(bytes);
    }

    private void reserve(int bytes) {
        if (buffer.remaining() < bytes) {
            ByteBuffer larger =
                    ByteBuffer.allocate(Math.max(2 * buffer.capacity(), buffer.position() + bytes));
            buffer.flip();
            larger.put(buffer);
            buffer = larger;
        }
    }
}
