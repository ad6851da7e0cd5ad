package org.aima.backfill.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.ObjectStore;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a NumPy array {@code NAME.npy} (two dimensions, float32 or float64, C order), with their
 * keys beside it: {@code NAME.ids.txt} (one a line) or {@code NAME.ids.npy} (unicode).
 */
final class NpyRows implements FileRows {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int LONGEST_HEADER = 1 << 16;
    private static final int ROWS_AT_ONCE = 1_024;
    private static final Pattern TYPE = Pattern.compile("'descr':\\s*'([<>|=])([fU])(\\d+)'");
    private static final Pattern ORDER = Pattern.compile("'fortran_order':\\s*(True|False)");
    private static final Pattern SHAPE =
            Pattern.compile("'shape':\\s*\\((\\d+),\\s*(\\d*)\\s*,?\\)");

    private final ImportFile file;
    private final Header header;
    private final long end;
    private final String[] ids;
    private final long firstId;
    private long row;
    private ByteBuffer rows = ByteBuffer.allocate(0);

    NpyRows(ImportFile file, long start, long end, ObjectStore objects) throws IOException {
        this.file = file;
        this.header = header(file);
        if (header.kind() != 'f' || header.columns() < 1) {
            throw new IOException("not an array of floats with two dimensions");
        }
        this.row = start;
        this.end = Math.min(end, header.rows());
        this.firstId = start;
        this.ids = ids(file.name(), start, this.end, objects);
    }

    /** What the array's own header says. */
    record Header(
            char kind, int itemBytes, boolean bigEndian, long rows, int columns, int offset) {}

    static Header header(ImportFile file) throws IOException {
        byte[] start = file.read(0, LONGEST_HEADER);
        for (int i = 0; i < MAGIC.length; i++) {
            if (start.length <= 10 || start[i] != MAGIC[i]) {
                throw new IOException("not a NumPy array");
            }
        }
        boolean old = start[6] == 1;
        ByteBuffer bytes = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN);
        int length = old ? bytes.getShort(8) & 0xffff : bytes.getInt(8);
        int from = old ? 10 : 12;
        if (length < 0 || from + length > start.length) {
            throw new IOException("the array's header is cut off");
        }
        String text = new String(start, from, length, StandardCharsets.ISO_8859_1);
        Matcher type = TYPE.matcher(text);
        Matcher order = ORDER.matcher(text);
        Matcher shape = SHAPE.matcher(text);
        if (!type.find() || !order.find() || !shape.find() || order.group(1).equals("True")) {
            throw new IOException(
                    "the array is not of floats or texts in C order: " + text.strip());
        }
        int size = Integer.parseInt(type.group(3));
        char kind = type.group(2).charAt(0);
        if (kind == 'f' && size != 4 && size != 8) {
            throw new IOException("the array holds floats of " + size + " bytes, not 4 or 8");
        }
        return new Header(
                kind,
                kind == 'U' ? 4 * size : size,
                type.group(1).equals(">"),
                Long.parseLong(shape.group(1)),
                shape.group(2).isEmpty() ? 1 : Integer.parseInt(shape.group(2)),
                from + length);
    }

    private static String[] ids(String array, long start, long end, ObjectStore objects)
            throws IOException {
        String base = array.substring(0, array.length() - ".npy".length());
        String[] ids = new String[(int) (end - start)];
        ImportFile file = null;
        try {
            file = ImportFiles.open(base + ".ids.npy", objects);
        } catch (IOException e) {
            // Then they are in a text file.
        }
        if (file != null) {
            Header header = header(file);
            if (header.kind() != 'U') {
                throw new IOException(file.name() + " does not hold texts");
            }
            for (int i = 0; i < ids.length && start + i < header.rows(); i++) {
                byte[] text =
                        file.read(
                                header.offset() + (start + i) * header.itemBytes(),
                                header.itemBytes());
                ids[i] =
                        new String(
                                        text,
                                        header.bigEndian()
                                                ? java.nio.charset.Charset.forName("UTF-32BE")
                                                : java.nio.charset.Charset.forName("UTF-32LE"))
                                .replace("\0", "");
            }
            return ids;
        }
        ImportFile lines = ImportFiles.open(base + ".ids.txt", objects);
        byte[] all = lines.read(0, (int) Math.min(Integer.MAX_VALUE - 8L, lines.length()));
        String[] keys = new String(all, StandardCharsets.UTF_8).split("\n", -1);
        for (int i = 0; i < ids.length && start + i < keys.length; i++) {
            ids[i] = keys[(int) (start + i)].replace("\r", "");
        }
        return ids;
    }

    @Override
    public @Nullable ImportedRow next() throws IOException {
        if (row >= end) {
            return null;
        }
        int rowBytes = header.columns() * header.itemBytes();
        if (rows.remaining() < rowBytes) {
            int count = (int) Math.min(ROWS_AT_ONCE, end - row);
            rows =
                    ByteBuffer.wrap(file.read(header.offset() + row * rowBytes, count * rowBytes))
                            .order(
                                    header.bigEndian()
                                            ? ByteOrder.BIG_ENDIAN
                                            : ByteOrder.LITTLE_ENDIAN);
        }
        long at = row++;
        if (rows.remaining() < rowBytes) {
            row = end;
            return ImportedRow.broken(
                    "",
                    "broken_file",
                    "the array says "
                            + header.rows()
                            + " rows, the file ends in row "
                            + at
                            + "; "
                            + (end - at)
                            + " rows are lost",
                    "");
        }
        float[] vector = new float[header.columns()];
        for (int i = 0; i < vector.length; i++) {
            vector[i] = header.itemBytes() == 4 ? rows.getFloat() : (float) rows.getDouble();
        }
        String id = ids[(int) (at - firstId)];
        return id == null || id.isEmpty()
                ? ImportedRow.broken("", "missing_id", "row " + at + " has no key", "")
                : ImportedRow.of(new EmbeddingRow(id, vector, Map.of()));
    }
}
