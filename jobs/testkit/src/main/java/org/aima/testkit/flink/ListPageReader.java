package org.aima.testkit.flink;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.aima.stores.paging.KeyRange;
import org.aima.stores.paging.Page;
import org.aima.stores.paging.PageReader;

/** Reads a fixed set of keys in ranges and pages of given sizes; each row is its own key. */
public final class ListPageReader implements PageReader<String> {
    private static final String SCOPE = "list";

    private final List<String> keys;
    private final int rangeRows;
    private final int pageRows;

    /** Keys are read in the order of {@link String#compareTo}; duplicates are one key. */
    public ListPageReader(List<String> keys, int rangeRows, int pageRows) {
        this.keys = List.copyOf(new TreeSet<>(keys));
        this.rangeRows = rangeRows;
        this.pageRows = pageRows;
    }

    @Override
    public List<KeyRange> ranges() {
        List<KeyRange> ranges = new ArrayList<>();
        String after = null;
        for (int i = rangeRows - 1; i < keys.size() - 1; i += rangeRows) {
            ranges.add(new KeyRange(SCOPE, after, keys.get(i)));
            after = keys.get(i);
        }
        ranges.add(new KeyRange(SCOPE, after, null));
        return ranges;
    }

    @Override
    public Page<String> read(KeyRange range) {
        String after = range.after();
        String upTo = range.upTo();
        List<Page.Keyed<String>> inside =
                keys.stream()
                        .filter(k -> after == null || k.compareTo(after) > 0)
                        .filter(k -> upTo == null || k.compareTo(upTo) <= 0)
                        .map(k -> new Page.Keyed<>(k, k))
                        .toList();
        if (inside.size() <= pageRows) {
            return new Page<>(inside, null);
        }
        List<Page.Keyed<String>> rows = inside.subList(0, pageRows);
        return new Page<>(rows, range.resumeAfter(rows.get(pageRows - 1).key()));
    }

    @Override
    public void close() {
        // Holds no connection.
    }
}
