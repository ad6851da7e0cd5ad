package org.aima.backfill.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.aima.backfill.core.Rows;
import org.aima.backfill.file.FileRows.Format;
import org.aima.backfill.file.FileRows.Slice;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.memory.InMemoryObjectStore;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.parquet.avro.AvroParquetWriter;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every row of a file is read once, whatever the file is like and however it is sliced. */
class FileRowsTest {
    private static final EmbeddingSchema SCHEMA = Rows.schema("c");
    private static final InMemoryObjectStore OBJECTS = new InMemoryObjectStore();

    @TempDir Path directory;

    private static String line(String key, float first) {
        StringBuilder vector = new StringBuilder().append(first);
        for (int i = 1; i < Rows.DIMENSION; i++) {
            vector.append(",0.5");
        }
        return "{\"embedding_id\":\""
                + key
                + "\",\"embedding\":["
                + vector
                + "],\"person_id\":\"ü\",\"confidence\":0.25,\"timestamp\":12,\"other\":[1]}";
    }

    private static List<ImportedRow> read(Format format, Path file, long sliceBytes)
            throws IOException {
        ImportFile opened = ImportFiles.open(file.toUri().toString(), OBJECTS);
        List<ImportedRow> rows = new ArrayList<>();
        for (Slice slice : FileRows.slices(format, opened, sliceBytes)) {
            try (FileRows open = FileRows.open(format, opened, slice, SCHEMA, OBJECTS)) {
                for (ImportedRow row = open.next(); row != null; row = open.next()) {
                    rows.add(row);
                }
            }
        }
        return rows;
    }

    @Property(tries = 60)
    void linesAreReadOnceHoweverTheFileIsSliced(
            @ForAll @IntRange(min = 0, max = 40) int lines,
            @ForAll @IntRange(min = 1, max = 700) int bytes,
            @ForAll boolean endsWithNewline)
            throws IOException {
        Path own = Files.createTempDirectory("lines-");
        List<String> keys = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < lines; i++) {
            keys.add("k" + i);
            text.append(line("k" + i, i));
            text.append(i + 1 < lines || endsWithNewline ? "\n" : "");
        }
        Path file = Files.writeString(own.resolve("a.ndjson"), text);
        assertThat(read(Format.NDJSON, file, bytes))
                .allMatch(r -> r.reason().isEmpty())
                .extracting(r -> r.row().id())
                .containsExactlyElementsOf(keys);
        Files.delete(file);
        Files.delete(own);
    }

    @Test
    void linesThatAreNoRowsAreToldWithTheirPlace() throws IOException {
        String half = line("half", 1).substring(0, 40);
        String quoted = line("said \\\"it's\\\"\\n\\\\", 1);
        Path file =
                Files.writeString(
                        directory.resolve("a.ndjson"),
                        String.join(
                                "\n",
                                quoted,
                                "[1,2]",
                                line("wrong", 1).replace("\"timestamp\":12", "\"timestamp\":\"x\""),
                                line("none", 1).replaceAll("\\[1.0[^\\]]*\\]", "null"),
                                line("nan", 1).replace("[1.0", "[\"NaN\""),
                                line("", 1),
                                "",
                                half));
        List<ImportedRow> rows = read(Format.NDJSON, file, 1 << 20);
        assertThat(rows)
                .extracting(ImportedRow::reason)
                .containsExactly(
                        "",
                        "unreadable_line",
                        "wrong_type",
                        "null_vector",
                        "",
                        "missing_id",
                        "unreadable_line");
        assertThat(rows.get(0).row().id()).isEqualTo("said \"it's\"\n\\");
        assertThat(rows.get(0).row().fields()).containsEntry("person_id", "ü");
        assertThat(rows.get(4).row().vector()[0]).isNaN();
        assertThat(rows.get(6).detail()).startsWith("byte ");
    }

    @Test
    void aPackedFileThatEndsEarlyGivesItsRowsAndOneReason() throws IOException {
        Path file = directory.resolve("a.ndjson.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            for (int i = 0; i < 2_000; i++) {
                out.write((line("k" + i, i * 0.37f) + "\n").getBytes(StandardCharsets.UTF_8));
            }
        }
        assertThat(read(Format.NDJSON, file, 100)).hasSize(2_000);
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length / 2));
        List<ImportedRow> rows = read(Format.NDJSON, file, 100);
        assertThat(rows.size()).isBetween(10, 1_990);
        assertThat(rows.get(rows.size() - 1).reason()).isEqualTo("broken_file");
        Files.write(file, "no gzip".getBytes(StandardCharsets.UTF_8));
        assertThatIOException().isThrownBy(() -> read(Format.NDJSON, file, 100));
    }

    private static byte[] npy(String type, int rows, int columns, byte[] data) {
        String header =
                "{'descr': '"
                        + type
                        + "', 'fortran_order': False, 'shape': ("
                        + rows
                        + ", "
                        + columns
                        + "), }";
        byte[] text =
                (header + " ".repeat(63 - (header.length() + 10) % 64) + "\n")
                        .getBytes(StandardCharsets.ISO_8859_1);
        ByteBuffer out =
                ByteBuffer.allocate(10 + text.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
        out.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
        out.putShort((short) text.length).put(text).put(data);
        return out.array();
    }

    @Test
    void arraysAreReadWithTheirKeys() throws IOException {
        int rows = 2_500;
        ByteBuffer data =
                ByteBuffer.allocate(rows * Rows.DIMENSION * 4).order(ByteOrder.LITTLE_ENDIAN);
        StringBuilder ids = new StringBuilder();
        for (int i = 0; i < rows; i++) {
            ids.append("id-").append(i).append('\n');
            for (int c = 0; c < Rows.DIMENSION; c++) {
                data.putFloat(i + c / 16f);
            }
        }
        Path file = directory.resolve("v.npy");
        Files.write(file, npy("<f4", rows, Rows.DIMENSION, data.array()));
        Files.writeString(directory.resolve("v.ids.txt"), ids);
        List<ImportedRow> read = read(Format.NPY, file, 5_000);
        assertThat(read).hasSize(rows).allMatch(r -> r.reason().isEmpty());
        assertThat(read.get(1_777).row().id()).isEqualTo("id-1777");
        assertThat(read.get(1_777).row().vector()[1]).isEqualTo(1_777 + 1 / 16f);

        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length - 100));
        assertThat(read(Format.NPY, file, 1 << 30))
                .last()
                .matches(r -> r.reason().equals("broken_file"));
        Files.write(file, Arrays.copyOf(whole, 20));
        assertThatIOException().isThrownBy(() -> read(Format.NPY, file, 100));
    }

    @Test
    void keysMayBeAnArrayToo() throws IOException {
        ByteBuffer keys = ByteBuffer.allocate(2 * 12).order(ByteOrder.LITTLE_ENDIAN);
        for (String key : List.of("é1", "x\"2")) {
            for (int i = 0; i < 3; i++) {
                keys.putInt(i < key.length() ? key.charAt(i) : 0);
            }
        }
        byte[] header = npy("<U3", 2, 1, keys.array());
        String shape = new String(header, StandardCharsets.ISO_8859_1).replace("(2, 1)", "(2,)  ");
        Files.write(directory.resolve("v.ids.npy"), shape.getBytes(StandardCharsets.ISO_8859_1));
        Files.write(
                directory.resolve("v.npy"),
                npy("<f8", 2, Rows.DIMENSION, new byte[2 * 8 * Rows.DIMENSION]));
        assertThat(read(Format.NPY, directory.resolve("v.npy"), 100))
                .extracting(r -> r.row().id())
                .containsExactly("é1", "x\"2");
    }

    @Test
    void parquetIsReadByRowGroups() throws IOException {
        Schema schema =
                SchemaBuilder.record("row")
                        .fields()
                        .optionalString("embedding_id")
                        .name("embedding")
                        .type()
                        .optional()
                        .array()
                        .items()
                        .floatType()
                        .optionalString("person_id")
                        .optionalDouble("confidence")
                        .optionalLong("timestamp")
                        .endRecord();
        Path file = directory.resolve("a.parquet");
        try (ParquetWriter<GenericRecord> writer =
                AvroParquetWriter.<GenericRecord>builder(new LocalOutputFile(file))
                        .withSchema(schema)
                        .withConf(new PlainParquetConfiguration())
                        .withRowGroupSize(20_000L)
                        .withPageSize(1_000)
                        .build()) {
            for (int i = 0; i < 3_000; i++) {
                GenericRecord row = new GenericData.Record(schema);
                row.put("embedding_id", i == 7 ? null : "k" + i);
                List<Float> vector = new ArrayList<>();
                for (int c = 0; c < Rows.DIMENSION; c++) {
                    vector.add(i * 0.1f + c);
                }
                row.put("embedding", i == 8 ? null : vector);
                row.put("person_id", "p" + i);
                row.put("confidence", 0.5);
                row.put("timestamp", 5L);
                writer.write(row);
            }
        }
        ImportFile opened = ImportFiles.open(file.toUri().toString(), OBJECTS);
        assertThat(FileRows.slices(Format.PARQUET, opened, 1).size()).isGreaterThan(1);
        List<ImportedRow> read = read(Format.PARQUET, file, 1);
        assertThat(read).hasSize(3_000);
        assertThat(read.get(7).reason()).isEqualTo("missing_id");
        assertThat(read.get(8).reason()).isEqualTo("null_vector");
        assertThat(read.get(2_999).row().vector()[1]).isEqualTo(2_999 * 0.1f + 1);
        assertThat(read.get(2_999).row().fields())
                .containsEntry("confidence", 0.5f)
                .containsEntry("timestamp", 5L);
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length - 10));
        assertThatIOException().isThrownBy(() -> read(Format.PARQUET, file, 1));
    }

    @Test
    void filesAreFoundInDirectoriesAndBuckets() throws IOException {
        Files.createDirectories(directory.resolve("sub"));
        Files.writeString(directory.resolve("sub/b.ndjson"), "");
        Files.writeString(directory.resolve("a.ndjson"), "");
        assertThat(ImportFiles.list(directory.toString(), OBJECTS))
                .hasSize(2)
                .allMatch(n -> n.startsWith("file:"));
        OBJECTS.createBucket("models");
        OBJECTS.put("models", "job/1/x.ndjson", new byte[] {1, 2, 3});
        List<String> found = ImportFiles.list("s3://models/job/", OBJECTS);
        assertThat(found).containsExactly("s3://models/job/1/x.ndjson");
        ImportFile file = ImportFiles.open(found.get(0), OBJECTS);
        assertThat(file.length()).isEqualTo(3);
        assertThat(file.read(1, 10)).containsExactly(2, 3);
    }
}
