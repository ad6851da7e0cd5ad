package org.aima.archival.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Which files are rewritten together. */
public final class CompactionPlanner {
    private static final double SMALL = 0.75;

    private CompactionPlanner() {}

    /**
     * Files of one partition that become files of the target size.
     *
     * @param files in order of key
     */
    public record Group(Partition partition, List<ArchivedFile> files) {
        public long bytes() {
            return files.stream().mapToLong(ArchivedFile::bytes).sum();
        }
    }

    /**
     * Groups of at least two files below three quarters of the target, none larger than the group
     * limit; a lone small file has nobody to be joined with. The same files give the same groups.
     *
     * @param budgetBytes groups beyond it are left for another run
     */
    public static List<Group> groups(
            Collection<ArchivedFile> live, long targetBytes, long groupBytes, long budgetBytes) {
        Map<Partition, List<ArchivedFile>> small = new TreeMap<>();
        for (ArchivedFile file : live) {
            if (file.bytes() < targetBytes * SMALL) {
                small.computeIfAbsent(file.partition(), p -> new ArrayList<>()).add(file);
            }
        }
        List<Group> groups = new ArrayList<>();
        small.forEach((partition, files) -> cut(partition, files, groupBytes, groups));
        List<Group> within = new ArrayList<>();
        long spent = 0;
        for (Group group : groups) {
            spent += group.bytes();
            if (spent > budgetBytes && !within.isEmpty()) {
                break;
            }
            within.add(group);
        }
        return within;
    }

    private static void cut(
            Partition partition, List<ArchivedFile> files, long groupBytes, List<Group> groups) {
        files.sort(Comparator.comparing(ArchivedFile::key));
        List<ArchivedFile> open = new ArrayList<>();
        long bytes = 0;
        for (ArchivedFile file : files) {
            if (!open.isEmpty() && bytes + file.bytes() > groupBytes) {
                add(partition, open, groups);
                open = new ArrayList<>();
                bytes = 0;
            }
            open.add(file);
            bytes += file.bytes();
        }
        add(partition, open, groups);
    }

    private static void add(Partition partition, List<ArchivedFile> files, List<Group> groups) {
        if (files.size() > 1) {
            groups.add(new Group(partition, List.copyOf(files)));
        }
    }
}
