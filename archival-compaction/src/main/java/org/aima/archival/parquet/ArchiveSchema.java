package org.aima.archival.parquet;

import java.nio.ByteBuffer;
import java.util.List;
import org.aima.archival.core.CanonicalBson;
import org.aima.archival.core.ResultFields;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.bson.RawBsonDocument;

/** The columns of an archive file. A new version may add columns; it never changes one. */
public final class ArchiveSchema {
    public static final int VERSION = 1;
    public static final String RESULT_ID = "result_id";
    public static final String MEDIA_ID = "media_id";
    public static final String PERSON_ID = "person_id";
    public static final String OWN_PERSON_ID = "own_person_id";
    public static final String TIMESTAMP = "timestamp";
    public static final String DOCUMENT = "document";

    /** Columns with a bloom filter. */
    public static final List<String> LOOKED_UP =
            List.of(RESULT_ID, MEDIA_ID, PERSON_ID, OWN_PERSON_ID);

    private static final Schema SCHEMA =
            SchemaBuilder.record("analysis_result")
                    .namespace("org.aima.archive")
                    .fields()
                    .requiredString(RESULT_ID)
                    .requiredString(MEDIA_ID)
                    .optionalString("job_id")
                    .requiredString("analysis_type")
                    .name(TIMESTAMP)
                    .type(
                            LogicalTypes.timestampMillis()
                                    .addToSchema(Schema.create(Schema.Type.LONG)))
                    .noDefault()
                    .optionalString("model_name")
                    .optionalString("model_version")
                    .optionalDouble("start_seconds")
                    .optionalDouble("end_seconds")
                    .optionalDouble("x")
                    .optionalDouble("y")
                    .optionalDouble("width")
                    .optionalDouble("height")
                    .optionalDouble("confidence")
                    .optionalString("object_class")
                    .optionalString("embedding_id")
                    .optionalLong("embedding_dimensions")
                    .optionalString("embedding_model")
                    .optionalString(PERSON_ID)
                    .optionalString(OWN_PERSON_ID)
                    .requiredString("document_id")
                    .requiredBytes(DOCUMENT)
                    .endRecord();

    /** What reading documents back needs. */
    private static final Schema DOCUMENTS =
            SchemaBuilder.record("analysis_result")
                    .namespace("org.aima.archive")
                    .fields()
                    .optionalString(PERSON_ID)
                    .requiredBytes(DOCUMENT)
                    .endRecord();

    /** The same with the columns that are searched: a filter sees only what is read. */
    private static final Schema SEARCHED =
            SchemaBuilder.record("analysis_result")
                    .namespace("org.aima.archive")
                    .fields()
                    .requiredString(RESULT_ID)
                    .requiredString(MEDIA_ID)
                    .optionalString(PERSON_ID)
                    .optionalString(OWN_PERSON_ID)
                    .requiredBytes(DOCUMENT)
                    .endRecord();

    private ArchiveSchema() {}

    public static Schema schema() {
        return SCHEMA;
    }

    static Schema documents() {
        return DOCUMENTS;
    }

    static Schema searched() {
        return SEARCHED;
    }

    static GenericRecord record(ArchiveRow row, ResultFields fields) {
        GenericRecord out = new GenericData.Record(SCHEMA);
        int i = 0;
        out.put(i++, fields.resultId());
        out.put(i++, fields.mediaId());
        out.put(i++, fields.jobId());
        out.put(i++, fields.analysisType());
        out.put(i++, fields.timestampMillis());
        out.put(i++, fields.modelName());
        out.put(i++, fields.modelVersion());
        out.put(i++, fields.startSeconds());
        out.put(i++, fields.endSeconds());
        out.put(i++, fields.x());
        out.put(i++, fields.y());
        out.put(i++, fields.width());
        out.put(i++, fields.height());
        out.put(i++, fields.confidence());
        out.put(i++, fields.objectClass());
        out.put(i++, fields.embeddingId());
        out.put(i++, fields.dimensions());
        out.put(i++, fields.embeddingModel());
        String person = row.personId() == null ? fields.ownPersonId() : row.personId();
        String own = fields.ownPersonId();
        out.put(i++, person);
        // Only where it says something else: both are looked for when a person is erased.
        out.put(i++, own != null && !own.equals(person) ? own : null);
        out.put(i++, documentId(row.document()));
        out.put(i, ByteBuffer.wrap(row.document()));
        return out;
    }

    private static String documentId(byte[] document) {
        ByteBuffer id = CanonicalBson.idOf(document);
        byte[] bytes = id.array();
        if (bytes[0] == OBJECT_ID_TYPE) {
            return java.util.HexFormat.of().formatHex(bytes, 1, bytes.length);
        }
        return new org.bson.BsonDocument("_id", new RawBsonDocument(document).get("_id"))
                .toJson(
                        org.bson.json.JsonWriterSettings.builder()
                                .outputMode(org.bson.json.JsonMode.EXTENDED)
                                .build());
    }

    private static final int OBJECT_ID_TYPE = 0x07;
}
