package org.aima.backfill.core;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a repartition would do, or why it cannot.
 *
 * @param rows by partition of the target
 * @param rejected rows that go nowhere
 * @param bytes of vectors and fields, by estimate
 * @param refusal empty, or what the server cannot hold and what it could
 */
public record CopyPlan(Map<String, Long> rows, long rejected, long bytes, String refusal) {

    private static final int COMPARISONS = 4;

    /** How much longer it takes to read and hash two collections than to read one page. */
    private static final double COMPARING = 1.7;

    public CopyPlan {
        rows = new TreeMap<>(rows);
    }

    public long total() {
        return rows.values().stream().mapToLong(Long::longValue).sum();
    }

    /**
     * What the server can hold.
     *
     * @param perCollection partitions of one collection
     * @param inAll sum of partitions times shards over all collections
     * @param usedByOthers what other collections take of it
     */
    public record Limits(int perCollection, int inAll, int usedByOthers) {}

    /** Rows that share media type and time of month, the finest that any scheme tells apart. */
    public record Group(String type, long epochMillis, long rows) {}

    /**
     * Counts partitions and checks them against what the server can hold.
     *
     * @param groups of rows that have a medium
     * @param without rows whose medium is unknown
     * @param withoutMedia their partition; empty rejects them
     */
    public static CopyPlan of(
            PartitionScheme scheme,
            List<Group> groups,
            long without,
            String withoutMedia,
            long rowBytes,
            int shards,
            Limits limits) {
        Map<String, Long> rows = rows(scheme, groups, without, withoutMedia);
        long placed = rows.values().stream().mapToLong(Long::longValue).sum();
        long all = groups.stream().mapToLong(Group::rows).sum() + without;
        String refusal = "";
        if (!fits(rows.size(), shards, limits)) {
            refusal =
                    String.format(
                            Locale.ROOT,
                            "partition-by=%s makes %,d partitions; the server holds %,d in a"
                                    + " collection, and %,d times shards in all, of which %,d are"
                                    + " taken; %s",
                            scheme.text(),
                            rows.size(),
                            limits.perCollection(),
                            limits.inAll(),
                            limits.usedByOthers(),
                            proposal(scheme, groups, without, withoutMedia, shards, limits));
        }
        return new CopyPlan(rows, all - placed, placed * rowBytes, refusal);
    }

    private static boolean fits(int partitions, int shards, Limits limits) {
        // Every collection also has the partition it was made with.
        return partitions + 1 <= limits.perCollection()
                && limits.usedByOthers() + (partitions + 1) * shards <= limits.inAll();
    }

    private static String proposal(
            PartitionScheme scheme,
            List<Group> groups,
            long without,
            String withoutMedia,
            int shards,
            Limits limits) {
        for (var next = scheme.coarser(); next.isPresent(); next = next.get().coarser()) {
            int partitions = rows(next.get(), groups, without, withoutMedia).size();
            if (fits(partitions, shards, limits)) {
                return String.format(
                        Locale.ROOT,
                        "partition-by=%s makes %,d and fits",
                        next.get().text(),
                        partitions);
            }
        }
        return "partition-by=key:media_id lets the server choose and fits";
    }

    private static Map<String, Long> rows(
            PartitionScheme scheme, List<Group> groups, long without, String withoutMedia) {
        Map<String, Long> rows = new TreeMap<>();
        for (Group group : groups) {
            String partition =
                    scheme.byKey()
                            ? PartitionScheme.DEFAULT_PARTITION
                            : scheme.partition(group.type(), group.epochMillis())
                                    .orElse(withoutMedia);
            if (!partition.isEmpty()) {
                rows.merge(partition, group.rows(), Long::sum);
            }
        }
        String rest = scheme.needsMedia() ? withoutMedia : PartitionScheme.DEFAULT_PARTITION;
        if (without > 0 && !rest.isEmpty()) {
            rows.merge(rest, without, Long::sum);
        }
        return rows;
    }

    /**
     * Seconds that a course takes, by phases.
     *
     * @param readPerSecond rows of this size that this client reads
     * @param copyPerSecond rows the copy moves
     * @param dimension of the vectors
     */
    public static Map<String, Double> eta(
            long rows, double readPerSecond, double copyPerSecond, int dimension) {
        Map<String, Double> seconds = new TreeMap<>();
        seconds.put("start", 25.0);
        seconds.put("copy", 8 + rows / copyPerSecond);
        // HNSW with M 16 and efConstruction 200, as measured on two shared cores.
        seconds.put("index and load", 15 + rows * (double) dimension * 1.4e-6);
        // Verify, catch-up, last difference and sweep each read both collections.
        seconds.put("compare", 10 + COMPARISONS * 2 * rows * COMPARING / readPerSecond);
        return seconds;
    }
}
