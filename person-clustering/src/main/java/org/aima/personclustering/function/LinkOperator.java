package org.aima.personclustering.function;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.aima.jobs.model.Figure;
import org.aima.personclustering.core.CalibratedLinking;
import org.aima.personclustering.core.CalibratedLinking.Clustering;
import org.aima.personclustering.core.LinkInput;
import org.aima.personclustering.core.LinkRule;
import org.aima.personclustering.core.LinkingParameters;
import org.aima.personclustering.core.Membership;
import org.aima.personclustering.core.NeighbourBlock;
import org.aima.personclustering.core.VectorBlock;
import org.aima.personclustering.core.VectorSet;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedMultiInput;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * Links the vectors of each space into clusters once all blocks and all neighbour lists are in.
 *
 * <p>One task: memory is all vectors plus 8 k bytes a vector for neighbours. Bounded input only.
 */
public final class LinkOperator extends AbstractStreamOperator<Membership>
        implements TwoInputStreamOperator<VectorBlock, LinkInput, Membership>, BoundedMultiInput {
    /** Thresholds, sizes and similarities for the report. */
    public static final OutputTag<Figure> FIGURES =
            new OutputTag<>("figures", TypeInformation.of(Figure.class));

    private static final long serialVersionUID = 1L;
    private static final int INPUTS = 2;
    private static final double BIN = 0.02;
    private static final int LISTED = 50;

    private final int k;
    private final Map<String, LinkingParameters> parametersByCollection;
    private transient @Nullable Map<String, Space> spaces;
    private transient @Nullable List<LinkRule> rules;
    private transient int ended;

    /**
     * @param parametersByCollection by embedding collection
     */
    public LinkOperator(int k, Map<String, LinkingParameters> parametersByCollection) {
        this.k = k;
        this.parametersByCollection = Map.copyOf(parametersByCollection);
    }

    private static final class Space {
        private final List<VectorBlock> blocks = new ArrayList<>();
        private final List<NeighbourBlock> neighbours = new ArrayList<>();
    }

    @Override
    public void open() throws Exception {
        super.open();
        spaces = new TreeMap<>();
        rules = new ArrayList<>();
        ended = 0;
    }

    @Override
    public void processElement1(StreamRecord<VectorBlock> record) {
        space(record.getValue().space()).blocks.add(record.getValue());
    }

    @Override
    public void processElement2(StreamRecord<LinkInput> record) {
        NeighbourBlock neighbours = record.getValue().neighbours();
        if (neighbours != null) {
            space(neighbours.space()).neighbours.add(neighbours);
        }
        LinkRule rule = record.getValue().rule();
        if (rule != null) {
            Objects.requireNonNull(rules).add(rule);
        }
    }

    private Space space(String name) {
        return Objects.requireNonNull(spaces).computeIfAbsent(name, s -> new Space());
    }

    @Override
    public void endInput(int input) {
        if (++ended < INPUTS) {
            return;
        }
        Map<String, Space> all = Objects.requireNonNull(spaces);
        all.forEach(this::link);
        all.clear();
    }

    private void link(String name, Space space) {
        String collection = name.substring(0, name.indexOf('/'));
        VectorSet vectors = new VectorSet(space.blocks);
        Clustering clustering =
                CalibratedLinking.cluster(
                        vectors,
                        consumer -> forEachNeighbour(vectors, space.neighbours, consumer),
                        k,
                        parametersByCollection.getOrDefault(collection, LinkingParameters.DEFAULT),
                        Objects.requireNonNull(rules),
                        collection);
        long[] genuine = new long[(int) (1 / BIN) + 1];
        long[] strangers = new long[(int) (1 / BIN) + 1];
        forEachNeighbour(
                vectors,
                space.neighbours,
                (from, to, similarity) -> {
                    int bin = (int) (Math.max(0, Math.min(1, similarity)) / BIN);
                    (clustering.labels()[from] == clustering.labels()[to] ? genuine : strangers)
                            [bin]++;
                });
        for (int i = 0; i < vectors.size(); i++) {
            output.collect(
                    new StreamRecord<>(
                            new Membership(
                                    name,
                                    collection,
                                    vectors.id(i),
                                    name + "\0" + vectors.id(clustering.labels()[i]),
                                    clustering.similarities()[i])));
        }
        figures(name, collection, clustering, genuine, strangers, vectors.size());
    }

    private void figures(
            String name,
            String collection,
            Clustering clustering,
            long[] genuine,
            long[] strangers,
            int size) {
        fact("space." + name + ".vectors", Integer.toString(size));
        fact("space." + name + ".threshold", decimal(clustering.threshold()));
        fact("space." + name + ".stranger_centre", decimal(clustering.calibration().centre()));
        fact("space." + name + ".stranger_spread", decimal(clustering.calibration().spread()));
        fact("space." + name + ".rounds", Integer.toString(clustering.rounds()));
        for (int i = 0; i < Math.min(LISTED, clustering.contradictions().size()); i++) {
            fact(
                    "contradiction.%s.%03d".formatted(name, i + 1),
                    clustering.contradictions().get(i));
        }
        count("contradictions", clustering.contradictions().size());
        long clusters = 0;
        for (int i = 0; i < size; i++) {
            clusters += clustering.labels()[i] == i ? 1 : 0;
        }
        count("clusters." + collection, clusters);
        for (int bin = 0; bin < genuine.length; bin++) {
            String at = String.format(Locale.ROOT, "%.2f", bin * BIN);
            count("similarity." + collection + ".within." + at, genuine[bin]);
            count("similarity." + collection + ".between." + at, strangers[bin]);
        }
    }

    private void count(String name, long amount) {
        if (amount > 0) {
            output.collect(FIGURES, new StreamRecord<>(Figure.count(name, amount)));
        }
    }

    private void fact(String name, String text) {
        output.collect(FIGURES, new StreamRecord<>(Figure.fact(name, text)));
    }

    private static String decimal(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }

    private static void forEachNeighbour(
            VectorSet vectors,
            List<NeighbourBlock> blocks,
            CalibratedLinking.PairConsumer consumer) {
        for (NeighbourBlock block : blocks) {
            int width = block.k();
            for (int at = 0; at < block.addresses().length; at++) {
                int neighbour = block.addresses()[at];
                if (neighbour != -1) {
                    consumer.accept(
                            vectors.indexOf(VectorBlock.address(block.block(), at / width)),
                            vectors.indexOf(neighbour),
                            block.similarities()[at]);
                }
            }
        }
    }
}
