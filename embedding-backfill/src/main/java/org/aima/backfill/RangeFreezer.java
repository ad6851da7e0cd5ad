package org.aima.backfill;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.aima.backfill.function.CopyJournal;
import org.aima.jobs.config.Configuration;
import org.aima.jobs.pipeline.StepJournal;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.milvus.MilvusPageReader;
import org.aima.stores.paging.KeyRange;

/** Cuts a collection into ranges of a few pages, once a run. */
final class RangeFreezer {
    /** Ranges for each subtask, so that none is left with a long last one. */
    private static final int SHARES = 6;

    private RangeFreezer() {}

    /** Freezes the ranges of a collection unless this run did before; returns their number. */
    static long freeze(
            Configuration configuration,
            EmbeddingStore store,
            String collection,
            CopyJournal journal,
            StepJournal notes) {
        if (notes.notes().get("ranges") instanceof Number frozen) {
            return frozen.longValue();
        }
        // Not closed: that would close the caller's store.
        @SuppressWarnings("resource")
        MilvusPageReader pages = new MilvusPageReader(store, collection, List.of(), true);
        List<KeyRange> cut = pages.ranges();
        int wanted =
                Math.max(
                        1,
                        Math.min(
                                configuration.get(EmbeddingBackfillOptions.RANGE_PAGES),
                                cut.size()
                                        / (SHARES * RepartitionAction.parallelism(configuration))));
        List<CopyJournal.Range> ranges = new ArrayList<>();
        int from = 0;
        for (int i = 1; i <= cut.size(); i++) {
            boolean ends =
                    i == cut.size()
                            || i - from == wanted
                            || !cut.get(i).scope().equals(cut.get(from).scope());
            if (ends) {
                List<KeyRange> part = cut.subList(from, i);
                List<String> cuts = new ArrayList<>();
                for (KeyRange page : part.subList(0, part.size() - 1)) {
                    String end = page.upTo();
                    if (end != null) {
                        cuts.add(end);
                    }
                }
                ranges.add(
                        CopyJournal.Range.frozen(
                                ranges.size(),
                                part.get(0).scope(),
                                part.get(0).after(),
                                part.get(part.size() - 1).upTo(),
                                cuts));
                from = i;
            }
        }
        journal.clear();
        journal.freeze(ranges);
        notes.note(Map.of("ranges", (long) ranges.size()));
        return ranges.size();
    }
}
