package org.aima.stores.paging;

import java.util.List;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * A bounded source that reads every row of a keyed collection once.
 *
 * <p>Guarantees: ranges are frozen at the first start and live in checkpoints; after a failure each
 * range resumes behind the last key that was emitted before the checkpoint, so rows inserted or
 * deleted meanwhile shift nothing.
 */
public final class PagedSource<T>
        implements Source<T, PagedSplit, PagedEnumerator.State>, ResultTypeQueryable<T> {
    private static final long serialVersionUID = 1L;

    private final PageReaderFactory<T> readers;
    private final TypeInformation<T> type;

    public PagedSource(PageReaderFactory<T> readers, TypeInformation<T> type) {
        this.readers = readers;
        this.type = type;
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.BOUNDED;
    }

    @Override
    public SplitEnumerator<PagedSplit, PagedEnumerator.State> createEnumerator(
            SplitEnumeratorContext<PagedSplit> context) {
        return restoreEnumerator(context, new PagedEnumerator.State(false, List.of()));
    }

    @Override
    public SplitEnumerator<PagedSplit, PagedEnumerator.State> restoreEnumerator(
            SplitEnumeratorContext<PagedSplit> context, PagedEnumerator.State state) {
        return new PagedEnumerator<>(context, readers, state);
    }

    @Override
    public SourceReader<T, PagedSplit> createReader(SourceReaderContext context) {
        return new PagedSourceReader<>(readers, context);
    }

    @Override
    public SimpleVersionedSerializer<PagedSplit> getSplitSerializer() {
        return new PagedSplitSerializer();
    }

    @Override
    public SimpleVersionedSerializer<PagedEnumerator.State> getEnumeratorCheckpointSerializer() {
        return new PagedSplitSerializer().forState();
    }

    @Override
    public TypeInformation<T> getProducedType() {
        return type;
    }
}
