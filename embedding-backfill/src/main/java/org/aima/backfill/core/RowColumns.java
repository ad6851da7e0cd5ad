package org.aima.backfill.core;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.EmbeddingSchema.Field;
import org.aima.stores.EmbeddingSchema.Type;

/**
 * Rows of one schema as arrays, which travel between operators without a generic type.
 *
 * @param vectors one after the other
 * @param lengths of the vectors
 * @param texts VARCHAR fields of a row side by side, in the schema's order; null when absent
 * @param numbers all other fields likewise, as the bits of their values
 * @param present one byte a number: whether the row has it
 */
public record RowColumns(
        String[] ids,
        float[] vectors,
        int[] lengths,
        String[] texts,
        long[] numbers,
        byte[] present) {

    public static RowColumns of(List<EmbeddingRow> rows, EmbeddingSchema schema) {
        List<Field> textFields = fields(schema, true);
        List<Field> numberFields = fields(schema, false);
        int n = rows.size();
        String[] ids = new String[n];
        int[] lengths = new int[n];
        int all = 0;
        for (int i = 0; i < n; i++) {
            ids[i] = rows.get(i).id();
            lengths[i] = rows.get(i).vector().length;
            all += lengths[i];
        }
        float[] vectors = new float[all];
        String[] texts = new String[n * textFields.size()];
        long[] numbers = new long[n * numberFields.size()];
        byte[] present = new byte[numbers.length];
        int at = 0;
        for (int i = 0; i < n; i++) {
            EmbeddingRow row = rows.get(i);
            System.arraycopy(row.vector(), 0, vectors, at, lengths[i]);
            at += lengths[i];
            for (int f = 0; f < textFields.size(); f++) {
                Object value = row.fields().get(textFields.get(f).name());
                texts[i * textFields.size() + f] = value == null ? null : value.toString();
            }
            for (int f = 0; f < numberFields.size(); f++) {
                Object value = row.fields().get(numberFields.get(f).name());
                if (value != null) {
                    int to = i * numberFields.size() + f;
                    numbers[to] = bits(numberFields.get(f).type(), value);
                    present[to] = 1;
                }
            }
        }
        return new RowColumns(ids, vectors, lengths, texts, numbers, present);
    }

    public int size() {
        return ids.length;
    }

    /** The rows again, with the types the schema says. */
    public EmbeddingRow[] rows(EmbeddingSchema schema) {
        List<Field> textFields = fields(schema, true);
        List<Field> numberFields = fields(schema, false);
        EmbeddingRow[] rows = new EmbeddingRow[ids.length];
        int at = 0;
        for (int i = 0; i < rows.length; i++) {
            float[] vector = java.util.Arrays.copyOfRange(vectors, at, at + lengths[i]);
            at += lengths[i];
            Map<String, Object> values = new HashMap<>();
            for (int f = 0; f < textFields.size(); f++) {
                String text = texts[i * textFields.size() + f];
                if (text != null) {
                    values.put(textFields.get(f).name(), text);
                }
            }
            for (int f = 0; f < numberFields.size(); f++) {
                int from = i * numberFields.size() + f;
                if (present[from] == 1) {
                    values.put(
                            numberFields.get(f).name(),
                            value(numberFields.get(f).type(), numbers[from]));
                }
            }
            rows[i] = new EmbeddingRow(ids[i], vector, values);
        }
        return rows;
    }

    private static List<Field> fields(EmbeddingSchema schema, boolean text) {
        return schema.fields().stream()
                .filter(f -> !f.primary() && f.type() != Type.FLOAT_VECTOR)
                .filter(f -> (f.type() == Type.VARCHAR) == text)
                .toList();
    }

    private static long bits(Type type, Object value) {
        return switch (type) {
            case FLOAT -> Float.floatToRawIntBits(((Number) value).floatValue());
            case DOUBLE -> Double.doubleToRawLongBits(((Number) value).doubleValue());
            case BOOL -> Boolean.TRUE.equals(value) ? 1 : 0;
            default -> ((Number) value).longValue();
        };
    }

    private static Object value(Type type, long bits) {
        return switch (type) {
            case FLOAT -> Float.intBitsToFloat((int) bits);
            case DOUBLE -> Double.longBitsToDouble(bits);
            case BOOL -> bits == 1;
            case INT32 -> (int) bits;
            default -> bits;
        };
    }
}
