package org.aima.archival.function;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.aima.archival.core.Partition;
import org.aima.archival.core.ResultFields;
import org.aima.archival.core.SelectedResult;
import org.aima.archival.parquet.ArchiveFileWriter;
import org.aima.archival.parquet.ArchiveRow;
import org.aima.archival.parquet.FileSettings;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/** Counts what would be archived, and writes a sample of it to see how small it becomes. */
public final class PlanOperator extends AbstractStreamOperator<PartitionPlan>
        implements OneInputStreamOperator<SelectedResult, PartitionPlan>, BoundedOneInput {
    private static final long serialVersionUID = 1L;
    private static final int SAMPLE_ROWS = 2_000;
    private static final int SAMPLE_BYTES = 16 << 20;

    private final FileSettings settings;
    private transient @Nullable Map<Partition, long[]> partitions;
    private transient @Nullable List<ArchiveRow> sample;
    private transient long sampleBytes;

    public PlanOperator(FileSettings settings) {
        this.settings = settings;
    }

    @Override
    public void open() throws Exception {
        super.open();
        partitions = new TreeMap<>();
        sample = new ArrayList<>();
        sampleBytes = 0;
    }

    @Override
    public void processElement(StreamRecord<SelectedResult> record) {
        SelectedResult result = record.getValue();
        byte[] document = result.document();
        Long time = ResultFields.of(document).timestampMillis();
        long[] sums =
                Objects.requireNonNull(partitions)
                        .computeIfAbsent(
                                result.partition(),
                                p -> new long[] {0, 0, Long.MAX_VALUE, Long.MIN_VALUE});
        sums[0]++;
        sums[1] += document.length;
        sums[2] = Math.min(sums[2], Objects.requireNonNull(time));
        sums[3] = Math.max(sums[3], time);
        List<ArchiveRow> rows = Objects.requireNonNull(sample);
        if (rows.size() < SAMPLE_ROWS && sampleBytes < SAMPLE_BYTES) {
            rows.add(
                    new ArchiveRow(
                            document, result.personId().isEmpty() ? null : result.personId()));
            sampleBytes += document.length;
        }
    }

    @Override
    public void endInput() throws Exception {
        long fileBytes = trial();
        boolean first = true;
        for (Map.Entry<Partition, long[]> entry : Objects.requireNonNull(partitions).entrySet()) {
            Partition p = entry.getKey();
            long[] sums = entry.getValue();
            output.collect(
                    new StreamRecord<>(
                            new PartitionPlan(
                                    p.analysisType(),
                                    p.year(),
                                    p.month(),
                                    sums[0],
                                    sums[1],
                                    sums[2],
                                    sums[3],
                                    first ? sampleBytes : 0,
                                    first ? fileBytes : 0)));
            first = false;
        }
    }

    private long trial() throws IOException {
        List<ArchiveRow> rows = Objects.requireNonNull(sample);
        if (rows.isEmpty()) {
            return 0;
        }
        rows.sort(
                Comparator.comparing(
                        (ArchiveRow r) -> String.valueOf(ResultFields.of(r.document()).mediaId())));
        Path directory = WorkDirectory.of(this);
        Files.createDirectories(directory);
        Path local = Files.createTempFile(directory, "plan", ".parquet");
        Partition any = Objects.requireNonNull(partitions).keySet().iterator().next();
        try (ArchiveFileWriter writer =
                new ArchiveFileWriter(
                        local,
                        "plan",
                        any,
                        settings,
                        new ArchiveFileWriter.Distinct(
                                rows.size(), rows.size() / 10, rows.size() / 100))) {
            for (ArchiveRow row : rows) {
                writer.add(row);
            }
            return writer.finish(0, 0).bytes();
        } finally {
            Files.deleteIfExists(local);
        }
    }
}
