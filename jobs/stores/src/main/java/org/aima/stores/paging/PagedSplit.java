package org.aima.stores.paging;

import org.apache.flink.api.connector.source.SourceSplit;

/** One range as a source split; the id is its position in the frozen list. */
public record PagedSplit(String id, KeyRange range) implements SourceSplit {

    @Override
    public String splitId() {
        return id;
    }
}
