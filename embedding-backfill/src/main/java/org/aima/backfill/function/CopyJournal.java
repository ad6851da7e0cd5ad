package org.aima.backfill.function;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.aima.jobs.error.AimaException;
import org.aima.jobs.model.Reject;
import org.aima.stores.DocumentStore;
import org.bson.BsonArray;
import org.bson.BsonBinary;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonNull;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * What a run durably knows of its copy: the frozen ranges and which of them are done ({@value
 * #RANGES}), and a hash of every row it ever sent to the target ({@value #WRITTEN}).
 *
 * <p>Every write is by a deterministic key or adds a document of its own; all of them may be
 * repeated.
 */
public final class CopyJournal implements AutoCloseable {
    public static final String RANGES = "backfill_ranges";
    public static final String WRITTEN = "backfill_written";
    private static final String DEAD_LETTERS = "dead_letters";
    private static final int BATCH = 500;

    private final DocumentStore documents;
    private final String runId;

    public CopyJournal(DocumentStore documents, String runId) {
        this.documents = documents;
        this.runId = runId;
    }

    /**
     * A frozen range of keys in one partition of the source: {@code after < key <= upTo}.
     *
     * @param cuts keys at which its pages end, but for the last
     * @param done whether all its rows are in the target
     * @param counts figures of a range that is done, by name
     */
    public record Range(
            int number,
            String partition,
            @Nullable String after,
            @Nullable String upTo,
            List<String> cuts,
            boolean done,
            Map<String, Long> counts,
            List<Double> searchMillis) {

        public static Range frozen(
                int number,
                String partition,
                @Nullable String after,
                @Nullable String upTo,
                List<String> cuts) {
            return new Range(number, partition, after, upTo, cuts, false, Map.of(), List.of());
        }
    }

    /** Deletes the ranges of an attempt to freeze that was interrupted. */
    public void clear() {
        List<BsonDocument> stale =
                documents.findIn(RANGES, "run_id", List.of(new BsonString(runId)), List.of("_id"));
        for (int from = 0; from < stale.size(); from += BATCH) {
            documents.delete(RANGES, stale.subList(from, Math.min(stale.size(), from + BATCH)));
        }
    }

    /** Notes ranges as frozen; idempotent. */
    public void freeze(List<Range> ranges) {
        List<BsonDocument> batch = new ArrayList<>();
        for (Range range : ranges) {
            batch.add(document(range));
            if (batch.size() == BATCH) {
                documents.replace(RANGES, batch);
                batch.clear();
            }
        }
        documents.replace(RANGES, batch);
    }

    /** All ranges in order. */
    public List<Range> ranges() {
        return documents
                .findIn(RANGES, "run_id", List.of(new BsonString(runId)), List.of())
                .stream()
                .map(CopyJournal::range)
                .sorted(Comparator.comparingInt(Range::number))
                .toList();
    }

    /** One range as it is now. */
    public Range range(int number) {
        Optional<BsonDocument> found =
                documents.findOne(RANGES, new BsonDocument("_id", id(number)));
        return found.map(CopyJournal::range)
                .orElseThrow(
                        () ->
                                AimaException.failed(
                                        "run "
                                                + runId
                                                + " has no range "
                                                + number
                                                + "; its journal was deleted",
                                        null));
    }

    /** Marks a range as done; its rows and dead letters must be durable before. */
    public void done(Range range, Map<String, Long> counts, List<Double> searchMillis) {
        documents.replace(
                RANGES,
                List.of(
                        document(
                                new Range(
                                        range.number(),
                                        range.partition(),
                                        range.after(),
                                        range.upTo(),
                                        range.cuts(),
                                        true,
                                        counts,
                                        searchMillis))));
    }

    /**
     * Notes rows that are about to be written to the target; durable on return.
     *
     * @param range of the copy, or a negative number for a round of catch-up
     * @param attempt unlike every other one
     * @param hashes of placed contents
     */
    public void noteWritten(int range, String attempt, long[] hashes) {
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES * hashes.length);
        for (long hash : hashes) {
            bytes.putLong(hash);
        }
        BsonDocument note =
                new BsonDocument("_id", new BsonString(runId + "/" + range + "/" + attempt));
        note.put("run_id", new BsonString(runId));
        note.put("range", new BsonString(runId + "/" + range));
        note.put("hashes", new BsonBinary(bytes.array()));
        documents.replace(WRITTEN, List.of(note));
    }

    /**
     * Which of some hashes are of rows that this run sent to the target.
     *
     * @param rounds of catch-up so far
     */
    public Set<Long> writtenAmong(Set<Long> hashes, int rounds) {
        Set<Long> found = new HashSet<>();
        if (hashes.isEmpty()) {
            return found;
        }
        List<BsonValue> names = new ArrayList<>();
        List<Range> ranges = ranges();
        for (int number = -rounds; number < ranges.size(); number++) {
            names.add(new BsonString(runId + "/" + number));
            if (names.size() == 64 || number == ranges.size() - 1) {
                for (BsonDocument note :
                        documents.findIn(WRITTEN, "range", names, List.of("hashes"))) {
                    ByteBuffer bytes = ByteBuffer.wrap(note.getBinary("hashes").getData());
                    while (bytes.hasRemaining()) {
                        long hash = bytes.getLong();
                        if (hashes.contains(hash)) {
                            found.add(hash);
                        }
                    }
                }
                names.clear();
            }
        }
        return found;
    }

    /** Writes dead letters, each under a key derived from its content; durable on return. */
    public void reject(List<Reject> rejects, long atMillis) {
        List<BsonDocument> letters = new ArrayList<>();
        for (Reject reject : rejects) {
            letters.add(reject.letter(runId, atMillis));
        }
        for (int from = 0; from < letters.size(); from += BATCH) {
            documents.replace(
                    DEAD_LETTERS, letters.subList(from, Math.min(letters.size(), from + BATCH)));
        }
    }

    /** Deletes what only an unfinished run needs. */
    public void forget() {
        List<BsonDocument> notes =
                documents.findIn(WRITTEN, "run_id", List.of(new BsonString(runId)), List.of("_id"));
        for (int from = 0; from < notes.size(); from += BATCH) {
            documents.delete(WRITTEN, notes.subList(from, Math.min(notes.size(), from + BATCH)));
        }
    }

    private BsonValue id(int number) {
        return new BsonString(runId + "/" + number);
    }

    private BsonDocument document(Range range) {
        BsonDocument document = new BsonDocument("_id", id(range.number()));
        document.put("run_id", new BsonString(runId));
        document.put("number", new BsonInt32(range.number()));
        document.put("partition", new BsonString(range.partition()));
        document.put("after", bson(range.after()));
        document.put("up_to", bson(range.upTo()));
        BsonArray cuts = new BsonArray();
        range.cuts().forEach(c -> cuts.add(new BsonString(c)));
        document.put("cuts", cuts);
        document.put("done", BsonBoolean.valueOf(range.done()));
        BsonArray counts = new BsonArray();
        range.counts()
                .forEach(
                        (name, count) ->
                                counts.add(
                                        new BsonDocument("name", new BsonString(name))
                                                .append("count", new BsonInt64(count))));
        document.put("counts", counts);
        BsonArray searches = new BsonArray();
        range.searchMillis().forEach(m -> searches.add(new BsonDouble(m)));
        document.put("search_millis", searches);
        return document;
    }

    private static BsonValue bson(@Nullable String value) {
        return value == null ? BsonNull.VALUE : new BsonString(value);
    }

    private static @Nullable String text(@Nullable BsonValue value) {
        return value != null && value.isString() ? value.asString().getValue() : null;
    }

    private static Range range(BsonDocument document) {
        List<String> cuts = new ArrayList<>();
        document.getArray("cuts").forEach(c -> cuts.add(c.asString().getValue()));
        Map<String, Long> counts = new TreeMap<>();
        document.getArray("counts")
                .forEach(
                        c ->
                                counts.put(
                                        c.asDocument().getString("name").getValue(),
                                        c.asDocument().getInt64("count").getValue()));
        List<Double> searches = new ArrayList<>();
        document.getArray("search_millis").forEach(m -> searches.add(m.asDouble().getValue()));
        return new Range(
                document.getInt32("number").getValue(),
                document.getString("partition").getValue(),
                text(document.get("after")),
                text(document.get("up_to")),
                cuts,
                document.getBoolean("done").getValue(),
                counts,
                searches);
    }

    @Override
    public void close() {
        documents.close();
    }
}
