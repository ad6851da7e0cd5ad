package org.aima.stores.paging;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import org.aima.jobs.pipeline.JobMetric;
import org.apache.flink.api.connector.source.SourceOutput;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.connector.base.source.reader.RecordEmitter;
import org.apache.flink.connector.base.source.reader.RecordsBySplits;
import org.apache.flink.connector.base.source.reader.RecordsWithSplitIds;
import org.apache.flink.connector.base.source.reader.SingleThreadMultiplexSourceReaderBase;
import org.apache.flink.connector.base.source.reader.splitreader.SplitReader;
import org.apache.flink.connector.base.source.reader.splitreader.SplitsAddition;
import org.apache.flink.connector.base.source.reader.splitreader.SplitsChange;
import org.apache.flink.metrics.Counter;
import org.jspecify.annotations.Nullable;

/** Reads pages on its own thread, one range at a time, and asks for another when it is done. */
final class PagedSourceReader<T>
        extends SingleThreadMultiplexSourceReaderBase<
                Page.Keyed<T>, T, PagedSplit, PagedSourceReader.Progress> {

    private static final int AHEAD = 2;

    PagedSourceReader(PageReaderFactory<T> readers, SourceReaderContext context) {
        super(
                () -> new RangeReader<>(readers),
                new KeyTracker<>(JobMetric.RECORDS_READ.counter(context.metricGroup())),
                context.getConfiguration(),
                context);
    }

    @Override
    public void start() {
        // One more than is being read, so that no time passes between two ranges.
        for (int have = getNumberOfCurrentlyAssignedSplits(); have < AHEAD; have++) {
            context.sendSplitRequest();
        }
    }

    @Override
    protected void onSplitFinished(Map<String, Progress> finished) {
        context.sendSplitRequest();
    }

    @Override
    protected Progress initializedState(PagedSplit split) {
        return new Progress(split);
    }

    @Override
    protected PagedSplit toSplitType(String id, Progress progress) {
        return progress.split;
    }

    /** How far a split was emitted. */
    static final class Progress {
        private PagedSplit split;

        Progress(PagedSplit split) {
            this.split = split;
        }
    }

    private static final class KeyTracker<T> implements RecordEmitter<Page.Keyed<T>, T, Progress> {
        private final Counter read;

        KeyTracker(Counter read) {
            this.read = read;
        }

        @Override
        public void emitRecord(Page.Keyed<T> row, SourceOutput<T> output, Progress progress) {
            output.collect(row.value());
            read.inc();
            progress.split =
                    new PagedSplit(
                            progress.split.id(), progress.split.range().resumeAfter(row.key()));
        }
    }

    private static final class RangeReader<T> implements SplitReader<Page.Keyed<T>, PagedSplit> {
        private final PageReaderFactory<T> readers;
        private final Deque<PagedSplit> splits = new ArrayDeque<>();
        private @Nullable PageReader<T> reader;

        RangeReader(PageReaderFactory<T> readers) {
            this.readers = readers;
        }

        @Override
        public RecordsWithSplitIds<Page.Keyed<T>> fetch() {
            RecordsBySplits.Builder<Page.Keyed<T>> records = new RecordsBySplits.Builder<>();
            PagedSplit split = splits.peek();
            if (split != null) {
                if (reader == null) {
                    reader = readers.open();
                }
                Page<T> page = reader.read(split.range());
                records.addAll(split.splitId(), page.rows());
                splits.poll();
                KeyRange rest = page.rest();
                if (rest == null) {
                    records.addFinishedSplit(split.splitId());
                } else {
                    splits.addFirst(new PagedSplit(split.id(), rest));
                }
            }
            return records.build();
        }

        @Override
        public void handleSplitsChanges(SplitsChange<PagedSplit> change) {
            if (change instanceof SplitsAddition<PagedSplit> addition) {
                splits.addAll(addition.splits());
            }
        }

        @Override
        public void wakeUp() {
            // A page is bounded by the store's deadline; interrupting it would lose its position.
        }

        @Override
        public void close() {
            if (reader != null) {
                reader.close();
            }
        }
    }
}
