package org.aima.personclustering.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Places the centres of cells by spherical k-means over a sample, and splits cells that came out
 * far too large.
 *
 * <p>Depends on the set of sampled vectors only. Cost: iterations x sample x cells x dimension
 * multiply-adds in native sgemm on one thread.
 */
public final class CellTrainer {
    private static final int ITERATIONS = 6;
    private static final int TILE_ROWS = 1024;
    private static final int TOO_LARGE = 4;
    private static final double CELLS_PER_ROOT = 1.2;
    private static final double SAMPLED_PER_CELL = 60;

    private final SimilarityKernel kernel;

    public CellTrainer(SimilarityKernel kernel) {
        this.kernel = kernel;
    }

    /**
     * Cells for a space of n vectors: cells of sqrt(n) keep both steps of a search equally dear.
     */
    public static int cells(long vectors) {
        return (int) Math.max(1, Math.round(CELLS_PER_ROOT * Math.sqrt(vectors)));
    }

    /** The share of n vectors that is sampled: about sixty a cell. */
    public static double share(long vectors) {
        return vectors == 0 ? 1 : Math.min(1, SAMPLED_PER_CELL * cells(vectors) / vectors);
    }

    /**
     * @param vectors the size of the whole space, as far as it is known
     */
    public CellCentres train(List<VectorBlock> sample, long vectors) {
        VectorBlock first = sample.get(0);
        int dimension = first.dimension();
        float[] rows = sorted(sample, dimension);
        int size = rows.length / dimension;
        int wanted = Math.max(1, Math.min(cells(vectors), size / 2));
        int[] all = new int[size];
        Arrays.setAll(all, i -> i);
        float[] centres = cluster(rows, dimension, all, wanted);
        float[] split = split(rows, dimension, centres);
        return new CellCentres(
                first.space(),
                dimension,
                split.length / dimension,
                split,
                strangers(rows, dimension));
    }

    private static @Nullable ImpostorCalibration strangers(float[] rows, int dimension) {
        int[][] pairs = ImpostorCalibration.pairs(rows.length / dimension);
        if (pairs[0].length < ImpostorCalibration.FEWEST) {
            return null;
        }
        double[] similarities = new double[pairs[0].length];
        for (int p = 0; p < similarities.length; p++) {
            similarities[p] =
                    VectorSet.dot(
                            rows,
                            pairs[0][p] * dimension,
                            rows,
                            pairs[1][p] * dimension,
                            dimension);
        }
        return ImpostorCalibration.estimate(similarities, true);
    }

    private static float[] sorted(List<VectorBlock> sample, int dimension) {
        record Row(String id, VectorBlock block, int row) {}
        List<Row> order = new ArrayList<>();
        for (VectorBlock block : sample) {
            for (int row = 0; row < block.rows(); row++) {
                order.add(new Row(block.ids()[row], block, row));
            }
        }
        order.sort(Comparator.comparing(Row::id));
        float[] rows = new float[order.size() * dimension];
        for (int i = 0; i < order.size(); i++) {
            Row row = order.get(i);
            System.arraycopy(
                    row.block().vectors(), row.row() * dimension, rows, i * dimension, dimension);
        }
        return rows;
    }

    private float[] cluster(float[] rows, int dimension, int[] members, int count) {
        float[] centres = new float[count * dimension];
        for (int c = 0; c < count; c++) {
            int seed = members[(int) ((long) c * members.length / count)];
            System.arraycopy(rows, seed * dimension, centres, c * dimension, dimension);
        }
        for (int i = 0; i < ITERATIONS; i++) {
            int[] cellOf = nearest(rows, dimension, members, centres, count);
            float[] sums = new float[count * dimension];
            int[] sizes = new int[count];
            for (int at = 0; at < members.length; at++) {
                int to = cellOf[at] * dimension;
                int from = members[at] * dimension;
                sizes[cellOf[at]]++;
                for (int d = 0; d < dimension; d++) {
                    sums[to + d] += rows[from + d];
                }
            }
            for (int c = 0; c < count; c++) {
                if (sizes[c] > 0) {
                    setUnit(centres, c * dimension, sums, c * dimension, dimension);
                }
            }
        }
        return centres;
    }

    private static void setUnit(float[] to, int toAt, float[] from, int fromAt, int dimension) {
        double norm = Math.sqrt(VectorSet.dot(from, fromAt, from, fromAt, dimension));
        if (norm > 0) {
            for (int d = 0; d < dimension; d++) {
                to[toAt + d] = (float) (from[fromAt + d] / norm);
            }
        }
    }

    private int[] nearest(float[] rows, int dimension, int[] members, float[] centres, int count) {
        kernel.load(centres, count, dimension);
        int[] cellOf = new int[members.length];
        float[] tile = new float[TILE_ROWS * dimension];
        for (int start = 0; start < members.length; start += TILE_ROWS) {
            int size = Math.min(TILE_ROWS, members.length - start);
            for (int i = 0; i < size; i++) {
                System.arraycopy(
                        rows, members[start + i] * dimension, tile, i * dimension, dimension);
            }
            float[] similarities = kernel.multiply(tile, 0, size);
            for (int i = 0; i < size; i++) {
                int best = 0;
                for (int c = 1; c < count; c++) {
                    if (similarities[i * count + c] > similarities[i * count + best]) {
                        best = c;
                    }
                }
                cellOf[start + i] = best;
            }
        }
        return cellOf;
    }

    // One huge identity or one crowded region would otherwise make one task's cell dear for all.
    private float[] split(float[] rows, int dimension, float[] centres) {
        int count = centres.length / dimension;
        int size = rows.length / dimension;
        int[] all = new int[size];
        Arrays.setAll(all, i -> i);
        int[] cellOf = nearest(rows, dimension, all, centres, count);
        int[] sizes = new int[count];
        for (int cell : cellOf) {
            sizes[cell]++;
        }
        double average = (double) size / count;
        List<float[]> parts = new ArrayList<>();
        for (int c = 0; c < count; c++) {
            int cell = c;
            if (sizes[c] <= TOO_LARGE * average) {
                parts.add(Arrays.copyOfRange(centres, c * dimension, (c + 1) * dimension));
            } else {
                int[] members = Arrays.stream(all).filter(i -> cellOf[i] == cell).toArray();
                int pieces = (int) Math.ceil(sizes[c] / (2 * average));
                parts.add(cluster(rows, dimension, members, pieces));
            }
        }
        int length = parts.stream().mapToInt(p -> p.length).sum();
        float[] joined = new float[length];
        int at = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, joined, at, part.length);
            at += part.length;
        }
        return joined;
    }
}
