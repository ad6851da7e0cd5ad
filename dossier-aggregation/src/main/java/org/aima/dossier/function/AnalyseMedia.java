package org.aima.dossier.function;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.aima.dossier.core.AggregationRules;
import org.aima.dossier.core.DossierPart;
import org.aima.dossier.core.Facet;
import org.aima.dossier.core.ItemPart;
import org.aima.dossier.core.MediumAnalysis;
import org.aima.dossier.core.MediumInfo;
import org.aima.dossier.core.MediumInput;
import org.aima.dossier.core.MediumPart;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/**
 * Analyses each medium once and hands its parts to every dossier that lists it. Bounded input;
 * memory is the facets of one medium and the ids of its dossiers.
 */
public final class AnalyseMedia extends KeyedProcessFunction<String, MediumInput, DossierPart> {
    private static final long serialVersionUID = 1L;

    private final AggregationRules rules;
    private transient @Nullable MapState<String, Facet> facets;
    private transient @Nullable ValueState<MediumInfo> info;
    private transient @Nullable ListState<String> dossiers;

    public AnalyseMedia(AggregationRules rules) {
        this.rules = rules;
    }

    @Override
    public void open(OpenContext context) {
        facets =
                getRuntimeContext()
                        .getMapState(new MapStateDescriptor<>("facets", String.class, Facet.class));
        info = getRuntimeContext().getState(new ValueStateDescriptor<>("info", MediumInfo.class));
        dossiers =
                getRuntimeContext()
                        .getListState(new ListStateDescriptor<>("dossiers", String.class));
    }

    @Override
    public void processElement(MediumInput input, Context context, Collector<DossierPart> out)
            throws Exception {
        context.timerService().registerEventTimeTimer(AttributeResults.END_OF_KEY);
        Facet facet = input.facet();
        if (facet != null) {
            MapState<String, Facet> known = Objects.requireNonNull(facets);
            Facet before = known.get(facet.key());
            known.put(facet.key(), before == null ? facet : before.plus(facet, rules.gapMillis()));
        }
        MediumInfo document = input.info();
        if (document != null) {
            Objects.requireNonNull(info).update(document);
        }
        String dossierId = input.dossierId();
        if (dossierId != null) {
            Objects.requireNonNull(dossiers).add(dossierId);
        }
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<DossierPart> out)
            throws Exception {
        TreeSet<String> listing = new TreeSet<>();
        Objects.requireNonNull(dossiers).get().forEach(listing::add);
        if (!listing.isEmpty()) {
            List<Facet> known = new ArrayList<>();
            Objects.requireNonNull(facets).values().forEach(known::add);
            MediumAnalysis analysis =
                    new MediumAnalysis(
                            context.getCurrentKey(),
                            Objects.requireNonNull(info).value(),
                            known,
                            rules);
            MediumPart medium = analysis.medium();
            List<ItemPart> items = analysis.items();
            for (String dossierId : listing) {
                out.collect(new DossierPart(dossierId, null, medium));
                for (ItemPart item : items) {
                    out.collect(new DossierPart(dossierId, item, null));
                }
            }
        }
        Objects.requireNonNull(facets).clear();
        Objects.requireNonNull(info).clear();
        dossiers.clear();
    }
}
