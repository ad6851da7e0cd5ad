package org.aima.archival.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.aima.archival.core.ArchivedFile;
import org.aima.archival.core.AwkwardDocuments;
import org.aima.archival.core.Partition;
import org.aima.archival.core.SummaryBuilder;
import org.apache.parquet.io.LocalInputFile;
import org.bson.BsonDocument;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written is what is read: whole, filtered, and by one page. */
class ArchiveFileTest {
    private static final Partition PARTITION = new Partition("face_detection", 2025, 3);
    private static final FileSettings SMALL = new FileSettings(1 << 20, 1 << 16, 1 << 13, 3);
    private static final int ROWS = 2_000;

    @TempDir Path directory;

    private static List<ArchiveRow> rows() {
        List<ArchiveRow> rows = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            rows.add(
                    new ArchiveRow(
                            AwkwardDocuments.bytes(
                                    AwkwardDocuments.result(
                                            "r-%05d".formatted(i),
                                            "m-%03d".formatted(i / 10),
                                            "face_detection",
                                            Instant.parse("2025-03-01T00:00:00Z").plusSeconds(i))),
                            i % 3 == 0 ? "p-" + i % 30 : null));
        }
        return rows;
    }

    private static ArchivedFile write(Path file, List<ArchiveRow> rows) throws IOException {
        try (ArchiveFileWriter writer =
                new ArchiveFileWriter(
                        file,
                        "run",
                        PARTITION,
                        SMALL,
                        new ArchiveFileWriter.Distinct(rows.size(), 200, 30))) {
            for (ArchiveRow row : rows) {
                writer.add(row);
            }
            return writer.finish(0, 0);
        }
    }

    @Test
    void everyDocumentComesBackByteForByte() throws IOException {
        List<ArchiveRow> rows = rows();
        Path path = directory.resolve("a.parquet");
        ArchivedFile file = write(path, rows);
        assertThat(file.rows()).isEqualTo(ROWS);
        assertThat(file.rowGroups()).isGreaterThan(1);
        try (ArchiveFileReader reader = ArchiveFileReader.all(path)) {
            for (int i = 0; i < ROWS; i++) {
                ArchiveRow row = reader.next();
                assertThat(row.document()).isEqualTo(rows.get(i).document());
                assertThat(row.personId()).isEqualTo(rows.get(i).personId());
                assertThat(reader.row()).isEqualTo(i);
            }
            assertThat(reader.next()).isNull();
        }
        assertThat(ArchiveFileReader.content(path))
                .isEqualTo(new ArchiveFileReader.Content(ROWS, file.contentSha256()));
    }

    @Test
    void theSameRowsGiveTheSameBytes() throws IOException {
        List<ArchiveRow> rows = rows();
        ArchivedFile one = write(directory.resolve("a.parquet"), rows);
        ArchivedFile two = write(directory.resolve("b.parquet"), rows);
        assertThat(two).isEqualTo(one);
    }

    @Test
    void rowsAreFoundByEachId() throws IOException {
        Path path = directory.resolve("a.parquet");
        write(path, rows());
        assertThat(found(path, Set.of("r-00017"), Set.of(), Set.of())).isEqualTo(1);
        assertThat(found(path, Set.of(), Set.of("m-007"), Set.of())).isEqualTo(10);
        assertThat(found(path, Set.of(), Set.of(), Set.of("p-27"))).isEqualTo(67 - 1);
        assertThat(found(path, Set.of("nobody"), Set.of("none"), Set.of("never"))).isZero();
        assertThat(found(path, Set.of("r-00000"), Set.of("m-007"), Set.of())).isEqualTo(11);
    }

    private static int found(Path path, Set<String> results, Set<String> media, Set<String> persons)
            throws IOException {
        int found = 0;
        try (ArchiveFileReader reader =
                ArchiveFileReader.matching(new LocalInputFile(path), results, media, persons)) {
            while (reader.next() != null) {
                found++;
            }
        }
        return found;
    }

    @Test
    void onePageYieldsOneDocument() throws IOException {
        List<ArchiveRow> rows = rows();
        Path path = directory.resolve("a.parquet");
        ArchivedFile file = write(path, rows);
        SummaryBuilder builder = new SummaryBuilder(file.key(), FileLayout.of(path).forSummaries());
        for (int i = 0; i < ROWS; i++) {
            builder.add(i, rows.get(i).document(), rows.get(i).personId());
        }
        byte[] content = Files.readAllBytes(path);
        int found = 0;
        for (BsonDocument summary : builder.build()) {
            for (var id : summary.getArray("result_ids")) {
                String resultId = id.asString().getValue();
                SummaryBuilder.Pointer pointer = SummaryBuilder.pointer(summary, resultId);
                byte[] page =
                        Arrays.copyOfRange(
                                content,
                                (int) pointer.pageOffset(),
                                (int) pointer.pageOffset() + pointer.pageBytes());
                assertThat(DocumentPageReader.document(page, pointer.rowInPage()))
                        .isEqualTo(rows.get(Integer.parseInt(resultId.substring(2))).document());
                found++;
            }
        }
        assertThat(found).isEqualTo(ROWS);
    }

    @Test
    void aDamagedPageIsNoticed() throws IOException {
        Path path = directory.resolve("a.parquet");
        write(path, rows());
        FileLayout.DocumentPage page = FileLayout.of(path).groups().get(0).pages().get(1);
        byte[] bytes =
                Arrays.copyOfRange(
                        Files.readAllBytes(path),
                        (int) page.offset(),
                        (int) page.offset() + page.bytes());
        assertThat(DocumentPageReader.document(bytes, 0)).isNotEmpty();
        bytes[bytes.length / 2] ^= 1;
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> DocumentPageReader.document(bytes, 0));
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> DocumentPageReader.document(new byte[100], 0));
    }

    @Test
    void aDamagedFileIsNoticed() throws IOException {
        Path path = directory.resolve("a.parquet");
        ArchivedFile file = write(path, rows());
        byte[] bytes = Files.readAllBytes(path);
        FileLayout.DocumentPage page = FileLayout.of(path).groups().get(0).pages().get(0);
        bytes[(int) page.offset() + page.bytes() / 2] ^= 1;
        Files.write(path, bytes);
        assertThat(ArchiveFileWriter.sha256(path)).isNotEqualTo(file.sha256());
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> ArchiveFileReader.content(path));
    }
}
