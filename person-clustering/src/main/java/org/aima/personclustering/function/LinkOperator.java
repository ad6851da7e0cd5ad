package org.aima.personclustering.function;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.aima.jobs.error.RunRefusedException;
import org.aima.jobs.model.Figure;
import org.aima.personclustering.core.CalibratedLinking;
import org.aima.personclustering.core.CalibratedLinking.Clustering;
import org.aima.personclustering.core.CellMerges;
import org.aima.personclustering.core.LinkInput;
import org.aima.personclustering.core.LinkRule;
import org.aima.personclustering.core.LinkingParameters;
import org.aima.personclustering.core.Membership;
import org.aima.personclustering.core.NamedNeighbours;
import org.aima.personclustering.core.NeighbourBlock;
import org.aima.personclustering.core.NeighbourRecall;
import org.aima.personclustering.core.SimilarityCurve;
import org.aima.personclustering.core.SpillFile;
import org.aima.personclustering.core.VectorBlock;
import org.aima.personclustering.core.VectorSet;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedMultiInput;
import org.apache.flink.streaming.api.operators.InputSelectable;
import org.apache.flink.streaming.api.operators.InputSelection;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.StreamTask;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * Links the vectors of each space into clusters: takes in all vectors, then their neighbours.
 *
 * <p>One task, after what is beyond doubt was linked by the tasks that own cells. Vectors, pairs of
 * neighbours and the sums of clusters go to a mapped file; the heap holds ids and some 100 bytes
 * beside each. Bounded input only.
 */
public final class LinkOperator extends AbstractStreamOperator<Membership>
        implements TwoInputStreamOperator<VectorBlock, LinkInput, Membership>,
                BoundedMultiInput,
                InputSelectable {
    /** Thresholds, sizes and similarities for the report. */
    public static final OutputTag<Figure> FIGURES =
            new OutputTag<>("figures", TypeInformation.of(Figure.class));

    private static final long serialVersionUID = 1L;
    private static final int VECTORS_INPUT = 1;
    private static final double BIN = 0.02;
    private static final int LISTED = 50;
    private static final double PERCENT = 100;

    private final int k;
    private final double minimumRecall;
    private final Map<String, LinkingParameters> parametersByCollection;
    private transient @Nullable Map<String, Space> spaces;
    private transient @Nullable List<LinkRule> rules;
    private transient @Nullable SpillFile spill;
    private transient boolean vectorsComplete;

    /**
     * @param minimumRecall share of the neighbours similar enough to be linked that must have been
     *     found
     * @param parametersByCollection by embedding collection
     */
    public LinkOperator(
            int k, double minimumRecall, Map<String, LinkingParameters> parametersByCollection) {
        this.k = k;
        this.minimumRecall = minimumRecall;
        this.parametersByCollection = Map.copyOf(parametersByCollection);
    }

    private static final class Space {
        private final List<VectorSet.Kept> blocks = new ArrayList<>();
        private final List<NeighbourBlock> audits = new ArrayList<>();
        private final long[] far = new long[(int) (1 / BIN) + 1];
        private long linkedInCells;
        private @Nullable CalibratedLinking linking;
        private @Nullable VectorSet vectors;
    }

    @Override
    public void open() throws Exception {
        super.open();
        spaces = new TreeMap<>();
        rules = new ArrayList<>();
        vectorsComplete = false;
        spill = spill(getContainingTask());
    }

    /** A file for vectors in Flink's own temporary directory. */
    static SpillFile spill(StreamTask<?, ?> task) {
        return new SpillFile(
                Path.of(task.getEnvironment().getTaskManagerInfo().getTmpDirectories()[0]));
    }

    @Override
    public InputSelection nextSelection() {
        return vectorsComplete ? InputSelection.SECOND : InputSelection.FIRST;
    }

    @Override
    public void processElement1(StreamRecord<VectorBlock> record) {
        Objects.requireNonNull(spaces)
                .computeIfAbsent(record.getValue().space(), s -> new Space())
                .blocks
                .add(VectorSet.Kept.in(Objects.requireNonNull(spill), record.getValue()));
    }

    @Override
    public void processElement2(StreamRecord<LinkInput> record) {
        NeighbourBlock neighbours = record.getValue().neighbours();
        if (neighbours != null) {
            add(
                    Objects.requireNonNull(Objects.requireNonNull(spaces).get(neighbours.space())),
                    neighbours);
        }
        NamedNeighbours named = record.getValue().named();
        if (named != null) {
            add(Objects.requireNonNull(Objects.requireNonNull(spaces).get(named.space())), named);
        }
        CellMerges linked = record.getValue().linked();
        if (linked != null) {
            add(Objects.requireNonNull(Objects.requireNonNull(spaces).get(linked.space())), linked);
        }
        LinkRule rule = record.getValue().rule();
        if (rule != null) {
            Objects.requireNonNull(rules).add(rule);
        }
    }

    private static void add(Space space, NeighbourBlock block) {
        VectorSet vectors = Objects.requireNonNull(space.vectors);
        CalibratedLinking linking = Objects.requireNonNull(space.linking);
        int width = block.k();
        for (int at = 0; at < block.addresses().length; at++) {
            int neighbour = block.addresses()[at];
            if (neighbour != -1
                    && !linking.add(
                            vectors.indexOf(VectorBlock.address(block.block(), at / width)),
                            vectors.indexOf(neighbour),
                            block.similarities()[at])) {
                space.far[bin(block.similarities()[at])]++;
            }
        }
        if (block.audited().length > 0) {
            space.audits.add(block);
        }
    }

    private static void add(Space space, NamedNeighbours named) {
        VectorSet vectors = Objects.requireNonNull(space.vectors);
        CalibratedLinking linking = Objects.requireNonNull(space.linking);
        for (int at = 0; at < named.neighbours().length; at++) {
            int from = vectors.indexOfId(named.ids()[at / named.k()]);
            int to = vectors.indexOfId(named.neighbours()[at]);
            if (from >= 0 && to >= 0) {
                // The index may keep rounded vectors: what it names is compared again.
                float similarity = (float) vectors.similarity(from, to);
                if (!linking.add(from, to, similarity)) {
                    space.far[bin(similarity)]++;
                }
            }
        }
    }

    private static void add(Space space, CellMerges linked) {
        space.linkedInCells += linked.from().length;
        Objects.requireNonNull(space.linking).add(linked);
    }

    private static int bin(double similarity) {
        return (int) (Math.max(0, Math.min(1, similarity)) / BIN);
    }

    @Override
    public void endInput(int input) {
        Map<String, Space> all = Objects.requireNonNull(spaces);
        if (input == VECTORS_INPUT) {
            vectorsComplete = true;
            all.forEach(this::begin);
        } else {
            all.forEach(this::link);
            all.clear();
        }
    }

    private void begin(String name, Space space) {
        VectorSet vectors = new VectorSet(space.blocks.toArray(VectorSet.Kept[]::new));
        space.blocks.clear();
        space.vectors = vectors;
        space.linking =
                CalibratedLinking.begin(
                        vectors,
                        parametersByCollection.getOrDefault(
                                SampleBlocks.collectionOf(name), LinkingParameters.DEFAULT),
                        k,
                        Objects.requireNonNull(spill));
    }

    private void link(String name, Space space) {
        String collection = SampleBlocks.collectionOf(name);
        VectorSet vectors = Objects.requireNonNull(space.vectors);
        CalibratedLinking linking = Objects.requireNonNull(space.linking);
        checkRecall(name, space);
        long[] genuine = new long[space.far.length];
        long[] strangers = space.far;
        Clustering clustering = linking.cluster(Objects.requireNonNull(rules), collection);
        long[] other = new long[strangers.length];
        int step =
                linking.forEachSampled(
                        (from, to, similarity) ->
                                (clustering.labels()[from] == clustering.labels()[to]
                                                ? genuine
                                                : other)
                                        [bin(similarity)]++);
        for (int bin = 0; bin < strangers.length; bin++) {
            // Each of the two has the other in its list, as a rule.
            genuine[bin] *= 2L * step;
            strangers[bin] += 2L * step * other[bin];
        }
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
        if (space.linkedInCells > 0) {
            fact(
                    "space." + name + ".linked_in_cells",
                    space.linkedInCells + " vectors, before the cells were linked with each other");
        }
    }

    /** Compares what was found for the audited vectors with their exact neighbours. */
    private void checkRecall(String name, Space space) {
        if (space.audits.isEmpty()) {
            fact("recall." + name, "1 (every pair was compared)");
            return;
        }
        NeighbourRecall recall =
                new NeighbourRecall(
                        Objects.requireNonNull(space.vectors),
                        Objects.requireNonNull(space.linking));
        space.audits.forEach(recall::add);
        fact("recall." + name, recall.toString());
        if (recall.linkable() < minimumRecall) {
            throw new SuppressRestartsException(
                    new RunRefusedException(
                            "recall@"
                                    + k
                                    + " of "
                                    + name
                                    + " is "
                                    + recall
                                    + "; neighbours.min-recall asks for "
                                    + minimumRecall
                                    + ". Nothing was written. Raise neighbours.probes, or compare"
                                    + " every pair with a larger neighbours.exact-up-to"));
        }
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
        evidence(name, clustering, size);
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

    private void evidence(String name, Clustering clustering, int size) {
        CalibratedLinking.Weak weak = clustering.weak();
        fact(
                "space." + name + ".low_quality",
                weak.ignoredLimit() > 0
                        ? percent(weak.ignoredLimit())
                                + " of the vectors are below linking.min-quality: the limit was not used"
                        : weak.vectors() + " vectors, " + weak.joined() + " joined a person");
        CalibratedLinking.Evidence evidence = clustering.evidence();
        fact(
                "calibration." + name + ".false_matches",
                "target %.1e".formatted(falseLinksByCollection(name) / Math.max(1, size))
                        + (evidence.strangers().length == 0
                                ? "; no faces side by side in one picture to check it with"
                                : ", measured %.1e on %d pairs of faces side by side in one picture"
                                        .formatted(
                                                evidence.falseMatches(clustering.threshold()),
                                                evidence.strangers().length)));
        SimilarityCurve curve = evidence.curve();
        fact("calibration." + name + ".same_person", "rests on " + curve.basis());
        fact(
                "calibration." + name + ".probability",
                "50 %% from %s, 90 %% from %s, 99 %% from %s"
                        .formatted(curve.reaches(0.5), curve.reaches(0.9), curve.reaches(0.99)));
        for (int bin = 0; bin < curve.similarities().length; bin++) {
            if (curve.similarities()[bin] > 0) {
                output.collect(
                        FIGURES,
                        new StreamRecord<>(
                                Figure.count(
                                        "probability.%s|%.2f"
                                                .formatted(name, curve.similarities()[bin]),
                                        Math.round(curve.probabilities()[bin] * PERCENT))));
            }
        }
    }

    private double falseLinksByCollection(String space) {
        return parametersByCollection
                .getOrDefault(SampleBlocks.collectionOf(space), LinkingParameters.DEFAULT)
                .falseLinks();
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", share * PERCENT);
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

    @Override
    public void close() throws Exception {
        if (spill != null) {
            spill.close();
            spill = null;
        }
        super.close();
    }
}
