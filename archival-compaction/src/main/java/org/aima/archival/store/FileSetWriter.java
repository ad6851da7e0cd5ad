package org.aima.archival.store;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntConsumer;
import org.aima.archival.core.ArchivedFile;
import org.aima.archival.core.Partition;
import org.aima.archival.core.ResultFields;
import org.aima.archival.core.SortKey;
import org.aima.archival.core.SpillSorter;
import org.aima.archival.parquet.ArchiveFileWriter;
import org.aima.archival.parquet.ArchiveRow;
import org.aima.archival.parquet.FileSettings;
import org.jspecify.annotations.Nullable;

/**
 * Sorts the rows of one partition and slice and writes them as files of the target size: which row
 * is in which file follows from the rows alone. Memory: the sorter's, and one row group.
 */
public final class FileSetWriter implements AutoCloseable {
    /** Steps that a listener is told of. */
    public static final int BEFORE_WRITE = 0;

    public static final int BEFORE_UPLOAD = 1;
    public static final int AFTER_UPLOAD = 2;

    private static final int MAX_DISTINCT = 200_000;

    private final ArchiveStore store;
    private final Path directory;
    private final String run;
    private final Partition partition;
    private final int slice;
    private final FileSettings settings;
    private final IntConsumer steps;
    private final SpillSorter sorter;
    private final Set<Integer> media = new HashSet<>();
    private final Set<Integer> persons = new HashSet<>();
    private final List<ArchivedFile> files = new ArrayList<>();
    private @Nullable ArchiveFileWriter writer;
    private long bytesSinceCheck;

    /**
     * @param directory of the local disk, for spilled rows and the file being written
     * @param memoryBytes for sorting
     * @param steps told before a file is written, before and after it is uploaded
     */
    public FileSetWriter(
            ArchiveStore store,
            Path directory,
            String run,
            Partition partition,
            int slice,
            FileSettings settings,
            long memoryBytes,
            IntConsumer steps) {
        this.store = store;
        this.directory = directory;
        this.run = run;
        this.partition = partition;
        this.slice = slice;
        this.settings = settings;
        this.steps = steps;
        this.sorter = new SpillSorter(directory, memoryBytes);
    }

    public void add(ArchiveRow row) throws IOException {
        ResultFields fields = ResultFields.of(row.document());
        String mediaId = Objects.requireNonNull(fields.mediaId());
        count(media, mediaId);
        if (row.personId() != null) {
            count(persons, row.personId());
        }
        sorter.add(
                SortKey.of(
                        mediaId,
                        Objects.requireNonNull(fields.timestampMillis()),
                        Objects.requireNonNull(fields.resultId())),
                encode(row));
    }

    private static void count(Set<Integer> distinct, String value) {
        if (distinct.size() < MAX_DISTINCT) {
            distinct.add(value.hashCode());
        }
    }

    private static byte[] encode(ArchiveRow row) {
        byte[] person =
                row.personId() == null
                        ? new byte[0]
                        : row.personId().getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out =
                new ByteArrayOutputStream(row.document().length + person.length + Integer.BYTES);
        out.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(person.length).array());
        out.writeBytes(person);
        out.writeBytes(row.document());
        return out.toByteArray();
    }

    private static ArchiveRow decode(byte[] value) {
        int length = ByteBuffer.wrap(value).getInt();
        int document = Integer.BYTES + length;
        return new ArchiveRow(
                Arrays.copyOfRange(value, document, value.length),
                length == 0
                        ? null
                        : new String(value, Integer.BYTES, length, StandardCharsets.UTF_8));
    }

    /** Rows added so far. */
    public long rows() {
        return sorter.rows();
    }

    /** Writes and uploads all files; the objects are there on return, nothing names them yet. */
    public List<ArchivedFile> finish() throws IOException {
        Files.createDirectories(directory);
        Path local = Files.createTempFile(directory, "part", ".parquet");
        try {
            sorter.drain(value -> write(local, decode(value)));
            closeFile(local);
        } finally {
            Files.deleteIfExists(local);
        }
        return List.copyOf(files);
    }

    private void write(Path local, ArchiveRow row) throws IOException {
        ArchiveFileWriter open = writer;
        if (open == null) {
            steps.accept(BEFORE_WRITE);
            open =
                    new ArchiveFileWriter(
                            local,
                            run,
                            partition,
                            settings,
                            new ArchiveFileWriter.Distinct(
                                    Math.min(sorter.rows(), rowsPerGroup(row)),
                                    media.size(),
                                    persons.size()));
            writer = open;
        }
        open.add(row);
        bytesSinceCheck += row.document().length;
        // Asking costs a walk over all columns.
        if (bytesSinceCheck >= settings.pageBytes() / 2) {
            bytesSinceCheck = 0;
            if (open.bytes() >= settings.targetBytes()) {
                closeFile(local);
            }
        }
    }

    // A filter covers a row group. Documents of one partition are alike, so the first tells enough.
    private long rowsPerGroup(ArchiveRow first) {
        return Math.max(
                1_000, 8 * settings.rowGroupBytes() / Math.max(64, first.document().length));
    }

    private void closeFile(Path local) throws IOException {
        ArchiveFileWriter open = writer;
        if (open == null) {
            return;
        }
        writer = null;
        ArchivedFile file = open.finish(slice, files.size());
        steps.accept(BEFORE_UPLOAD);
        store.upload(local, file.key());
        steps.accept(AFTER_UPLOAD);
        files.add(file);
    }

    @Override
    public void close() throws IOException {
        sorter.close();
        if (writer != null) {
            writer.close();
            writer = null;
        }
    }
}
