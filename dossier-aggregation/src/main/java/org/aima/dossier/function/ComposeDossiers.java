package org.aima.dossier.function;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.aima.dossier.core.ComposeInput;
import org.aima.dossier.core.DossierComposer;
import org.aima.dossier.core.DossierWrite;
import org.aima.dossier.core.Section;
import org.aima.dossier.core.StoredDossier;
import org.aima.jobs.model.BsonBytes;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/** Composes each dossier and compares it with the stored one; memory: one document of each. */
public final class ComposeDossiers
        extends KeyedProcessFunction<String, ComposeInput, DossierWrite> {
    private static final long serialVersionUID = 1L;

    private transient @Nullable ListState<ComposeInput> inputs;

    @Override
    public void open(OpenContext context) {
        inputs =
                getRuntimeContext()
                        .getListState(new ListStateDescriptor<>("inputs", ComposeInput.class));
    }

    @Override
    public void processElement(ComposeInput input, Context context, Collector<DossierWrite> out)
            throws Exception {
        Objects.requireNonNull(inputs).add(input);
        context.timerService().registerEventTimeTimer(AttributeResults.END_OF_KEY);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<DossierWrite> out)
            throws Exception {
        StoredDossier dossier = null;
        byte[] metadata = null;
        List<Section> sections = new ArrayList<>();
        for (ComposeInput input : Objects.requireNonNull(inputs).get()) {
            dossier = input.dossier() == null ? dossier : input.dossier();
            metadata = input.metadata() == null ? metadata : input.metadata();
            Section section = input.section();
            if (section != null) {
                sections.add(section);
            }
        }
        inputs.clear();
        out.collect(
                DossierComposer.compose(
                        Objects.requireNonNull(dossier),
                        BsonBytes.decode(Objects.requireNonNull(metadata)),
                        sections));
    }
}
