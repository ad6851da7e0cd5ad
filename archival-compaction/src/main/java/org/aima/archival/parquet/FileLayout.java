package org.aima.archival.parquet;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.aima.archival.core.SummaryBuilder;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.internal.column.columnindex.OffsetIndex;
import org.apache.parquet.io.LocalInputFile;

/**
 * Where the documents lie in a file.
 *
 * @param groups row groups in order
 */
public record FileLayout(List<RowGroup> groups) {

    /**
     * A row group.
     *
     * @param firstRow its first row's number in the file
     */
    public record RowGroup(long firstRow, long rows, List<DocumentPage> pages) {}

    /**
     * A page of the document column.
     *
     * @param offset in the file, where the page's header begins
     * @param bytes header included
     * @param firstRow its first row's number in the row group
     */
    public record DocumentPage(long offset, int bytes, long firstRow) {}

    /** The same in the words of summaries. */
    public List<SummaryBuilder.Group> forSummaries() {
        return groups.stream()
                .map(
                        g ->
                                new SummaryBuilder.Group(
                                        g.firstRow(),
                                        g.rows(),
                                        g.pages().stream()
                                                .map(
                                                        p ->
                                                                new SummaryBuilder.Page(
                                                                        p.offset(),
                                                                        p.bytes(),
                                                                        p.firstRow()))
                                                .toList()))
                .toList();
    }

    /** Reads the footer and the page index of a file on the local disk. */
    public static FileLayout of(Path file) throws IOException {
        List<RowGroup> groups = new ArrayList<>();
        try (ParquetFileReader reader = ParquetFileReader.open(new LocalInputFile(file))) {
            long firstRow = 0;
            for (BlockMetaData block : reader.getFooter().getBlocks()) {
                groups.add(new RowGroup(firstRow, block.getRowCount(), pages(reader, block)));
                firstRow += block.getRowCount();
            }
        }
        return new FileLayout(groups);
    }

    private static List<DocumentPage> pages(ParquetFileReader reader, BlockMetaData block)
            throws IOException {
        List<DocumentPage> pages = new ArrayList<>();
        for (ColumnChunkMetaData column : block.getColumns()) {
            if (column.getPath().toDotString().equals(ArchiveSchema.DOCUMENT)) {
                OffsetIndex index = reader.readOffsetIndex(column);
                for (int i = 0; i < index.getPageCount(); i++) {
                    pages.add(
                            new DocumentPage(
                                    index.getOffset(i),
                                    index.getCompressedPageSize(i),
                                    index.getFirstRowIndex(i)));
                }
            }
        }
        return pages;
    }
}
