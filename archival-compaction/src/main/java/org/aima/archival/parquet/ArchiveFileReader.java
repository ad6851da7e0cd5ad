package org.aima.archival.parquet;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.aima.archival.core.ContentHash;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.parquet.avro.AvroParquetReader;
import org.apache.parquet.avro.AvroReadSupport;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.filter2.compat.FilterCompat;
import org.apache.parquet.filter2.predicate.FilterApi;
import org.apache.parquet.filter2.predicate.FilterPredicate;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.api.Binary;
import org.jspecify.annotations.Nullable;

/** Reads an archive file on the local disk row by row, in order; the generic model only. */
public final class ArchiveFileReader implements AutoCloseable {
    private final ParquetReader<GenericRecord> reader;

    /**
     * @param filter rows to read; row groups and pages that cannot hold one are skipped by
     *     statistics, dictionaries, bloom filters and page index
     */
    private ArchiveFileReader(InputFile file, @Nullable FilterPredicate filter) throws IOException {
        PlainParquetConfiguration configuration = new PlainParquetConfiguration();
        configuration.set(
                AvroReadSupport.AVRO_REQUESTED_PROJECTION,
                (filter == null ? ArchiveSchema.documents() : ArchiveSchema.searched()).toString());
        ParquetReader.Builder<GenericRecord> builder =
                AvroParquetReader.<GenericRecord>builder(file, configuration)
                        .withDataModel(GenericData.get());
        builder.usePageChecksumVerification();
        if (filter != null) {
            builder.withFilter(FilterCompat.get(filter));
        }
        this.reader = builder.build();
    }

    public static ArchiveFileReader all(Path file) throws IOException {
        return new ArchiveFileReader(new LocalInputFile(file), null);
    }

    /** Rows with one of the values in one of the columns; at least one set must not be empty. */
    public static ArchiveFileReader matching(
            InputFile file, Set<String> resultIds, Set<String> mediaIds, Set<String> personIds)
            throws IOException {
        FilterPredicate filter = in(null, ArchiveSchema.RESULT_ID, resultIds);
        filter = in(filter, ArchiveSchema.MEDIA_ID, mediaIds);
        filter = in(filter, ArchiveSchema.PERSON_ID, personIds);
        filter = in(filter, ArchiveSchema.OWN_PERSON_ID, personIds);
        if (filter == null) {
            throw new IllegalArgumentException("nothing to look for");
        }
        return new ArchiveFileReader(file, filter);
    }

    private static @Nullable FilterPredicate in(
            @Nullable FilterPredicate others, String column, Set<String> values) {
        if (values.isEmpty()) {
            return others;
        }
        List<FilterPredicate> terms =
                values.stream()
                        .map(
                                v ->
                                        (FilterPredicate)
                                                FilterApi.eq(
                                                        FilterApi.binaryColumn(column),
                                                        Binary.fromString(v)))
                        .toList();
        FilterPredicate own = any(terms);
        return others == null ? own : FilterApi.or(others, own);
    }

    // Not FilterApi.in: it fails on row groups in which the column is null throughout. Halved, so
    // that thousands of ids do not nest thousands deep.
    private static FilterPredicate any(List<FilterPredicate> terms) {
        int half = terms.size() / 2;
        return terms.size() == 1
                ? terms.get(0)
                : FilterApi.or(any(terms.subList(0, half)), any(terms.subList(half, terms.size())));
    }

    /** The next row, or null behind the last. */
    public @Nullable ArchiveRow next() throws IOException {
        GenericRecord record;
        try {
            record = reader.read();
        } catch (RuntimeException e) {
            // A damaged page surfaces as whatever its decoder stumbled over.
            throw new IOException("cannot read the file: " + e.getMessage(), e);
        }
        if (record == null) {
            return null;
        }
        ByteBuffer document = (ByteBuffer) record.get(ArchiveSchema.DOCUMENT);
        byte[] bytes = new byte[document.remaining()];
        document.get(bytes);
        Object person = record.get(ArchiveSchema.PERSON_ID);
        return new ArchiveRow(bytes, person == null ? null : person.toString());
    }

    /** Number in the file of the row read last, from 0. */
    public long row() {
        return reader.getCurrentRowIndex();
    }

    /**
     * What a file turned out to hold.
     *
     * @param contentSha256 see {@link ContentHash}
     */
    public record Content(long rows, String contentSha256) {}

    /** Reads every document of a file. */
    public static Content content(Path file) throws IOException {
        ContentHash hash = new ContentHash();
        long rows = 0;
        try (ArchiveFileReader reader = all(file)) {
            for (ArchiveRow row = reader.next(); row != null; row = reader.next()) {
                hash.add(row.document());
                rows++;
            }
        }
        return new Content(rows, hash.value());
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
