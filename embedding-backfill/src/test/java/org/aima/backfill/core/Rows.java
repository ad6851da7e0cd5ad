package org.aima.backfill.core;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.EmbeddingSchema.Field;
import org.aima.stores.EmbeddingSchema.Type;

/** Rows of the data model's face collection, small ones. */
public final class Rows {
    public static final int DIMENSION = 8;

    private Rows() {}

    public static EmbeddingSchema schema(String name) {
        return new EmbeddingSchema(
                name,
                List.of(
                        new Field("embedding_id", Type.VARCHAR, 100, 0, true, false),
                        new Field("embedding", Type.FLOAT_VECTOR, 0, DIMENSION, false, false),
                        new Field("person_id", Type.VARCHAR, 100, 0, false, false),
                        new Field("media_id", Type.VARCHAR, 100, 0, false, false),
                        new Field("result_id", Type.VARCHAR, 100, 0, false, false),
                        new Field("confidence", Type.FLOAT, 0, 0, false, false),
                        new Field("timestamp", Type.INT64, 0, 0, false, false)),
                1);
    }

    public static EmbeddingRow row(String id, String media, long timestamp) {
        SplittableRandom random = new SplittableRandom(id.hashCode());
        float[] vector = new float[DIMENSION];
        for (int i = 0; i < vector.length; i++) {
            vector[i] = (float) random.nextGaussian();
        }
        Map<String, Object> fields = new HashMap<>();
        fields.put("person_id", "p-" + id);
        fields.put("media_id", media);
        fields.put("result_id", "r-" + id);
        fields.put("confidence", 0.5f);
        fields.put("timestamp", timestamp);
        return new EmbeddingRow(id, vector, fields);
    }
}
