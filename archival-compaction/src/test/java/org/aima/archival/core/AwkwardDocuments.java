package org.aima.archival.core;

import java.time.Instant;
import java.util.List;
import org.bson.BsonArray;
import org.bson.BsonBinary;
import org.bson.BsonBinarySubType;
import org.bson.BsonBoolean;
import org.bson.BsonDateTime;
import org.bson.BsonDecimal128;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonJavaScript;
import org.bson.BsonMaxKey;
import org.bson.BsonMinKey;
import org.bson.BsonNull;
import org.bson.BsonObjectId;
import org.bson.BsonRegularExpression;
import org.bson.BsonString;
import org.bson.BsonTimestamp;
import org.bson.RawBsonDocument;
import org.bson.codecs.BsonDocumentCodec;
import org.bson.types.Decimal128;
import org.bson.types.ObjectId;

/** Documents that lose something in most conversions. */
public final class AwkwardDocuments {
    private AwkwardDocuments() {}

    /** A result with every BSON type that tends to get lost. */
    public static BsonDocument result(String resultId, String mediaId, String type, Instant at) {
        BsonDocument metadata =
                new BsonDocument("decimal", new BsonDecimal128(Decimal128.parse("1.10")))
                        .append(
                                "negative zero decimal",
                                new BsonDecimal128(Decimal128.parse("-0E+3")))
                        .append(
                                "binary",
                                new BsonBinary(BsonBinarySubType.UUID_STANDARD, new byte[16]))
                        .append("int32", new BsonInt32(7))
                        .append("int64", new BsonInt64(7))
                        .append("double", new BsonDouble(7))
                        .append("negative.zero", new BsonDouble(-0.0))
                        .append("nan", new BsonDouble(Double.NaN))
                        .append("infinite", new BsonDouble(Double.NEGATIVE_INFINITY))
                        .append("null", BsonNull.VALUE)
                        .append("key.with.dots", new BsonString("ü€😀"))
                        .append("$dollar", new BsonString("$notAField"))
                        .append("", new BsonString("empty key"))
                        .append("empty", new BsonDocument())
                        .append("nothing", new BsonArray())
                        .append(
                                "nested",
                                new BsonArray(
                                        List.of(
                                                new BsonArray(
                                                        List.of(
                                                                new BsonInt32(1),
                                                                new BsonInt64(1),
                                                                BsonNull.VALUE)),
                                                new BsonDocument("a", new BsonBoolean(true)))))
                        .append("before the epoch", new BsonDateTime(-1))
                        .append("regex", new BsonRegularExpression("^a.*b$", "im"))
                        .append("code", new BsonJavaScript("return 1"))
                        .append("timestamp", new BsonTimestamp(7, 9))
                        .append("min", new BsonMinKey())
                        .append("max", new BsonMaxKey());
        return new BsonDocument("_id", new BsonObjectId(new ObjectId()))
                .append("result_id", new BsonString(resultId))
                .append("media_id", new BsonString(mediaId))
                .append("job_id", BsonNull.VALUE)
                .append("analysis_type", new BsonString(type))
                .append("timestamp", new BsonDateTime(at.toEpochMilli()))
                .append(
                        "time_range",
                        new BsonDocument("start_seconds", new BsonDouble(-0.0))
                                .append("end_seconds", new BsonInt32(2)))
                .append("confidence", new BsonDouble(0.5))
                .append("metadata", metadata);
    }

    public static byte[] bytes(BsonDocument document) {
        RawBsonDocument raw = new RawBsonDocument(document, new BsonDocumentCodec());
        byte[] bytes = new byte[raw.getByteBuffer().remaining()];
        raw.getByteBuffer().get(bytes);
        return bytes;
    }
}
