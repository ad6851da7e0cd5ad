package org.aima.backfill.function;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.aima.backfill.core.FilledRow;
import org.aima.backfill.function.WriteRanges.StoreFactory;
import org.aima.jobs.error.Failure;
import org.aima.jobs.model.Figure;
import org.aima.jobs.model.Reject;
import org.aima.jobs.pipeline.WriteGuard;
import org.aima.stores.DocumentStore;
import org.aima.stores.EmbeddingRow;
import org.aima.stores.EmbeddingSchema;
import org.aima.stores.EmbeddingStore;
import org.aima.stores.RowJournal;
import org.aima.stores.StoreException;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * Fills fields of rows: reads each changed row whole, notes what it replaces, and upserts it into
 * its own partition, so that the vector and every other field stay as they are.
 *
 * <p>A range is done when all its pages are; one that was interrupted is done again, and finds its
 * own changes made.
 */
public final class FillRows extends AbstractStreamOperator<Figure>
        implements OneInputStreamOperator<FillPage, Figure> {
    private static final long serialVersionUID = 1L;

    private final Settings settings;
    private final StoreFactory<EmbeddingStore> stores;
    private final StoreFactory<DocumentStore> documents;
    private final StoreFactory<RowJournal> journals;
    private final WriteGuard guard;
    private transient @Nullable EmbeddingStore store;
    private transient @Nullable CopyJournal ranges;
    private transient @Nullable RowJournal journal;
    private transient @Nullable Map<String, Long> counts;
    private transient int range;

    /**
     * What the writer is told.
     *
     * @param overwrite whether values that are there may be replaced
     */
    public record Settings(
            String runId, long submittedAtMillis, EmbeddingSchema schema, boolean overwrite)
            implements java.io.Serializable {}

    public FillRows(
            Settings settings,
            StoreFactory<EmbeddingStore> stores,
            StoreFactory<DocumentStore> documents,
            StoreFactory<RowJournal> journals,
            WriteGuard guard) {
        this.settings = settings;
        this.stores = stores;
        this.documents = documents;
        this.journals = journals;
        this.guard = guard;
    }

    @Override
    public void open() throws Exception {
        super.open();
        store = stores.open();
        ranges = new CopyJournal(documents.open(), settings.runId());
        journal = journals.open();
        counts = new TreeMap<>();
        range = -1;
    }

    @Override
    public void processElement(StreamRecord<FillPage> record) {
        FillPage page = record.getValue();
        Map<String, Long> sums = Objects.requireNonNull(counts);
        if (page.range() != range) {
            sums.clear();
            range = page.range();
        }
        fill(page, sums);
        if (page.last()) {
            CopyJournal open = Objects.requireNonNull(ranges);
            open.done(open.range(page.range()), new TreeMap<>(sums), List.of());
            output.collect(
                    new StreamRecord<>(Figure.count("filled", sums.getOrDefault("written", 0L))));
            sums.clear();
        }
    }

    private void fill(FillPage page, Map<String, Long> sums) {
        guard.check();
        int width = page.fields().length;
        Map<String, Map<String, String>> wanted = new LinkedHashMap<>();
        for (int i = 0; i < page.ids().length; i++) {
            Map<String, String> values = new HashMap<>();
            for (int f = 0; f < width; f++) {
                String value = page.values()[i * width + f];
                if (value != null) {
                    values.put(page.fields()[f], value);
                }
            }
            if (!values.isEmpty()) {
                wanted.put(page.ids()[i], values);
            }
        }
        List<Reject> rejects = new ArrayList<>();
        List<EmbeddingRow> rows = new ArrayList<>();
        List<String> ids = new ArrayList<>();
        List<String> before = new ArrayList<>();
        List<String> after = new ArrayList<>();
        EmbeddingStore open = Objects.requireNonNull(store);
        List<EmbeddingRow> present =
                open.get(settings.schema().name(), page.partition(), List.copyOf(wanted.keySet()));
        for (EmbeddingRow row : present) {
            Map<String, String> values = wanted.get(row.id());
            FilledRow filled =
                    FilledRow.of(
                            settings.schema(),
                            row,
                            values == null ? Map.of() : values,
                            settings.overwrite());
            if (!filled.reason().isEmpty()) {
                rejects.add(reject(page, row.id(), filled.reason(), filled.detail()));
            } else if (filled.changed()) {
                rows.add(filled.row());
                ids.add(row.id());
                before.add(filled.before());
                after.add(filled.after());
            }
        }
        if (!ids.isEmpty()) {
            Objects.requireNonNull(journal)
                    .note(settings.schema().name(), page.partition(), ids, before, after);
        }
        upsert(page, rows, rejects);
        Objects.requireNonNull(ranges).reject(rejects, settings.submittedAtMillis());
        long written = (long) rows.size() - refused(rejects);
        sums.merge("read", (long) page.ids().length, Long::sum);
        sums.merge("written", written, Long::sum);
        sums.merge("rejected", (long) rejects.size(), Long::sum);
        sums.merge("unchanged", page.ids().length - written - rejects.size(), Long::sum);
        sums.merge("rows.without_documents", (long) page.unknown(), Long::sum);
        rejects.forEach(r -> sums.merge("rejected." + r.reason(), 1L, Long::sum));
    }

    private static long refused(List<Reject> rejects) {
        return rejects.stream().filter(r -> r.reason().equals("refused_by_store")).count();
    }

    private void upsert(FillPage page, List<EmbeddingRow> rows, List<Reject> rejects) {
        if (rows.isEmpty()) {
            return;
        }
        try {
            Objects.requireNonNull(store).upsert(settings.schema().name(), page.partition(), rows);
        } catch (StoreException e) {
            if (e.failure() == Failure.TRANSIENT) {
                throw e;
            }
            if (rows.size() == 1) {
                rejects.add(
                        reject(
                                page,
                                rows.get(0).id(),
                                "refused_by_store",
                                String.valueOf(e.getMessage())));
                return;
            }
            int half = rows.size() / 2;
            upsert(page, rows.subList(0, half), rejects);
            upsert(page, rows.subList(half, rows.size()), rejects);
        }
    }

    private Reject reject(FillPage page, String id, String reason, String detail) {
        return new Reject(
                "milvus:" + settings.schema().name() + "/" + page.partition(),
                id,
                reason,
                detail,
                "");
    }

    @Override
    public void close() throws Exception {
        guard.close();
        if (journal != null) {
            journal.close();
        }
        if (ranges != null) {
            ranges.close();
        }
        if (store != null) {
            store.close();
        }
        super.close();
    }
}
