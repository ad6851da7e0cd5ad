package org.aima.personclustering.core;

import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.aima.personclustering.core.CalibratedLinking.Clustering;

/** Vectors of known identities, and what the pipeline makes of vectors before and after linking. */
public final class PlantedVectors {
    private PlantedVectors() {}

    /** A unit vector whose identity is known. */
    public record Labelled(String id, float[] vector, int identity) {}

    /** Clusters as sets of ids with the clustering they came from. */
    public record Found(
            Set<Set<String>> clusters, Map<String, String> clusterById, Clustering raw) {}

    /**
     * Random directions with noise around them: two vectors of one identity have a cosine of about
     * {@code 1 / (1 + noise * noise)}.
     */
    public static List<Labelled> around(Random random, int dimension, double noise, int... sizes) {
        List<Labelled> all = new ArrayList<>();
        for (int identity = 0; identity < sizes.length; identity++) {
            float[] centre = direction(random, dimension);
            for (int i = 0; i < sizes[identity]; i++) {
                float[] vector = direction(random, dimension);
                for (int d = 0; d < dimension; d++) {
                    vector[d] = (float) (centre[d] + noise * vector[d]);
                }
                String id = "%08x-%d-%d".formatted(random.nextInt(), identity, i);
                all.add(new Labelled(id, EmbeddingValidator.unit(vector), identity));
            }
        }
        return all;
    }

    public static float[] direction(Random random, int dimension) {
        float[] vector = new float[dimension];
        for (int d = 0; d < dimension; d++) {
            vector[d] = (float) random.nextGaussian();
        }
        return EmbeddingValidator.unit(vector);
    }

    /** Blocks as the pipeline cuts them; empty ones do not exist. */
    public static List<VectorBlock> blocks(List<Labelled> vectors, int blocks) {
        Map<Integer, List<Labelled>> byBlock = new HashMap<>();
        vectors.forEach(
                v ->
                        byBlock.computeIfAbsent(
                                        VectorBlock.blockFor(v.id(), blocks),
                                        b -> new ArrayList<>())
                                .add(v));
        List<VectorBlock> cut = new ArrayList<>();
        byBlock.forEach(
                (number, rows) -> {
                    rows.sort(Comparator.comparing(Labelled::id));
                    int dimension = rows.get(0).vector().length;
                    float[] data = new float[rows.size() * dimension];
                    for (int i = 0; i < rows.size(); i++) {
                        System.arraycopy(rows.get(i).vector(), 0, data, i * dimension, dimension);
                    }
                    String[] ids = rows.stream().map(Labelled::id).toArray(String[]::new);
                    cut.add(new VectorBlock("space", number, dimension, ids, data));
                });
        return cut;
    }

    public static List<NeighbourBlock> neighbours(List<VectorBlock> blocks, int k) {
        return neighbours(blocks.stream().map(ProbedBlock::exact).toList(), k, 1);
    }

    /** Neighbours as found by some tasks, each with a share of the cells. */
    public static List<NeighbourBlock> neighbours(List<ProbedBlock> blocks, int k, int tasks) {
        int dimension = blocks.isEmpty() ? 0 : blocks.get(0).block().dimension();
        Map<Integer, List<Cell.Part>> parts = new TreeMap<>();
        blocks.forEach(
                b ->
                        CellAssigner.parts(b)
                                .forEach(
                                        p ->
                                                parts.computeIfAbsent(
                                                                p.cell(), c -> new ArrayList<>())
                                                        .add(
                                                                Cell.Part.of(
                                                                        p,
                                                                        FloatBuffer.wrap(
                                                                                p.vectors())))));
        List<List<Cell>> shares = new ArrayList<>();
        IntStream.range(0, tasks).forEach(t -> shares.add(new ArrayList<>()));
        List<NeighbourBlock> found = new ArrayList<>();
        try (SimilarityKernel kernel = new SimilarityKernel();
                SpillFile spill = new SpillFile(Path.of(System.getProperty("java.io.tmpdir")))) {
            parts.forEach(
                    (cell, own) ->
                            shares.get(cell % tasks).add(new Cell(cell, dimension, own, spill)));
            for (ProbedBlock block : blocks) {
                List<NeighbourBlock> pieces = new ArrayList<>();
                for (List<Cell> share : shares) {
                    pieces.add(new NeighbourSearch(block, k).search(share, kernel));
                }
                found.add(NeighbourBlock.merge(pieces));
            }
        }
        return found;
    }

    /** The same blocks, with the pictures that some ids were found in. */
    public static List<VectorBlock> sighted(
            List<VectorBlock> blocks, Map<String, Sighting> sightings) {
        return blocks.stream().map(b -> sighted(b, sightings)).toList();
    }

    private static VectorBlock sighted(VectorBlock block, Map<String, Sighting> sightings) {
        long[] frames = new long[block.rows()];
        float[] boxes = new float[block.rows() * Sighting.BOX];
        long[] tracks = new long[block.rows()];
        for (int row = 0; row < block.rows(); row++) {
            Sighting sighting = sightings.getOrDefault(block.ids()[row], Sighting.UNKNOWN);
            frames[row] = sighting.frame();
            tracks[row] = sighting.track();
            System.arraycopy(sighting.box(), 0, boxes, row * Sighting.BOX, Sighting.BOX);
        }
        return new VectorBlock(
                block.space(),
                block.block(),
                block.dimension(),
                block.ids(),
                block.vectors(),
                frames,
                boxes,
                tracks,
                block.quality());
    }

    /** The same blocks, with another quality of some ids. */
    public static List<VectorBlock> graded(List<VectorBlock> blocks, Map<String, Float> quality) {
        return blocks.stream()
                .map(
                        b -> {
                            float[] grades = new float[b.rows()];
                            for (int row = 0; row < grades.length; row++) {
                                grades[row] = quality.getOrDefault(b.ids()[row], 1f);
                            }
                            return new VectorBlock(
                                    b.space(),
                                    b.block(),
                                    b.dimension(),
                                    b.ids(),
                                    b.vectors(),
                                    b.frames(),
                                    b.boxes(),
                                    b.tracks(),
                                    grades);
                        })
                .toList();
    }

    public static Found cluster(List<VectorBlock> blocks, int k, LinkingParameters parameters) {
        VectorSet vectors = new VectorSet(blocks);
        List<NeighbourBlock> neighbours = neighbours(blocks, k);
        return found(
                vectors,
                CalibratedLinking.cluster(
                        vectors,
                        consumer -> forEach(vectors, neighbours, consumer),
                        k,
                        parameters));
    }

    /** As above, under decisions of people. */
    public static Found cluster(
            List<VectorBlock> blocks,
            int k,
            LinkingParameters parameters,
            Collection<LinkRule> rules,
            String collection) {
        VectorSet vectors = new VectorSet(blocks);
        List<NeighbourBlock> neighbours = neighbours(blocks, k);
        return found(
                vectors,
                CalibratedLinking.cluster(
                        vectors,
                        consumer -> forEach(vectors, neighbours, consumer),
                        k,
                        parameters,
                        rules,
                        collection));
    }

    /** As the pipeline does it with a large space: by cells, each linked by itself beforehand. */
    public static Found clusterByCells(
            List<VectorBlock> blocks,
            int k,
            int probes,
            LinkingParameters parameters,
            Collection<LinkRule> rules,
            String collection) {
        VectorSet vectors = new VectorSet(blocks);
        List<ProbedBlock> probed = probed(blocks, probes, 0);
        CalibratedLinking linking =
                CalibratedLinking.begin(vectors, parameters, k, SpillFile.onHeap());
        linkedInCells(probed, k, parameters).forEach(linking::add);
        forEach(vectors, neighbours(probed, k, 2), linking::add);
        return found(vectors, linking.cluster(rules, collection));
    }

    /** Blocks with the cells of a search. */
    public static List<ProbedBlock> probed(List<VectorBlock> blocks, int probes, double audited) {
        int size = blocks.stream().mapToInt(VectorBlock::rows).sum();
        try (SimilarityKernel kernel = new SimilarityKernel()) {
            CellCentres centres = new CellTrainer(kernel).train(blocks, size);
            CellAssigner assigner = new CellAssigner(probes, audited);
            return blocks.stream().map(b -> assigner.assign(b, centres, kernel)).toList();
        }
    }

    /** What is linked inside each cell. */
    public static List<CellMerges> linkedInCells(
            List<ProbedBlock> probed, int k, LinkingParameters parameters) {
        VectorBlock first = probed.get(0).block();
        int size = probed.stream().mapToInt(p -> p.block().rows()).sum();
        int weak = 0;
        Map<Integer, List<Cell.Part>> parts = new TreeMap<>();
        for (ProbedBlock block : probed) {
            for (float quality : block.block().quality()) {
                weak += quality < parameters.minimumQuality() ? 1 : 0;
            }
            for (CellPart part : CellAssigner.parts(block)) {
                parts.computeIfAbsent(part.cell(), c -> new ArrayList<>())
                        .add(Cell.Part.of(part, FloatBuffer.wrap(part.vectors())));
            }
        }
        CellLinking linking =
                new CellLinking(
                        first.space(),
                        Objects.requireNonNull(probed.get(0).strangers()),
                        parameters,
                        size,
                        weak,
                        k);
        List<CellMerges> linked = new ArrayList<>();
        try (SimilarityKernel kernel = new SimilarityKernel();
                SpillFile spill = new SpillFile(Path.of(System.getProperty("java.io.tmpdir")))) {
            parts.forEach(
                    (cell, own) ->
                            linked.add(
                                    linking.link(
                                            new Cell(cell, first.dimension(), own, spill),
                                            kernel)));
        }
        return linked;
    }

    private static Found found(VectorSet vectors, Clustering clustering) {
        Map<String, String> clusterById = new HashMap<>();
        Map<String, Set<String>> clusters = new HashMap<>();
        for (int i = 0; i < vectors.size(); i++) {
            String cluster = vectors.id(clustering.labels()[i]);
            clusterById.put(vectors.id(i), cluster);
            clusters.computeIfAbsent(cluster, c -> new HashSet<>()).add(vectors.id(i));
        }
        return new Found(new HashSet<>(clusters.values()), clusterById, clustering);
    }

    /** The identities as sets of ids: what a perfect clustering finds. */
    public static Set<Set<String>> truth(List<Labelled> vectors) {
        Map<Integer, Set<String>> byIdentity = new HashMap<>();
        vectors.forEach(
                v -> byIdentity.computeIfAbsent(v.identity(), i -> new HashSet<>()).add(v.id()));
        return new HashSet<>(byIdentity.values());
    }

    private static void forEach(
            VectorSet vectors,
            List<NeighbourBlock> neighbours,
            CalibratedLinking.PairConsumer consumer) {
        for (NeighbourBlock block : neighbours) {
            for (int at = 0; at < block.addresses().length; at++) {
                if (block.addresses()[at] != -1) {
                    consumer.accept(
                            vectors.indexOf(VectorBlock.address(block.block(), at / block.k())),
                            vectors.indexOf(block.addresses()[at]),
                            block.similarities()[at]);
                }
            }
        }
    }
}
