package org.aima.dossier.function;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.aima.dossier.core.DossierChange;
import org.aima.dossier.core.DossierWrite;
import org.aima.jobs.model.Figure;
import org.aima.jobs.model.Reject;
import org.aima.jobs.pipeline.WriteGuard;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/** Publishes changed dossiers in batches and counts; a plan counts only. */
public final class PublishDossiers extends AbstractStreamOperator<Figure>
        implements OneInputStreamOperator<DossierWrite, Figure>, BoundedOneInput {
    public static final OutputTag<Reject> REJECTS =
            new OutputTag<>("rejects", TypeInformation.of(Reject.class));

    private static final long serialVersionUID = 1L;
    private static final int BATCH = 50;
    private static final int BATCH_BYTES = 16 << 20;

    private final DossierShelfFactory shelves;
    private final WriteGuard guard;
    private final boolean planOnly;
    private transient @Nullable DossierShelf shelf;
    private transient @Nullable List<DossierWrite> waiting;
    private transient long bytes;

    public PublishDossiers(DossierShelfFactory shelves, WriteGuard guard, boolean planOnly) {
        this.shelves = shelves;
        this.guard = guard;
        this.planOnly = planOnly;
    }

    @Override
    public void open() throws Exception {
        super.open();
        waiting = new ArrayList<>();
        bytes = 0;
    }

    @Override
    public void processElement(StreamRecord<DossierWrite> record) {
        DossierWrite write = record.getValue();
        if (write.kind() == DossierWrite.Kind.UNCHANGED) {
            count("unchanged", 1);
            return;
        }
        List<DossierWrite> batch = Objects.requireNonNull(waiting);
        batch.add(write);
        bytes += write.content().length + write.before().length;
        if (batch.size() >= BATCH || bytes >= BATCH_BYTES) {
            flush(batch);
        }
    }

    @Override
    public void endInput() {
        flush(Objects.requireNonNull(waiting));
    }

    private void flush(List<DossierWrite> batch) {
        if (batch.isEmpty()) {
            return;
        }
        List<DossierShelf.Answer> answers = new ArrayList<>();
        if (planOnly) {
            batch.forEach(w -> answers.add(DossierShelf.Answer.PUBLISHED));
        } else {
            guard.check();
            if (shelf == null) {
                shelf = shelves.open();
            }
            answers.addAll(Objects.requireNonNull(shelf).publish(batch));
        }
        for (int i = 0; i < batch.size(); i++) {
            if (answers.get(i).published()) {
                told(batch.get(i));
            } else {
                output.collect(REJECTS, new StreamRecord<>(reject(batch.get(i), answers.get(i))));
            }
        }
        batch.clear();
        bytes = 0;
    }

    private static Reject reject(DossierWrite write, DossierShelf.Answer answer) {
        return new Reject(
                "mongo:dossiers",
                write.dossierId(),
                answer.reason(),
                answer.detail(),
                "computed for version " + write.version());
    }

    private void told(DossierWrite write) {
        DossierChange change = write.change();
        count("written", 1);
        count("persons.added", change.personsAdded());
        count("persons.removed", change.personsRemoved());
        count("persons.changed", change.personsChanged());
        count("events.added", change.eventsAdded());
        count("events.removed", change.eventsRemoved());
        count("events.changed", change.eventsChanged());
        count("summaries.stale", change.summaryStale() ? 1 : 0);
        count("pages", write.pageIds().length);
        output.collect(
                new StreamRecord<>(
                        Figure.fact(CollectSummary.DIFFERENCE + write.dossierId(), change.told())));
    }

    private void count(String name, long amount) {
        output.collect(new StreamRecord<>(Figure.count(name, amount)));
    }

    @Override
    public void close() throws Exception {
        guard.close();
        if (shelf != null) {
            shelf.close();
            shelf = null;
        }
        super.close();
    }
}
