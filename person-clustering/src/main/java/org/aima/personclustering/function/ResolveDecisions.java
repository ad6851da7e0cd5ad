package org.aima.personclustering.function;

import java.util.List;
import java.util.Objects;
import org.aima.jobs.model.Figure;
import org.aima.personclustering.core.DecisionResolver;
import org.aima.personclustering.core.KnownIdentity;
import org.aima.personclustering.core.LinkRule;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * Turns decisions of people into rules about embeddings once all of them are known.
 *
 * <p>One task; memory is the ids of all persons' members. Bounded input only.
 */
public final class ResolveDecisions extends AbstractStreamOperator<LinkRule>
        implements OneInputStreamOperator<KnownIdentity, LinkRule>, BoundedOneInput {
    private static final long serialVersionUID = 1L;
    private static final int LISTED = 50;

    private transient @Nullable DecisionResolver resolver;

    @Override
    public void open() throws Exception {
        super.open();
        resolver = new DecisionResolver();
    }

    @Override
    public void processElement(StreamRecord<KnownIdentity> record) {
        KnownIdentity known = record.getValue();
        Objects.requireNonNull(resolver).add(known);
    }

    @Override
    public void endInput() {
        DecisionResolver complete = Objects.requireNonNull(resolver);
        for (LinkRule rule : complete.rules()) {
            output.collect(new StreamRecord<>(rule));
        }
        List<String> unusable = complete.unusable();
        for (int i = 0; i < Math.min(LISTED, unusable.size()); i++) {
            output.collect(
                    LinkOperator.FIGURES,
                    new StreamRecord<>(
                            Figure.fact(
                                    "constraint.unusable.%03d".formatted(i + 1), unusable.get(i))));
        }
        output.collect(
                LinkOperator.FIGURES,
                new StreamRecord<>(Figure.count("constraints.unusable", unusable.size())));
        resolver = null;
    }
}
