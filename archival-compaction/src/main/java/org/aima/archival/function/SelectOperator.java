package org.aima.archival.function;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.aima.archival.core.Candidate;
import org.aima.archival.core.MediaFact;
import org.aima.archival.core.MediaFacts;
import org.aima.archival.core.Partition;
import org.aima.archival.core.RestoredFrom;
import org.aima.archival.core.ResultFields;
import org.aima.archival.core.SelectedResult;
import org.aima.archival.core.SelectionRules;
import org.aima.jobs.model.Figure;
import org.aima.jobs.model.Reject;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedMultiInput;
import org.apache.flink.streaming.api.operators.InputSelectable;
import org.apache.flink.streaming.api.operators.InputSelection;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * Decides which results are archived. Facts about media come first, then results pass one by one;
 * both are partitioned by media id. Memory: the facts of this task's media. Bounded input only.
 */
public final class SelectOperator extends AbstractStreamOperator<SelectedResult>
        implements TwoInputStreamOperator<MediaFact, Candidate, SelectedResult>,
                BoundedMultiInput,
                InputSelectable {
    /** Documents that cannot be archived. */
    public static final OutputTag<Reject> REJECTS =
            new OutputTag<>("rejects", TypeInformation.of(Reject.class));

    /** How many were read, held back and rejected. */
    public static final OutputTag<Figure> FIGURES =
            new OutputTag<>("figures", TypeInformation.of(Figure.class));

    private static final long serialVersionUID = 1L;
    private static final int FACTS_INPUT = 1;
    private static final int RESULTS_INPUT = 2;

    private final SelectionRules rules;
    private final Map<String, Integer> slices;
    private final CrashHook crash;
    private transient @Nullable MediaFacts facts;
    private transient @Nullable Map<String, Long> counts;
    private transient boolean factsComplete;

    /**
     * @param slices of a partition by its path, where there is more than one
     */
    public SelectOperator(SelectionRules rules, Map<String, Integer> slices, CrashHook crash) {
        this.rules = rules;
        this.slices = new TreeMap<>(slices);
        this.crash = crash;
    }

    @Override
    public void open() throws Exception {
        super.open();
        facts = new MediaFacts();
        counts = new TreeMap<>();
        factsComplete = false;
    }

    @Override
    public InputSelection nextSelection() {
        return factsComplete ? InputSelection.SECOND : InputSelection.FIRST;
    }

    @Override
    public void processElement1(StreamRecord<MediaFact> record) {
        Objects.requireNonNull(facts).add(record.getValue());
    }

    @Override
    public void processElement2(StreamRecord<Candidate> record) {
        byte[] document = record.getValue().document();
        count("read");
        Optional<SelectionRules.Defect> defect = SelectionRules.defect(document);
        if (defect.isPresent()) {
            reject(document, defect.get());
            return;
        }
        ResultFields fields = ResultFields.of(document);
        String hold = rules.holdOf(fields, document);
        String media = Objects.requireNonNull(fields.mediaId());
        if (hold.isEmpty()) {
            hold = Objects.requireNonNullElse(Objects.requireNonNull(facts).hold(media), "");
        }
        if (!hold.isEmpty()) {
            count("held." + hold);
            return;
        }
        crash.reached(CrashHook.SELECTED_FIRST);
        Partition partition =
                Partition.of(
                        Objects.requireNonNull(fields.analysisType()),
                        Objects.requireNonNull(fields.timestampMillis()));
        String person =
                Objects.requireNonNull(facts).person(Objects.requireNonNull(fields.resultId()));
        count("selected");
        output.collect(
                new StreamRecord<>(
                        new SelectedResult(
                                partition.analysisType(),
                                partition.year(),
                                partition.month(),
                                SelectionRules.slice(
                                        media, slices.getOrDefault(partition.path(), 1)),
                                person == null ? "" : person,
                                fields.restored() ? RestoredFrom.strip(document) : document)));
    }

    private void reject(byte[] document, SelectionRules.Defect defect) {
        count("rejected");
        count("rejected." + defect.reason());
        String key = "";
        try {
            key = Objects.requireNonNullElse(ResultFields.of(document).resultId(), "");
        } catch (IllegalArgumentException e) {
            // What cannot be read has no key to name.
        }
        output.collect(
                REJECTS,
                new StreamRecord<>(
                        new Reject(
                                "mongodb:analysis_results",
                                key,
                                defect.reason(),
                                defect.detail(),
                                java.util.HexFormat.of()
                                        .formatHex(document, 0, Math.min(document.length, 200)))));
    }

    private void count(String name) {
        Objects.requireNonNull(counts).merge(name, 1L, Long::sum);
    }

    @Override
    public void endInput(int input) {
        factsComplete |= input == FACTS_INPUT;
        if (input == RESULTS_INPUT) {
            Objects.requireNonNull(counts)
                    .forEach(
                            (name, amount) ->
                                    output.collect(
                                            FIGURES,
                                            new StreamRecord<>(Figure.count(name, amount))));
        }
    }
}
