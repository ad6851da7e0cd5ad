package org.aima.personclustering.core;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Time ranges within a media item, in seconds. */
public final class TimeRanges {
    private TimeRanges() {}

    /** A range with {@code start <= end}. */
    public record Range(double start, double end) {}

    /**
     * Merges ranges that overlap or lie at most {@code gap} seconds apart.
     *
     * @return disjoint, in ascending order; the same for every order of the input
     */
    public static List<Range> merge(List<Range> ranges, double gap) {
        List<Range> sorted = new ArrayList<>(ranges);
        sorted.sort(Comparator.comparingDouble(Range::start).thenComparingDouble(Range::end));
        List<Range> merged = new ArrayList<>();
        for (Range range : sorted) {
            int last = merged.size() - 1;
            if (last >= 0 && range.start() <= merged.get(last).end() + gap) {
                Range before = merged.get(last);
                merged.set(last, new Range(before.start(), Math.max(before.end(), range.end())));
            } else {
                merged.add(range);
            }
        }
        return merged;
    }
}
