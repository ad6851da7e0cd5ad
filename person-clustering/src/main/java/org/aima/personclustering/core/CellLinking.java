package org.aima.personclustering.core;

import java.util.Arrays;

/**
 * Links what is beyond doubt inside one cell, so that the tasks that own cells share the work of
 * linking, and the one task that links a whole space is left with clusters instead of vectors.
 *
 * <p>Rounds of merges as in {@link CalibratedLinking}, over the pairs of one cell only, under the
 * same threshold and what pictures forbid, down to a score far above what two vectors need: two
 * vectors so close lie in one cell as a rule, and where they do not, they are linked later.
 * Thresholds rest on the sample the cells were placed by, widened as far as certain strangers may
 * widen them. Vectors of low quality take no part.
 *
 * <p>What is linked depends on the cell alone, never on the task that owns it. Cost: one product of
 * the cell with itself.
 */
public final class CellLinking {
    // Half way from a stranger to identity; what two vectors need is about a third of the way.
    private static final double FLOOR = 0.5;
    // Clusters whose average reaches the floor have pairs well above this; lower ones cost time
    // only.
    private static final double PROPOSED = 0.4;
    private static final int TILE_ROWS = 512;

    private final String space;
    private final LinkScale scale;
    private final double minimumQuality;
    private final int k;

    /**
     * @param strangers as measured on the sample
     * @param vectors of the whole space
     * @param weak how many of them are of lower quality than the parameters ask for
     * @param k neighbours of each vector that are looked at
     */
    public CellLinking(
            String space,
            ImpostorCalibration strangers,
            LinkingParameters parameters,
            int vectors,
            int weak,
            int k) {
        this.space = space;
        this.scale =
                new LinkScale(
                        strangers.widened(CalibratedLinking.MOST_WIDENED), parameters, vectors);
        this.minimumQuality =
                LinkScale.qualityCounts(weak, vectors)
                        ? parameters.minimumQuality()
                        : Double.NEGATIVE_INFINITY;
        this.k = k;
    }

    /** Links a cell of the space. */
    public CellMerges link(Cell cell, SimilarityKernel kernel) {
        MergeRounds rounds = new MergeRounds(cell, scale, new MergeRules(cell), SpillFile.onHeap());
        takePairs(cell, kernel, rounds);
        rounds.begin();
        rounds.link(FLOOR);
        int[] into = new int[cell.size()];
        int[] from = new int[cell.size()];
        int found = 0;
        for (int i = 0; i < cell.size(); i++) {
            int root = rounds.root(i);
            if (root != i) {
                into[found] = cell.address(root);
                from[found++] = cell.address(i);
            }
        }
        return new CellMerges(
                space, cell.number(), Arrays.copyOf(into, found), Arrays.copyOf(from, found));
    }

    private void takePairs(Cell cell, SimilarityKernel kernel, MergeRounds rounds) {
        PairList pairs = new PairList(cell.size(), SpillFile.onHeap());
        double candidate = Math.max(scale.candidate(), scale.calibration().denormalised(PROPOSED));
        float[] tile = new float[TILE_ROWS * cell.dimension()];
        float[] row = new float[cell.dimension()];
        cell.load(kernel);
        for (int start = 0; start < cell.size(); start += TILE_ROWS) {
            int rows = Math.min(TILE_ROWS, cell.size() - start);
            for (int i = 0; i < rows; i++) {
                cell.read(start + i, row);
                System.arraycopy(row, 0, tile, i * row.length, row.length);
            }
            float[] similarities = kernel.multiply(tile, 0, rows);
            NearestLists lists = new NearestLists(rows, k);
            for (int i = 0; i < rows; i++) {
                offer(cell, start + i, similarities, i, lists, candidate);
            }
            int[] neighbours = lists.addresses();
            float[] found = lists.similarities();
            for (int at = 0; at < neighbours.length; at++) {
                if (neighbours[at] >= 0) {
                    pairs.add(start + at / k, neighbours[at], found[at]);
                }
            }
        }
        pairs.forEach(rounds::add);
    }

    private void offer(
            Cell cell,
            int row,
            float[] similarities,
            int line,
            NearestLists lists,
            double candidate) {
        if (cell.quality(row) < minimumQuality) {
            return;
        }
        int base = line * cell.size();
        for (int column = 0; column < cell.size(); column++) {
            float similarity = similarities[base + column];
            if (similarity >= candidate
                    && column != row
                    && cell.quality(column) >= minimumQuality) {
                lists.offer(line, column, similarity);
            }
        }
    }
}
