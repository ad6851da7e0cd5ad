package org.aima.archival.core;

import static org.aima.archival.core.CanonicalBson.ascii;

import org.jspecify.annotations.Nullable;

/**
 * The fields of the data model that an archived result has as typed columns, read in one walk over
 * the document. A field of another type than the model's is null here and kept in the document.
 */
public final class ResultFields {
    private static final byte[] RESULT_ID = ascii("result_id");
    private static final byte[] MEDIA_ID = ascii("media_id");
    private static final byte[] JOB_ID = ascii("job_id");
    private static final byte[] ANALYSIS_TYPE = ascii("analysis_type");
    private static final byte[] TIMESTAMP = ascii("timestamp");
    private static final byte[] CONFIDENCE = ascii("confidence");
    private static final byte[] PERSON_ID = ascii("person_id");
    private static final byte[] MODEL_INFO = ascii("model_info");
    private static final byte[] TIME_RANGE = ascii("time_range");
    private static final byte[] LOCATION = ascii("spatial_location");
    private static final byte[] METADATA = ascii("metadata");
    private static final byte[] EMBEDDINGS = ascii("vector_embeddings");
    private static final byte[] RESTORED = ascii(RestoredFrom.FIELD);
    private static final byte[] NAME = ascii("name");
    private static final byte[] VERSION = ascii("version");
    private static final byte[] START = ascii("start_seconds");
    private static final byte[] END = ascii("end_seconds");
    private static final byte[] X = ascii("x");
    private static final byte[] Y = ascii("y");
    private static final byte[] WIDTH = ascii("width");
    private static final byte[] HEIGHT = ascii("height");
    private static final byte[] OBJECT_CLASS = ascii("object_class");
    private static final byte[] EMBEDDING_ID = ascii("embedding_id");
    private static final byte[] DIMENSIONS = ascii("dimensions");
    private static final byte[] MODEL = ascii("model");

    private @Nullable String resultId;
    private @Nullable String mediaId;
    private @Nullable String jobId;
    private @Nullable String analysisType;
    private @Nullable String ownPersonId;
    private @Nullable String modelName;
    private @Nullable String modelVersion;
    private @Nullable String objectClass;
    private @Nullable String embeddingId;
    private @Nullable String embeddingModel;
    private @Nullable Long timestampMillis;
    private @Nullable Long dimensions;
    private @Nullable Double confidence;
    private @Nullable Double startSeconds;
    private @Nullable Double endSeconds;
    private @Nullable Double x;
    private @Nullable Double y;
    private @Nullable Double width;
    private @Nullable Double height;
    private boolean restored;

    private ResultFields() {}

    /**
     * @param document well formed BSON
     */
    public static ResultFields of(byte[] document) {
        ResultFields fields = new ResultFields();
        BsonElements e = new BsonElements(document, 0);
        while (e.advance()) {
            fields.top(e);
        }
        return fields;
    }

    private void top(BsonElements e) {
        if (e.named(RESULT_ID)) {
            resultId = text(e);
        } else if (e.named(MEDIA_ID)) {
            mediaId = text(e);
        } else if (e.named(JOB_ID)) {
            jobId = text(e);
        } else if (e.named(ANALYSIS_TYPE)) {
            analysisType = text(e);
        } else if (e.named(TIMESTAMP)) {
            timestampMillis = e.type() == BsonElements.DATE ? e.int64() : null;
        } else if (e.named(CONFIDENCE)) {
            confidence = number(e);
        } else if (e.named(PERSON_ID)) {
            ownPersonId = text(e);
        } else if (e.named(RESTORED)) {
            restored = true;
        } else if (e.type() == BsonElements.DOCUMENT) {
            nested(e);
        }
    }

    private void nested(BsonElements e) {
        if (e.named(MODEL_INFO)) {
            for (BsonElements c = e.children(); c.advance(); ) {
                modelName = c.named(NAME) ? text(c) : modelName;
                modelVersion = c.named(VERSION) ? text(c) : modelVersion;
            }
        } else if (e.named(TIME_RANGE)) {
            for (BsonElements c = e.children(); c.advance(); ) {
                startSeconds = c.named(START) ? number(c) : startSeconds;
                endSeconds = c.named(END) ? number(c) : endSeconds;
            }
        } else if (e.named(LOCATION)) {
            for (BsonElements c = e.children(); c.advance(); ) {
                x = c.named(X) ? number(c) : x;
                y = c.named(Y) ? number(c) : y;
                width = c.named(WIDTH) ? number(c) : width;
                height = c.named(HEIGHT) ? number(c) : height;
            }
        } else if (e.named(METADATA)) {
            for (BsonElements c = e.children(); c.advance(); ) {
                objectClass = c.named(OBJECT_CLASS) ? text(c) : objectClass;
                ownPersonId = c.named(PERSON_ID) && ownPersonId == null ? text(c) : ownPersonId;
            }
        } else if (e.named(EMBEDDINGS)) {
            for (BsonElements c = e.children(); c.advance(); ) {
                embeddingId = c.named(EMBEDDING_ID) ? text(c) : embeddingId;
                embeddingModel = c.named(MODEL) ? text(c) : embeddingModel;
                dimensions =
                        c.named(DIMENSIONS) && c.isNumber()
                                ? Long.valueOf((long) c.number())
                                : dimensions;
            }
        }
    }

    private static @Nullable String text(BsonElements e) {
        return e.type() == BsonElements.STRING ? e.string() : null;
    }

    private static @Nullable Double number(BsonElements e) {
        return e.isNumber() ? Double.valueOf(e.number()) : null;
    }

    public @Nullable String resultId() {
        return resultId;
    }

    public @Nullable String mediaId() {
        return mediaId;
    }

    public @Nullable String jobId() {
        return jobId;
    }

    public @Nullable String analysisType() {
        return analysisType;
    }

    /** {@code person_id} of the document itself or of its metadata. */
    public @Nullable String ownPersonId() {
        return ownPersonId;
    }

    public @Nullable String modelName() {
        return modelName;
    }

    public @Nullable String modelVersion() {
        return modelVersion;
    }

    public @Nullable String objectClass() {
        return objectClass;
    }

    public @Nullable String embeddingId() {
        return embeddingId;
    }

    public @Nullable String embeddingModel() {
        return embeddingModel;
    }

    public @Nullable Long timestampMillis() {
        return timestampMillis;
    }

    public @Nullable Long dimensions() {
        return dimensions;
    }

    public @Nullable Double confidence() {
        return confidence;
    }

    public @Nullable Double startSeconds() {
        return startSeconds;
    }

    public @Nullable Double endSeconds() {
        return endSeconds;
    }

    public @Nullable Double x() {
        return x;
    }

    public @Nullable Double y() {
        return y;
    }

    public @Nullable Double width() {
        return width;
    }

    public @Nullable Double height() {
        return height;
    }

    /** Whether the document was brought back from the archive. */
    public boolean restored() {
        return restored;
    }
}
