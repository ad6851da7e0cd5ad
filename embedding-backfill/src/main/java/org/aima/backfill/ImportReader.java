package org.aima.backfill;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.aima.backfill.core.MediaFacts;
import org.aima.backfill.core.RowColumns;
import org.aima.backfill.file.FileRows;
import org.aima.backfill.file.ImportFile;
import org.aima.backfill.file.ImportFiles;
import org.aima.backfill.file.ImportedRow;
import org.aima.backfill.function.CopyJournal;
import org.aima.backfill.function.CopyPage;
import org.aima.backfill.function.RowMapperFactory;
import org.aima.jobs.error.Failure;
import org.aima.stores.DocumentStore;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.ObjectStore;
import org.aima.stores.StoreException;
import org.aima.stores.paging.KeyRange;
import org.aima.stores.paging.Page;
import org.aima.stores.paging.PageReader;
import org.jspecify.annotations.Nullable;

/**
 * Reads the slices of files that a run froze, page by page; a slice resumes at its start, like the
 * ranges of a collection.
 */
final class ImportReader implements PageReader<CopyPage> {
    private static final long PAGE_BYTES = 4L << 20;
    private static final int MOST_ROWS = 4_096;

    private final CopyJournal journal;
    private final ObjectStore objects;
    private final MediaLookup media;
    private final RowMapperFactory mappers;
    private final FileRows.@Nullable Format format;
    private final int pageRows;
    private CopyJournal.@Nullable Range range;
    private @Nullable FileRows rows;

    /**
     * @param format of every file; null to tell it by the name
     */
    ImportReader(
            DocumentStore documents,
            ObjectStore objects,
            String runId,
            RowMapperFactory mappers,
            FileRows.@Nullable Format format) {
        this.journal = new CopyJournal(documents, runId);
        this.objects = objects;
        this.media = new MediaLookup(documents, mappers.paths());
        this.mappers = mappers;
        this.format = format;
        long rowBytes = 256 + 4L * mappers.source().vector().dimension();
        this.pageRows = (int) Math.max(64, Math.min(MOST_ROWS, PAGE_BYTES / rowBytes));
    }

    @Override
    public List<KeyRange> ranges() {
        return journal.ranges().stream()
                .filter(r -> !r.done())
                .map(r -> new KeyRange(Integer.toString(r.number()), null, null))
                .toList();
    }

    @Override
    public Page<CopyPage> read(KeyRange split) {
        int number = Integer.parseInt(split.scope());
        String after = split.after();
        boolean first = after == null || after.isEmpty();
        CopyJournal.Range known = range;
        if (first || known == null || known.number() != number) {
            known = journal.range(number);
            range = known;
            closeRows();
            if (known.done()) {
                return new Page<>(List.of(), null);
            }
        }
        List<ImportedRow> read = new ArrayList<>();
        boolean last = false;
        try {
            FileRows open = rows;
            if (open == null) {
                open = open(known);
                rows = open;
            }
            while (read.size() < pageRows && !last) {
                ImportedRow next = open.next();
                if (next == null) {
                    last = true;
                } else {
                    read.add(next);
                }
            }
        } catch (IOException e) {
            read.add(ImportedRow.broken("", "broken_file", String.valueOf(e.getMessage()), ""));
            last = true;
        }
        if (last) {
            closeRows();
        }
        return new Page<>(
                List.of(new Page.Keyed<>("", page(known, read, last))),
                last ? null : new KeyRange(split.scope(), "more", null));
    }

    private FileRows open(CopyJournal.Range slice) throws IOException {
        ImportFile file = ImportFiles.open(slice.partition(), objects);
        return FileRows.open(
                formatOf(slice.partition(), format), file, slice(slice), mappers.source(), objects);
    }

    static FileRows.Slice slice(CopyJournal.Range range) {
        return new FileRows.Slice(range.partition(), number(range.after()), number(range.upTo()));
    }

    private static long number(@Nullable String text) {
        return text == null ? 0 : Long.parseLong(text);
    }

    static FileRows.Format formatOf(String file, FileRows.@Nullable Format wished)
            throws IOException {
        FileRows.Format format = wished == null ? FileRows.Format.of(file) : wished;
        if (format == null) {
            throw new IOException("the format of " + file + " is not known; give format=");
        }
        return format;
    }

    private CopyPage page(CopyJournal.Range of, List<ImportedRow> read, boolean last) {
        List<EmbeddingRow> good = new ArrayList<>();
        List<ImportedRow> bad = new ArrayList<>();
        for (ImportedRow row : read) {
            if (row.reason().isEmpty()) {
                good.add(row.row());
            } else {
                bad.add(row);
            }
        }
        List<String> paths = mappers.paths();
        String[] types = new String[good.size()];
        long[] millis = new long[good.size()];
        String[] extras = new String[good.size() * paths.size()];
        List<MediaFacts> facts = media.of(good);
        for (int i = 0; i < types.length; i++) {
            types[i] = facts.get(i).type();
            millis[i] = facts.get(i).uploadedAtMillis();
            for (int p = 0; p < paths.size(); p++) {
                extras[i * paths.size() + p] = facts.get(i).values().getOrDefault(paths.get(p), "");
            }
        }
        return new CopyPage(
                of.number(),
                last,
                of.partition(),
                RowColumns.of(good, mappers.source()),
                types,
                millis,
                extras,
                bad.stream().map(r -> r.row().id()).toArray(String[]::new),
                bad.stream().map(ImportedRow::reason).toArray(String[]::new),
                bad.stream().map(ImportedRow::detail).toArray(String[]::new),
                bad.stream().map(ImportedRow::payload).toArray(String[]::new));
    }

    private void closeRows() {
        FileRows open = rows;
        rows = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                throw new StoreException(Failure.TRANSIENT, "cannot close a file", e);
            }
        }
    }

    @Override
    public void close() {
        closeRows();
        journal.close();
        objects.close();
    }
}
