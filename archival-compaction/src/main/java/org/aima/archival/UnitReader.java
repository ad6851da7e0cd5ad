package org.aima.archival;

import java.util.ArrayList;
import java.util.List;
import org.aima.stores.paging.KeyRange;
import org.aima.stores.paging.Page;
import org.aima.stores.paging.PageReader;

/** Hands out units of work one by one: a task that is done with one asks for the next. */
final class UnitReader<T> implements PageReader<T> {
    private static final String SCOPE = "units";

    private final List<T> units;

    UnitReader(List<T> units) {
        this.units = units;
    }

    @Override
    public List<KeyRange> ranges() {
        List<KeyRange> ranges = new ArrayList<>();
        for (int i = 0; i < units.size(); i++) {
            ranges.add(new KeyRange(SCOPE, null, Integer.toString(i)));
        }
        return ranges;
    }

    @Override
    public Page<T> read(KeyRange range) {
        String index = range.upTo();
        if (index == null || range.after() != null) {
            return new Page<>(List.of(), null);
        }
        return new Page<>(
                List.of(new Page.Keyed<>(index, units.get(Integer.parseInt(index)))), null);
    }

    @Override
    public void close() {
        // Nothing was opened.
    }
}
