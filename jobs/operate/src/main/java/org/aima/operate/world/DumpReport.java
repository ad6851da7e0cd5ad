package org.aima.operate.world;

import java.util.List;

/** What a dump wrote. */
public record DumpReport(List<FileCount> files) {

    public DumpReport {
        files = List.copyOf(files);
    }

    /** Lines of all files. */
    public long rows() {
        return files.stream().mapToLong(FileCount::rows).sum();
    }

    /** Lines of one file. */
    public record FileCount(String file, String collection, long rows) {}
}
