package org.aima.dossier.file;

import java.io.IOException;
import java.nio.file.Path;
import org.aima.dossier.core.AppearanceRow;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.parquet.avro.AvroParquetWriter;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;

/** Time ranges of a dossier as a Parquet file on the local disk. */
public final class AppearanceTable implements AutoCloseable {
    private static final Schema SCHEMA =
            SchemaBuilder.record("appearance")
                    .namespace("org.aima.dossier")
                    .fields()
                    .requiredString("dossier_id")
                    .requiredString("item")
                    .requiredString("kind")
                    .requiredString("item_id")
                    .optionalDouble("weight")
                    .requiredString("media_id")
                    .optionalDouble("start_seconds")
                    .optionalDouble("end_seconds")
                    .endRecord();

    private final ParquetWriter<GenericRecord> writer;

    /**
     * @param path replaced when it exists
     */
    public AppearanceTable(Path path) throws IOException {
        writer =
                AvroParquetWriter.<GenericRecord>builder(new LocalOutputFile(path))
                        .withSchema(SCHEMA)
                        .withDataModel(GenericData.get())
                        .withConf(new PlainParquetConfiguration())
                        .withWriteMode(ParquetFileWriter.Mode.OVERWRITE)
                        .withCompressionCodec(CompressionCodecName.ZSTD)
                        .build();
    }

    public void add(AppearanceRow row) throws IOException {
        GenericRecord record = new GenericData.Record(SCHEMA);
        record.put("dossier_id", row.dossierId());
        record.put("item", row.item());
        record.put("kind", row.kind());
        record.put("item_id", row.itemId());
        record.put("weight", Double.isNaN(row.weight()) ? null : row.weight());
        record.put("media_id", row.mediaId());
        record.put("start_seconds", row.startSeconds());
        record.put("end_seconds", row.endSeconds());
        writer.write(record);
    }

    @Override
    public void close() throws IOException {
        writer.close();
    }
}
