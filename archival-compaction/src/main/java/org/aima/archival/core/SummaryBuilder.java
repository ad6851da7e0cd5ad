package org.aima.archival.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.bson.BsonArray;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.jspecify.annotations.Nullable;

/**
 * Builds the {@code analysis_summaries} of one file: a document for each run of rows of one medium
 * in one row group. Rows come in file order; rows whose document stayed in MongoDB are passed over.
 *
 * <p>The documents are additive and name the file they describe, so they are replaced with it.
 */
public final class SummaryBuilder {
    /** More ids would make documents that are slow to read; MongoDB's own limit is far above. */
    static final int MAX_RESULTS = 5_000;

    private final String key;
    private final List<Group> groups;
    private final List<BsonDocument> done = new ArrayList<>();
    private @Nullable Open open;

    /**
     * A row group: its first row's number in the file, and its pages of documents.
     *
     * @param rows in it
     */
    public record Group(long firstRow, long rows, List<Page> pages) {}

    /**
     * A page of documents.
     *
     * @param firstRow its first row's number in the row group
     */
    public record Page(long offset, int bytes, long firstRow) {}

    /** One archived result where it lies. */
    public record Pointer(
            String key, int rowGroup, long row, long pageOffset, int pageBytes, long rowInPage) {}

    public SummaryBuilder(String key, List<Group> groups) {
        this.key = key;
        this.groups = groups;
    }

    private static final class Open {
        private final String mediaId;
        private final String analysisType;
        private final int group;
        private final long firstRow;
        private final List<String> resultIds = new ArrayList<>();
        private final Map<String, Long> classes = new HashMap<>();
        private final TreeSet<String> persons = new TreeSet<>();
        private long minTimestamp = Long.MAX_VALUE;
        private long maxTimestamp = Long.MIN_VALUE;
        private double start = Double.POSITIVE_INFINITY;
        private double end = Double.NEGATIVE_INFINITY;
        private double minConfidence = Double.POSITIVE_INFINITY;
        private double maxConfidence = Double.NEGATIVE_INFINITY;
        private double sumConfidence;
        private long confidences;

        Open(String mediaId, String analysisType, int group, long firstRow) {
            this.mediaId = mediaId;
            this.analysisType = analysisType;
            this.group = group;
            this.firstRow = firstRow;
        }
    }

    /**
     * @param row its number in the file, ascending
     */
    public void add(long row, byte[] document, @Nullable String personId) {
        ResultFields fields = ResultFields.of(document);
        int group = groupOf(row);
        String media = String.valueOf(fields.mediaId());
        String type = String.valueOf(fields.analysisType());
        Open current = open;
        boolean goesOn =
                current != null
                        && current.group == group
                        && current.mediaId.equals(media)
                        && current.analysisType.equals(type)
                        && current.firstRow + current.resultIds.size() == row
                        && current.resultIds.size() < MAX_RESULTS;
        if (!goesOn) {
            close();
            current = new Open(media, type, group, row);
            open = current;
        }
        add(Objects.requireNonNull(current), fields, personId);
    }

    private static void add(Open into, ResultFields fields, @Nullable String personId) {
        into.resultIds.add(String.valueOf(fields.resultId()));
        Long time = fields.timestampMillis();
        if (time != null) {
            into.minTimestamp = Math.min(into.minTimestamp, time);
            into.maxTimestamp = Math.max(into.maxTimestamp, time);
        }
        Double start = fields.startSeconds();
        Double end = fields.endSeconds();
        into.start = start == null ? into.start : Math.min(into.start, start);
        into.end = end == null ? into.end : Math.max(into.end, end);
        Double confidence = fields.confidence();
        if (confidence != null && !confidence.isNaN()) {
            into.minConfidence = Math.min(into.minConfidence, confidence);
            into.maxConfidence = Math.max(into.maxConfidence, confidence);
            into.sumConfidence += confidence;
            into.confidences++;
        }
        if (fields.objectClass() != null) {
            into.classes.merge(fields.objectClass(), 1L, Long::sum);
        }
        String person = personId == null ? fields.ownPersonId() : personId;
        if (person != null) {
            into.persons.add(person);
        }
    }

    private int groupOf(long row) {
        for (int g = 0; g < groups.size(); g++) {
            if (row < groups.get(g).firstRow() + groups.get(g).rows()) {
                return g;
            }
        }
        throw new IllegalArgumentException("row " + row + " is not in " + key);
    }

    private void close() {
        Open o = open;
        open = null;
        if (o == null) {
            return;
        }
        Group group = groups.get(o.group);
        long first = o.firstRow - group.firstRow();
        int rows = o.resultIds.size();
        BsonDocument out =
                new BsonDocument("_id", new BsonString(key + "#" + o.firstRow))
                        .append("media_id", new BsonString(o.mediaId))
                        .append("analysis_type", new BsonString(o.analysisType))
                        .append("count", new BsonInt64(rows))
                        .append("first_timestamp", new BsonDateTime(o.minTimestamp))
                        .append("last_timestamp", new BsonDateTime(o.maxTimestamp));
        if (o.start <= o.end) {
            out.append(
                    "time_range",
                    new BsonDocument("start_seconds", new BsonDouble(o.start))
                            .append("end_seconds", new BsonDouble(o.end)));
        }
        BsonDocument confidence = new BsonDocument("count", new BsonInt64(o.confidences));
        if (o.confidences > 0) {
            confidence
                    .append("min", new BsonDouble(o.minConfidence))
                    .append("max", new BsonDouble(o.maxConfidence))
                    .append("mean", new BsonDouble(o.sumConfidence / o.confidences))
                    .append("sum", new BsonDouble(o.sumConfidence));
        }
        out.append("confidence", confidence);
        BsonArray classes = new BsonArray();
        new TreeMap<>(o.classes)
                .forEach(
                        (name, count) ->
                                classes.add(
                                        new BsonDocument("name", new BsonString(name))
                                                .append("count", new BsonInt64(count))));
        out.append("classes", classes);
        out.append("persons", strings(o.persons));
        out.append("file", new BsonString(key));
        out.append("row_group", new BsonInt32(o.group));
        out.append("first_row", new BsonInt64(first));
        out.append("pages", pages(group, first, rows));
        out.append("result_ids", strings(o.resultIds));
        done.add(out);
    }

    private static BsonArray strings(Iterable<String> values) {
        BsonArray array = new BsonArray();
        values.forEach(v -> array.add(new BsonString(v)));
        return array;
    }

    private static BsonArray pages(Group group, long first, int rows) {
        BsonArray out = new BsonArray();
        List<Page> pages = group.pages();
        for (int p = 0; p < pages.size(); p++) {
            long next = p + 1 < pages.size() ? pages.get(p + 1).firstRow() : group.rows();
            if (next > first && pages.get(p).firstRow() < first + rows) {
                out.add(
                        new BsonDocument("offset", new BsonInt64(pages.get(p).offset()))
                                .append("bytes", new BsonInt32(pages.get(p).bytes()))
                                .append("first_row", new BsonInt64(pages.get(p).firstRow())));
            }
        }
        return out;
    }

    /** The documents of all rows added since the last call. */
    public List<BsonDocument> build() {
        close();
        List<BsonDocument> out = List.copyOf(done);
        done.clear();
        return out;
    }

    /** Takes those of the results that a summary names out of its count. */
    public static void markRestored(BsonDocument summary, Set<String> resultIds) {
        BsonArray names = summary.getArray("result_ids");
        BsonArray restored = new BsonArray();
        names.stream()
                .filter(id -> resultIds.contains(id.asString().getValue()))
                .forEach(restored::add);
        if (!restored.isEmpty()) {
            summary.append("restored", restored);
            summary.append("count", new BsonInt64((long) names.size() - restored.size()));
        }
    }

    /**
     * Where a summary says that a result lies, or null when it does not name it.
     *
     * @param summary a document of {@link #build}
     */
    public static @Nullable Pointer pointer(BsonDocument summary, String resultId) {
        int index = summary.getArray("result_ids").indexOf(new BsonString(resultId));
        if (index < 0) {
            return null;
        }
        long row = summary.getNumber("first_row").longValue() + index;
        Pointer found = null;
        for (var value : summary.getArray("pages")) {
            BsonDocument page = value.asDocument();
            long first = page.getNumber("first_row").longValue();
            if (first <= row) {
                found =
                        new Pointer(
                                summary.getString("file").getValue(),
                                summary.getNumber("row_group").intValue(),
                                row,
                                page.getNumber("offset").longValue(),
                                page.getNumber("bytes").intValue(),
                                row - first);
            }
        }
        return found;
    }
}
