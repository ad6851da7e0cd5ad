package org.aima.dossier.function;

import java.util.Objects;
import org.aima.dossier.core.ChangeEvent;
import org.aima.dossier.core.ChangeEventReader;
import org.aima.dossier.core.ChangeMessage;
import org.aima.jobs.model.Reject;
import org.aima.jobs.pipeline.JobMetric;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/** Reads events; one that does not fit the schema becomes a dead letter, never a failure. */
public final class ReadChanges extends ProcessFunction<ChangeMessage, ChangeEvent> {
    public static final OutputTag<Reject> REJECTS =
            new OutputTag<>("rejects", TypeInformation.of(Reject.class));

    private static final long serialVersionUID = 1L;

    private final String topic;
    private transient @Nullable ChangeEventReader reader;
    private transient @Nullable Counter read;
    private transient @Nullable Counter rejected;

    public ReadChanges(String topic) {
        this.topic = topic;
    }

    @Override
    public void open(OpenContext context) {
        reader = new ChangeEventReader("kafka:" + topic);
        MetricGroup metrics = getRuntimeContext().getMetricGroup();
        read = JobMetric.EVENTS_READ.counter(metrics);
        rejected = JobMetric.EVENTS_REJECTED.counter(metrics);
    }

    @Override
    public void processElement(ChangeMessage message, Context context, Collector<ChangeEvent> out) {
        Objects.requireNonNull(read).inc();
        ChangeEventReader.Reading reading = Objects.requireNonNull(reader).read(message);
        ChangeEvent event = reading.event();
        if (event != null) {
            out.collect(event);
        } else {
            Objects.requireNonNull(rejected).inc();
            context.output(REJECTS, Objects.requireNonNull(reading.reject()));
        }
    }
}
