package org.aima.archival.parquet;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.aima.archival.core.ArchivedFile;
import org.aima.archival.core.ContentHash;
import org.aima.archival.core.Partition;
import org.aima.archival.core.ResultFields;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.parquet.avro.AvroParquetWriter;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.jspecify.annotations.Nullable;

/**
 * Writes one file on the local disk. Nothing in the file tells when or where it was written, but
 * Parquet lists encodings in an order of its own in each process. Memory: one row group.
 */
public final class ArchiveFileWriter implements AutoCloseable {
    private static final int BUFFER = 1 << 16;
    private static final double FALSE_POSITIVES = 0.01;

    private final Path path;
    private final String run;
    private final Partition partition;
    private final ParquetWriter<GenericRecord> writer;
    private final ContentHash content = new ContentHash();
    private long rows;
    private long minTimestamp = Long.MAX_VALUE;
    private long maxTimestamp = Long.MIN_VALUE;
    private @Nullable String minMedia;
    private @Nullable String maxMedia;
    private boolean closed;

    /**
     * How many different values a file may hold; bloom filters are sized by it.
     *
     * @param rows at most
     */
    public record Distinct(long rows, long media, long persons) {}

    /**
     * @param run noted in the file
     * @param path replaced when it exists
     */
    public ArchiveFileWriter(
            Path path, String run, Partition partition, FileSettings settings, Distinct distinct)
            throws IOException {
        this.path = path;
        this.run = run;
        this.partition = partition;
        Map<String, String> notes = new TreeMap<>();
        notes.put("aima.run", run);
        notes.put("aima.schema_version", Integer.toString(ArchiveSchema.VERSION));
        notes.put("aima.partition", partition.path());
        ParquetConfiguration configuration = new PlainParquetConfiguration();
        configuration.set(
                "parquet.compression.codec.zstd.level", Integer.toString(settings.zstdLevel()));
        AvroParquetWriter.Builder<GenericRecord> builder =
                AvroParquetWriter.<GenericRecord>builder(new LocalOutputFile(path));
        builder.withConf(configuration)
                .withSchema(ArchiveSchema.schema())
                .withDataModel(GenericData.get())
                .withWriteMode(ParquetFileWriter.Mode.OVERWRITE)
                .withWriterVersion(ParquetProperties.WriterVersion.PARQUET_1_0)
                .withCompressionCodec(CompressionCodecName.ZSTD)
                .withRowGroupSize(settings.rowGroupBytes())
                .withPageSize(settings.pageBytes())
                .withPageWriteChecksumEnabled(true)
                .withExtraMetaData(notes);
        // Nearly every value is another one: a dictionary would be built and thrown away.
        for (String unique :
                new String[] {
                    ArchiveSchema.RESULT_ID, "embedding_id", "document_id", ArchiveSchema.DOCUMENT
                }) {
            builder.withDictionaryEncoding(unique, false);
        }
        builder.withStatisticsEnabled(ArchiveSchema.DOCUMENT, false);
        bloom(builder, ArchiveSchema.RESULT_ID, distinct.rows());
        bloom(builder, ArchiveSchema.MEDIA_ID, distinct.media());
        bloom(builder, ArchiveSchema.PERSON_ID, distinct.persons());
        bloom(builder, ArchiveSchema.OWN_PERSON_ID, Math.max(1, distinct.persons() / 8));
        this.writer = builder.build();
    }

    private static void bloom(
            AvroParquetWriter.Builder<GenericRecord> builder, String column, long values) {
        builder.withBloomFilterEnabled(column, true)
                .withBloomFilterNDV(column, Math.max(1, values))
                .withBloomFilterFPP(column, FALSE_POSITIVES);
    }

    /** Appends a row; the caller keeps the order. */
    public void add(ArchiveRow row) throws IOException {
        ResultFields fields = ResultFields.of(row.document());
        writer.write(ArchiveSchema.record(row, fields));
        content.add(row.document());
        rows++;
        long timestamp = Objects.requireNonNull(fields.timestampMillis());
        minTimestamp = Math.min(minTimestamp, timestamp);
        maxTimestamp = Math.max(maxTimestamp, timestamp);
        String media = Objects.requireNonNull(fields.mediaId());
        minMedia = minMedia == null || media.compareTo(minMedia) < 0 ? media : minMedia;
        maxMedia = maxMedia == null || media.compareTo(maxMedia) > 0 ? media : maxMedia;
    }

    public long rows() {
        return rows;
    }

    /** Bytes written and buffered so far, about. */
    public long bytes() {
        return writer.getDataSize();
    }

    /**
     * Completes the file and describes it under the key it will have.
     *
     * @param slice of the partition it belongs to
     * @param index the how manieth file of the slice it is
     */
    public ArchivedFile finish(int slice, int index) throws IOException {
        close();
        FileLayout layout = FileLayout.of(path);
        String sha256 = sha256(path);
        return new ArchivedFile(
                partition.file(run, slice, index, sha256),
                partition.analysisType(),
                partition.year(),
                partition.month(),
                rows,
                Files.size(path),
                sha256,
                content.value(),
                minTimestamp,
                maxTimestamp,
                ArchivedFile.prefix(Objects.requireNonNullElse(minMedia, "")),
                ArchivedFile.prefix(Objects.requireNonNullElse(maxMedia, "")),
                layout.groups().size(),
                ArchiveSchema.VERSION);
    }

    /** SHA-256 of a file, hexadecimal. */
    public static String sha256(Path file) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
        byte[] buffer = new byte[BUFFER];
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            int read;
            do {
                read = in.read(buffer);
            } while (read >= 0);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            writer.close();
        }
    }
}
