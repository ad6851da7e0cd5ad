package org.aima.personclustering.function;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.aima.jobs.pipeline.JobMetric;
import org.aima.personclustering.core.Arrival;
import org.aima.personclustering.core.ExemplarIndex;
import org.aima.personclustering.core.PersonSnapshot;
import org.aima.personclustering.core.SimilarityKernel;
import org.aima.personclustering.core.SpacePersons;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * Names for each new embedding the persons one of whose exemplars it resembles; compares some at a
 * time, so that the exemplars pass through the processor's cache once for all of them.
 *
 * <p>Each task holds the exemplars of everybody. No state: what is gathered passes before a
 * checkpoint.
 */
public final class NameCandidates extends AbstractStreamOperator<Arrival>
        implements OneInputStreamOperator<Arrival, Arrival>, BoundedOneInput {
    private static final long serialVersionUID = 1L;
    private static final int TILE = 64;
    private static final long LONGEST_WAIT_MILLIS = 20;

    private final PersonReader.Factory readers;
    private final long refreshMillis;
    private transient @Nullable PersonFeed feed;
    private transient @Nullable SimilarityKernel kernel;
    private transient @Nullable PersonSnapshot indexed;
    private transient @Nullable Map<String, ExemplarIndex> indexes;
    private transient @Nullable Map<String, List<Arrival>> gathered;
    private transient boolean timed;

    public NameCandidates(PersonReader.Factory readers, long refreshMillis) {
        this.readers = readers;
        this.refreshMillis = refreshMillis;
    }

    @Override
    public void open() throws Exception {
        super.open();
        kernel = new SimilarityKernel();
        gathered = new TreeMap<>();
        indexes = new HashMap<>();
        PersonFeed opened = new PersonFeed(readers, refreshMillis);
        feed = opened;
        JobMetric.group(getMetricGroup())
                .gauge("persons_age_seconds", (Gauge<Long>) opened::ageSeconds);
    }

    @Override
    public void processElement(StreamRecord<Arrival> record) {
        Arrival arrival = record.getValue();
        List<Arrival> same =
                Objects.requireNonNull(gathered)
                        .computeIfAbsent(arrival.space(), s -> new ArrayList<>());
        same.add(arrival);
        if (same.size() >= TILE) {
            pass(arrival.space(), same);
        } else if (!timed) {
            timed = true;
            getProcessingTimeService()
                    .registerTimer(
                            getProcessingTimeService().getCurrentProcessingTime()
                                    + LONGEST_WAIT_MILLIS,
                            time -> {
                                timed = false;
                                passAll();
                            });
        }
    }

    private void passAll() {
        Objects.requireNonNull(gathered).forEach(this::pass);
    }

    private void pass(String space, List<Arrival> arrivals) {
        if (arrivals.isEmpty()) {
            return;
        }
        PersonSnapshot latest = Objects.requireNonNull(feed).latest();
        Map<String, ExemplarIndex> known = Objects.requireNonNull(indexes);
        if (latest != indexed) {
            known.clear();
            indexed = latest;
        }
        SpacePersons persons = latest.space(space);
        String[][] candidates = null;
        if (persons != null) {
            candidates =
                    known.computeIfAbsent(
                                    space,
                                    s ->
                                            new ExemplarIndex(
                                                    Objects.requireNonNull(kernel),
                                                    persons,
                                                    arrivals.get(0).observation().vector().length))
                            .candidates(
                                    arrivals.stream().map(a -> a.observation().vector()).toList());
        }
        for (int i = 0; i < arrivals.size(); i++) {
            output.collect(
                    new StreamRecord<>(
                            new Arrival(
                                    arrivals.get(i).observation(),
                                    arrivals.get(i).arrivedMillis(),
                                    candidates == null ? new String[0] : candidates[i])));
        }
        arrivals.clear();
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) {
        passAll();
    }

    @Override
    public void endInput() {
        passAll();
    }

    @Override
    public void close() throws Exception {
        if (feed != null) {
            feed.close();
            feed = null;
        }
        if (kernel != null) {
            kernel.close();
            kernel = null;
        }
        super.close();
    }
}
