package org.aima.operate.world;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a load did.
 *
 * @param runId under which rejected lines are found in {@code dead_letters}
 * @param notes what a person should know besides the counts
 */
public record LoadReport(String runId, List<FileCount> files, List<String> notes) {

    public LoadReport {
        files = List.copyOf(files);
        notes = List.copyOf(notes);
    }

    /** The sum over all files: read = written + unchanged + rejected. */
    public FileCount total() {
        long read = 0;
        long written = 0;
        long unchanged = 0;
        long rejected = 0;
        Map<String, Long> reasons = new TreeMap<>();
        for (FileCount file : files) {
            read += file.read();
            written += file.written();
            unchanged += file.unchanged();
            rejected += file.rejected();
            file.reasons().forEach((reason, count) -> reasons.merge(reason, count, Long::sum));
        }
        return new FileCount("total", "", read, written, unchanged, rejected, reasons);
    }

    /**
     * The lines of one file.
     *
     * @param reasons rejected lines by fixed word
     */
    public record FileCount(
            String file,
            String collection,
            long read,
            long written,
            long unchanged,
            long rejected,
            Map<String, Long> reasons) {
        public FileCount {
            reasons = Map.copyOf(reasons);
        }
    }
}
