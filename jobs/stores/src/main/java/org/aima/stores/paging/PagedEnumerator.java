package org.aima.stores.paging;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.util.FlinkRuntimeException;
import org.jspecify.annotations.Nullable;

/** Freezes the ranges once and hands them out on request. */
final class PagedEnumerator<T> implements SplitEnumerator<PagedSplit, PagedEnumerator.State> {
    private final SplitEnumeratorContext<PagedSplit> context;
    private final PageReaderFactory<T> readers;
    private final Deque<PagedSplit> pending;
    // A subtask may ask more than once.
    private final List<Integer> waiting = new ArrayList<>();
    private boolean frozen;

    PagedEnumerator(
            SplitEnumeratorContext<PagedSplit> context,
            PageReaderFactory<T> readers,
            State restored) {
        this.context = context;
        this.readers = readers;
        this.pending = new ArrayDeque<>(restored.pending());
        this.frozen = restored.frozen();
    }

    @Override
    public void start() {
        if (!frozen) {
            // Off the coordinator's thread: freezing may take many requests.
            context.callAsync(
                    () -> {
                        try (PageReader<T> reader = readers.open()) {
                            return reader.ranges();
                        }
                    },
                    this::freeze);
        }
    }

    private void freeze(List<KeyRange> ranges, @Nullable Throwable error) {
        if (error != null) {
            throw new FlinkRuntimeException("cannot read the ranges of the source", error);
        }
        for (int i = 0; i < ranges.size(); i++) {
            pending.add(new PagedSplit("range-" + i, ranges.get(i)));
        }
        frozen = true;
        List<Integer> asked = List.copyOf(waiting);
        waiting.clear();
        asked.forEach(this::assign);
    }

    @Override
    public void handleSplitRequest(int subtask, @Nullable String host) {
        if (frozen) {
            assign(subtask);
        } else {
            waiting.add(subtask);
        }
    }

    private void assign(int subtask) {
        if (!context.registeredReaders().containsKey(subtask)) {
            return;
        }
        PagedSplit next = pending.poll();
        if (next == null) {
            context.signalNoMoreSplits(subtask);
        } else {
            context.assignSplit(next, subtask);
        }
    }

    @Override
    public void addSplitsBack(List<PagedSplit> splits, int subtask) {
        splits.forEach(pending::addFirst);
    }

    @Override
    public void addReader(int subtask) {
        // Readers ask for splits themselves.
    }

    @Override
    public State snapshotState(long checkpointId) {
        return new State(frozen, new ArrayList<>(pending));
    }

    @Override
    public void close() {}

    /** What a checkpoint keeps. */
    record State(boolean frozen, List<PagedSplit> pending) {}
}
