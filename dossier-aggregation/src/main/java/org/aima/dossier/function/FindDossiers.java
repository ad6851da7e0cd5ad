package org.aima.dossier.function;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.aima.dossier.core.ChangeEvent;
import org.aima.dossier.core.DossierTouch;
import org.aima.jobs.pipeline.JobMetric;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * Turns events into the dossiers they concern. Events are looked up together, and all that came
 * before a checkpoint are looked up before it, so that nothing has to be kept in state.
 */
public final class FindDossiers extends AbstractStreamOperator<DossierTouch>
        implements OneInputStreamOperator<ChangeEvent, DossierTouch> {
    private static final long serialVersionUID = 1L;
    private static final int BATCH = 500;
    private static final long LONGEST_MILLIS = 100;

    private final WorkerFactory<DossierFinder> finders;
    private transient @Nullable DossierFinder finder;
    private transient @Nullable List<ChangeEvent> waiting;
    private transient @Nullable Counter touched;
    private transient @Nullable Counter rows;

    public FindDossiers(WorkerFactory<DossierFinder> finders) {
        this.finders = finders;
    }

    @Override
    public void open() throws Exception {
        super.open();
        waiting = new ArrayList<>();
        finder = finders.open();
        MetricGroup metrics = JobMetric.group(getMetricGroup());
        touched = metrics.counter(RefreshMetrics.DOSSIERS_TOUCHED);
        rows = metrics.counter(RefreshMetrics.ROWS_READ);
    }

    @Override
    public void processElement(StreamRecord<ChangeEvent> record) {
        List<ChangeEvent> batch = Objects.requireNonNull(waiting);
        batch.add(record.getValue());
        if (batch.size() >= BATCH) {
            flush();
        } else if (batch.size() == 1) {
            getProcessingTimeService()
                    .registerTimer(
                            getProcessingTimeService().getCurrentProcessingTime() + LONGEST_MILLIS,
                            at -> flush());
        }
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) {
        flush();
    }

    @Override
    public void processWatermark(Watermark mark) throws Exception {
        // The last one lets dossiers go that still wait; those of these events are among them.
        flush();
        super.processWatermark(mark);
    }

    @Override
    public void finish() throws Exception {
        flush();
        super.finish();
    }

    private void flush() {
        List<ChangeEvent> batch = Objects.requireNonNull(waiting);
        if (batch.isEmpty()) {
            return;
        }
        DossierFinder.Found found = Objects.requireNonNull(finder).find(batch);
        long oldest = batch.stream().mapToLong(ChangeEvent::atMillis).min().orElse(0);
        batch.clear();
        Objects.requireNonNull(rows).inc(found.rows());
        Objects.requireNonNull(touched).inc(found.dossierIds().size());
        for (String dossierId : new TreeSet<>(found.dossierIds())) {
            output.collect(
                    new StreamRecord<>(
                            new DossierTouch(dossierId, DossierTouch.Cause.CHANGE, oldest)));
        }
    }

    @Override
    public void close() throws Exception {
        if (finder != null) {
            finder.close();
            finder = null;
        }
        super.close();
    }
}
