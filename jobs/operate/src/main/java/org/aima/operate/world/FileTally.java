package org.aima.operate.world;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.aima.jobs.model.Reject;
import org.aima.stores.DocumentStore;
import org.bson.BsonDocument;

/** Counts the lines of one file and writes the rejected ones to {@code dead_letters}. */
final class FileTally {
    private static final String DEAD_LETTERS = "dead_letters";
    private static final int BATCH = 500;

    private final WorldDirectory.DataFile file;
    private final String runId;
    private final DocumentStore documents;
    private final Clock clock;
    private final Map<String, Long> reasons = new TreeMap<>();
    private final List<BsonDocument> letters = new ArrayList<>();
    private long read;
    private long written;
    private long unchanged;
    private long rejected;

    FileTally(WorldDirectory.DataFile file, String runId, DocumentStore documents, Clock clock) {
        this.file = file;
        this.runId = runId;
        this.documents = documents;
        this.clock = clock;
    }

    void read() {
        read++;
    }

    void written(long lines) {
        written += lines;
    }

    void unchanged(long lines) {
        unchanged += lines;
    }

    void rejected(long line, BadLineException problem, String excerpt) {
        rejected++;
        reasons.merge(problem.reason(), 1L, Long::sum);
        Reject reject =
                new Reject(
                        file.name() + ":" + line,
                        problem.key(),
                        problem.reason(),
                        problem.detail(),
                        excerpt);
        letters.add(reject.letter(runId, clock.millis()));
        if (letters.size() >= BATCH) {
            flush();
        }
    }

    LoadReport.FileCount finish() {
        flush();
        return new LoadReport.FileCount(
                file.name(), file.collection(), read, written, unchanged, rejected, reasons);
    }

    private void flush() {
        if (!letters.isEmpty()) {
            documents.replace(DEAD_LETTERS, letters);
            letters.clear();
        }
    }
}
