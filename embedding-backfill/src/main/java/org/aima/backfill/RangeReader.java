package org.aima.backfill;

import java.util.List;
import org.aima.backfill.core.MediaFacts;
import org.aima.backfill.core.RowColumns;
import org.aima.backfill.function.CopyJournal;
import org.aima.backfill.function.CopyPage;
import org.aima.backfill.function.RowMapperFactory;
import org.aima.stores.DocumentStore;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.milvus.MilvusPageReader;
import org.aima.stores.paging.KeyRange;
import org.aima.stores.paging.Page;
import org.aima.stores.paging.PageReader;
import org.jspecify.annotations.Nullable;

/**
 * Reads the ranges that a run froze, page by page, joined with their media.
 *
 * <p>A split is one range, its {@code after} the number of the page to read next. What is emitted
 * always bears the empty key: a range resumes at its first page, since the writer keeps nothing of
 * a range it did not finish.
 */
final class RangeReader implements PageReader<CopyPage> {
    private final CopyJournal journal;
    private final MilvusPageReader rows;
    private final MediaLookup media;
    private final RowMapperFactory mappers;
    private final String collection;
    private CopyJournal.@Nullable Range range;

    RangeReader(
            EmbeddingStore store,
            DocumentStore documents,
            String runId,
            String collection,
            RowMapperFactory mappers) {
        this.journal = new CopyJournal(documents, runId);
        this.rows =
                new MilvusPageReader(store, collection, PageScan.scalars(mappers.source()), true);
        this.media = new MediaLookup(documents, mappers.paths());
        this.mappers = mappers;
        this.collection = collection;
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
        int page = after == null || after.isEmpty() ? 0 : Integer.parseInt(after);
        CopyJournal.Range known = range;
        if (page == 0 || known == null || known.number() != number) {
            known = journal.range(number);
            range = known;
        }
        if (known.done()) {
            return new Page<>(List.of(), null);
        }
        boolean last = page == known.cuts().size();
        KeyRange keys =
                new KeyRange(
                        known.partition(),
                        page == 0 ? known.after() : known.cuts().get(page - 1),
                        last ? known.upTo() : known.cuts().get(page));
        List<EmbeddingRow> read =
                rows.read(keys).rows().stream().map(r -> r.value().row()).toList();
        return new Page<>(
                List.of(new Page.Keyed<>("", page(known, read, last))),
                last ? null : new KeyRange(split.scope(), Integer.toString(page + 1), null));
    }

    private CopyPage page(CopyJournal.Range of, List<EmbeddingRow> read, boolean last) {
        List<String> paths = mappers.paths();
        String[] types = new String[read.size()];
        long[] millis = new long[read.size()];
        String[] extras = new String[read.size() * paths.size()];
        List<MediaFacts> facts = media.of(read);
        for (int i = 0; i < types.length; i++) {
            types[i] = facts.get(i).type();
            millis[i] = facts.get(i).uploadedAtMillis();
            for (int p = 0; p < paths.size(); p++) {
                extras[i * paths.size() + p] = facts.get(i).values().getOrDefault(paths.get(p), "");
            }
        }
        String[] none = new String[0];
        return new CopyPage(
                of.number(),
                last,
                "milvus:" + collection + "/" + of.partition(),
                RowColumns.of(read, mappers.source()),
                types,
                millis,
                extras,
                none,
                none,
                none,
                none);
    }

    @Override
    public void close() {
        rows.close();
        journal.close();
    }
}
