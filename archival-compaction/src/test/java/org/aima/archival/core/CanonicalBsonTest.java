package org.aima.archival.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.RawBsonDocument;
import org.junit.jupiter.api.Test;

class CanonicalBsonTest {
    private static final byte[] AWKWARD =
            AwkwardDocuments.bytes(
                    AwkwardDocuments.result(
                            "r-1", "m-1", "face_detection", Instant.parse("2025-01-02T03:04:05Z")));

    @Test
    void everyTypeIsWellFormed() {
        assertThat(CanonicalBson.defect(AWKWARD)).isEmpty();
    }

    @Property
    void bytesThatWereCutOffAreRefused(@ForAll @IntRange(min = 1, max = 400) int cut) {
        byte[] bytes = Arrays.copyOf(AWKWARD, AWKWARD.length - cut);
        assertThat(CanonicalBson.defect(bytes)).isPresent();
    }

    @Property(tries = 3_000)
    void aChangedByteNeverThrowsAndNeverHashesAlike(
            @ForAll @IntRange(min = 0, max = 700) int at, @ForAll byte value) {
        byte[] bytes = AWKWARD.clone();
        int position = at % bytes.length;
        boolean same = bytes[position] == value;
        bytes[position] = value;
        CanonicalBson.defect(bytes);
        assertThat(Arrays.equals(CanonicalBson.hash(bytes), CanonicalBson.hash(AWKWARD)))
                .isEqualTo(same);
    }

    @Property
    void anyFlatDocumentIsReadAsTheDriverReadsIt(
            @ForAll @Size(max = 8) Map<String, Integer> numbers) {
        BsonDocument document = new BsonDocument("_id", new BsonInt32(1));
        numbers.forEach(
                (key, value) -> {
                    String name = key.replace("\0", "0");
                    if (java.nio.charset.StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
                        document.put(name, new BsonInt32(value));
                    }
                });
        byte[] bytes = AwkwardDocuments.bytes(document);
        assertThat(CanonicalBson.defect(bytes)).isEmpty();
        BsonElements elements = new BsonElements(bytes, 0);
        BsonDocument read = new BsonDocument();
        while (elements.advance()) {
            read.put(elements.name(), new BsonInt32(elements.int32()));
        }
        assertThat(read).isEqualTo(document);
    }

    @Test
    void aDocumentNeedsAnId() {
        assertThat(CanonicalBson.defect(AwkwardDocuments.bytes(new BsonDocument())))
                .hasValueSatisfying(d -> assertThat(d).contains("_id"));
    }

    @Test
    void idsOfDifferentTypesDiffer() {
        byte[] number = AwkwardDocuments.bytes(new BsonDocument("_id", new BsonInt32(1)));
        byte[] text = AwkwardDocuments.bytes(new BsonDocument("_id", new BsonString("1")));
        assertThat(CanonicalBson.idOf(number)).isNotEqualTo(CanonicalBson.idOf(text));
        assertThat(CanonicalBson.idOf(number)).isEqualTo(CanonicalBson.idOf(number.clone()));
    }

    @Test
    void whatWasRestoredBecomesTheOriginalAgain() {
        RestoredFrom from = RestoredFrom.of("run-1", "a/b.parquet", 1_000, 2_000, AWKWARD);
        byte[] restored = from.appendTo(AWKWARD);
        assertThat(CanonicalBson.defect(restored)).isEmpty();
        assertThat(RestoredFrom.in(restored)).hasValue(from);
        assertThat(RestoredFrom.strip(restored)).isEqualTo(AWKWARD);
        assertThat(RestoredFrom.strip(AWKWARD)).isEqualTo(AWKWARD);
        assertThat(ResultFields.of(restored).restored()).isTrue();
        assertThat(new RawBsonDocument(restored).getDocument("restored_from").getString("run"))
                .isEqualTo(new BsonString("run-1"));
    }

    @Test
    void fieldsOfOtherTypesAreNullAndMissingOnesToo() {
        ResultFields fields = ResultFields.of(AWKWARD);
        assertThat(fields.jobId()).isNull();
        assertThat(fields.x()).isNull();
        assertThat(fields.endSeconds()).isEqualTo(2.0);
        assertThat(Double.doubleToRawLongBits(fields.startSeconds()))
                .isEqualTo(Double.doubleToRawLongBits(-0.0));
        assertThat(fields.timestampMillis())
                .isEqualTo(Instant.parse("2025-01-02T03:04:05Z").toEpochMilli());
    }
}
