package org.aima.archival.parquet;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Util;

/** Reads documents out of the bytes of a single page, without the rest of the file. */
public final class DocumentPageReader {
    private DocumentPageReader() {}

    /**
     * One document.
     *
     * @param page bytes of the page, header included
     * @param row its number within the page
     * @throws IOException when the bytes are not that page, are damaged or end before the row
     */
    public static byte[] document(byte[] page, long row) throws IOException {
        ByteArrayInputStream in = new ByteArrayInputStream(page);
        PageHeader header;
        try {
            header = Util.readPageHeader(in);
        } catch (IOException | RuntimeException e) {
            throw new IOException("not a page header", e);
        }
        if (header.getType() != PageType.DATA_PAGE
                || header.getData_page_header().getEncoding() != Encoding.PLAIN) {
            throw new IOException("not a plain data page: " + header.getType());
        }
        byte[] compressed = in.readNBytes(header.getCompressed_page_size());
        CRC32 crc = new CRC32();
        crc.update(compressed);
        if (!header.isSetCrc() || (int) crc.getValue() != header.getCrc()) {
            throw new IOException("the page's checksum is not that of its bytes");
        }
        if (row >= header.getData_page_header().getNum_values()) {
            throw new IOException("the page ends before row " + row);
        }
        byte[] plain = new byte[header.getUncompressed_page_size()];
        long size = Zstd.decompress(plain, compressed);
        if (Zstd.isError(size) || size != plain.length) {
            throw new IOException("the page cannot be decompressed");
        }
        ByteBuffer values = ByteBuffer.wrap(plain).order(ByteOrder.LITTLE_ENDIAN);
        for (long skipped = 0; skipped < row; skipped++) {
            int length = values.getInt();
            values.position(values.position() + length);
        }
        int length = values.getInt();
        return Arrays.copyOfRange(plain, values.position(), values.position() + length);
    }
}
