package org.aima.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.aima.stores.paging.KeyRange;
import org.aima.stores.paging.Page;
import org.aima.stores.paging.PageReader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What every {@link PageReader} does: each row once, and the rest after any of them. */
public abstract class PageReaderContract {

    /**
     * Stores one row a key and opens a reader of them; the contract closes it.
     *
     * @param keysByScope keys of the rows by a name the store may use for partitions
     */
    protected abstract Stored store(Map<String, List<String>> keysByScope);

    /**
     * Rows as a reader is expected to show them.
     *
     * @param identities {@code scope/key} of every row, in the reader's own words
     */
    public record Stored(PageReader<?> reader, List<String> identities) {}

    /** Names of scopes to spread rows over; one where the store has no such thing. */
    protected abstract List<String> scopes();

    /** Rows that are sure to need several pages. */
    protected abstract int rowsBeyondOnePage();

    /** Every how many rows reading is resumed: a strong read of Milvus waits for 0.2 s. */
    protected int resumeStep() {
        return 1;
    }

    private static List<String> readAll(PageReader<?> reader, KeyRange range) {
        List<String> read = new ArrayList<>();
        @Nullable KeyRange rest = range;
        while (rest != null) {
            Page<?> page = reader.read(rest);
            page.rows().forEach(r -> read.add(range.scope() + "/" + r.key()));
            rest = advanced(rest, page.rest());
        }
        return read;
    }

    /** What is left, once it is sure to be less than before: the loops here must end. */
    private static @Nullable KeyRange advanced(KeyRange before, @Nullable KeyRange rest) {
        assertThat(rest).as("what is left of %s", before).isNotEqualTo(before);
        return rest;
    }

    private static List<String> readAll(PageReader<?> reader) {
        List<String> read = new ArrayList<>();
        reader.ranges().forEach(r -> read.addAll(readAll(reader, r)));
        return read;
    }

    private void everyKeyIsReadOnce(Map<String, List<String>> keysByScope) {
        Stored stored = store(keysByScope);
        try (PageReader<?> reader = stored.reader()) {
            // Sorted lists differ in their first lost or doubled row, and that is what is shown.
            assertThat(readAll(reader).stream().sorted().toList())
                    .isEqualTo(stored.identities().stream().sorted().toList());
        }
    }

    private String firstScope() {
        return scopes().get(0);
    }

    @Test
    void nothingIsReadFromAnEmptyCollection() {
        everyKeyIsReadOnce(Map.of());
    }

    @Test
    void awkwardKeysAreReadOnce() {
        everyKeyIsReadOnce(Map.of(firstScope(), AwkwardKeys.all()));
    }

    @Test
    void moreRowsThanOnePageAreReadOnce() {
        everyKeyIsReadOnce(Map.of(firstScope(), skewed(rowsBeyondOnePage())));
    }

    @Test
    void rowsOfSeveralPartitionsAreReadOnce() {
        Map<String, List<String>> keys = new LinkedHashMap<>();
        int i = 0;
        for (String scope : scopes()) {
            String prefix = "s" + i++ + "-";
            keys.put(scope, numbered(prefix, 40 * i));
        }
        everyKeyIsReadOnce(keys);
    }

    @Test
    void readingARangeAgainGivesTheSame() {
        Stored stored = store(Map.of(firstScope(), numbered("k", 300)));
        try (PageReader<?> reader = stored.reader()) {
            for (KeyRange range : reader.ranges()) {
                assertThat(readAll(reader, range)).isEqualTo(readAll(reader, range));
            }
        }
    }

    @Test
    void readingResumesBehindAnyRow() {
        List<String> keys = new ArrayList<>(AwkwardKeys.all());
        keys.addAll(numbered("plain", 60));
        Stored stored = store(Map.of(firstScope(), keys));
        try (PageReader<?> reader = stored.reader()) {
            for (KeyRange range : reader.ranges()) {
                Page<?> page = reader.read(range);
                List<String> whole = readAll(reader, range);
                for (int i = 0; i < page.rows().size(); i += resumeStep()) {
                    String key = page.rows().get(i).key();
                    assertThat(readAll(reader, range.resumeAfter(key)))
                            .as("rows behind '%s'", key)
                            .isEqualTo(whole.subList(i + 1, whole.size()));
                }
            }
        }
    }

    @Test
    void everyPageLeavesTheRowsBehindItsLast() {
        Stored stored = store(Map.of(firstScope(), numbered("k", rowsBeyondOnePage())));
        try (PageReader<?> reader = stored.reader()) {
            for (KeyRange range : reader.ranges()) {
                @Nullable KeyRange rest = range;
                while (rest != null) {
                    Page<?> page = reader.read(rest);
                    KeyRange next = page.rest();
                    if (next != null) {
                        assertThat(page.rows()).as("rows of %s", rest).isNotEmpty();
                        String last = page.rows().get(page.rows().size() - 1).key();
                        assertThat(next).isEqualTo(rest.resumeAfter(last));
                    }
                    rest = advanced(rest, next);
                }
            }
        }
    }

    @Test
    void rangesOfOneScopeFollowEachOther() {
        Stored stored = store(Map.of(firstScope(), numbered("k", rowsBeyondOnePage())));
        try (PageReader<?> reader = stored.reader()) {
            Map<String, List<KeyRange>> byScope = new LinkedHashMap<>();
            reader.ranges()
                    .forEach(
                            r -> byScope.computeIfAbsent(r.scope(), s -> new ArrayList<>()).add(r));
            byScope.values().forEach(PageReaderContract::coverEverything);
        }
    }

    /** From the start to the end without a gap: rows that come later belong somewhere. */
    private static void coverEverything(List<KeyRange> ranges) {
        List<KeyRange> open = new ArrayList<>(ranges);
        @Nullable String at = null;
        do {
            @Nullable String from = at;
            KeyRange next =
                    open.stream()
                            .filter(r -> Objects.equals(r.after(), from))
                            .findFirst()
                            .orElseThrow(() -> new AssertionError("no range begins after " + from));
            open.remove(next);
            at = next.upTo();
        } while (at != null);
        assertThat(open).as("ranges beside the chain").isEmpty();
    }

    /** Half of the keys share a long prefix, the others are spread thin. */
    private static List<String> skewed(int rows) {
        TreeSet<String> keys = new TreeSet<>();
        String shared = "shared/" + "prefix/".repeat(8);
        for (int i = 0; keys.size() < rows; i++) {
            keys.add(shared + "%07d".formatted(i));
            keys.add(Integer.toHexString(i * 0x9E3779B1) + "\u00e4\"\\");
            if (i % 10 == 0) {
                keys.add(shared + "\ud83d\ude00" + i);
                keys.add(shared + "\uff5e" + i);
            }
        }
        return List.copyOf(keys);
    }

    protected static List<String> numbered(String prefix, int rows) {
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            keys.add(prefix + "%06d".formatted(i));
        }
        return keys;
    }
}
