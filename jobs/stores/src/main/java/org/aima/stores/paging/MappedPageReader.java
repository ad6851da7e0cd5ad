package org.aima.stores.paging;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Turns the rows of another reader into the job's own; rows mapped to null are left out. */
public final class MappedPageReader<A, B> implements PageReader<B> {
    private final PageReader<A> reader;
    private final Function<A, @Nullable B> mapping;

    public MappedPageReader(PageReader<A> reader, Function<A, @Nullable B> mapping) {
        this.reader = reader;
        this.mapping = mapping;
    }

    @Override
    public List<KeyRange> ranges() {
        return reader.ranges();
    }

    @Override
    public Page<B> read(KeyRange range) {
        Page<A> page = reader.read(range);
        List<Page.Keyed<B>> rows = new ArrayList<>(page.rows().size());
        for (Page.Keyed<A> row : page.rows()) {
            B mapped = mapping.apply(row.value());
            if (mapped != null) {
                rows.add(new Page.Keyed<>(row.key(), mapped));
            }
        }
        return new Page<>(rows, page.rest());
    }

    @Override
    public void close() {
        reader.close();
    }
}
