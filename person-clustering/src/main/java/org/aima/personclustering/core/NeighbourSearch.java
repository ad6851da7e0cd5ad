package org.aima.personclustering.core;

import java.util.Arrays;
import java.util.Collection;

/**
 * The k nearest neighbours by cosine of a block's rows among the cells of one task.
 *
 * <p>A row is compared with the cells it probes, an audited row with all. Ties are decided by the
 * smaller address, and the shape of every matrix product follows from the data alone, so neither
 * the order of cells nor their distribution over tasks matters. Cost: rows x vectors of the probed
 * cells x dimension multiply-adds in native sgemm, memory 8 k bytes a row.
 */
public final class NeighbourSearch {
    private static final int TILE_ROWS = 512;

    private final ProbedBlock probed;
    private final int k;
    private final float[] tile;

    public NeighbourSearch(ProbedBlock probed, int k) {
        this.probed = probed;
        this.k = k;
        this.tile = new float[TILE_ROWS * probed.block().dimension()];
    }

    /** Searches the cells; they must be of the block's space. */
    public NeighbourBlock search(Collection<Cell> cells, SimilarityKernel kernel) {
        VectorBlock block = probed.block();
        NearestLists found = new NearestLists(block.rows(), k);
        NearestLists exact = new NearestLists(probed.audited().length, k);
        int[] all = new int[block.rows()];
        Arrays.setAll(all, i -> i);
        int[] starts = starts(cells);
        int[] rows = probed.exact() ? all : rowsByCell(starts.clone());
        for (Cell cell : cells) {
            int from = probed.exact() ? 0 : starts[cell.number()];
            int to = probed.exact() ? rows.length : starts[cell.number() + 1];
            boolean loaded = compare(cell, rows, rows, from, to, found, kernel, false);
            int audited = probed.audited().length;
            if (audited > 0) {
                int[] order = new int[audited];
                Arrays.setAll(order, i -> i);
                compare(cell, probed.audited(), order, 0, audited, exact, kernel, loaded);
            }
        }
        return new NeighbourBlock(
                block.space(),
                block.block(),
                k,
                found.addresses(),
                found.similarities(),
                probed.audited(),
                exact.addresses(),
                exact.similarities());
    }

    /** Where the rows that probe a cell begin among all, by the cell's number. */
    private int[] starts(Collection<Cell> cells) {
        int highest = cells.stream().mapToInt(Cell::number).max().orElse(-1);
        int[] starts = new int[highest + 2];
        if (!probed.exact()) {
            for (int cell : probed.cells()) {
                if (cell >= 0 && cell <= highest) {
                    starts[cell + 1]++;
                }
            }
            for (int cell = 0; cell <= highest; cell++) {
                starts[cell + 1] += starts[cell];
            }
        }
        return starts;
    }

    private int[] rowsByCell(int[] next) {
        int[] rows = new int[next[next.length - 1]];
        int width = probed.probes();
        for (int row = 0; row < probed.block().rows(); row++) {
            for (int i = row * width; i < (row + 1) * width; i++) {
                int cell = probed.cells()[i];
                if (cell >= 0 && cell < next.length - 1) {
                    rows[next[cell]++] = row;
                }
            }
        }
        return rows;
    }

    private boolean compare(
            Cell cell,
            int[] rows,
            int[] slots,
            int from,
            int to,
            NearestLists lists,
            SimilarityKernel kernel,
            boolean loaded) {
        if (from == to) {
            return loaded;
        }
        VectorBlock block = probed.block();
        int dimension = block.dimension();
        if (!loaded) {
            cell.load(kernel);
        }
        for (int start = from; start < to; start += TILE_ROWS) {
            int count = Math.min(TILE_ROWS, to - start);
            for (int i = 0; i < count; i++) {
                System.arraycopy(
                        block.vectors(),
                        rows[start + i] * dimension,
                        tile,
                        i * dimension,
                        dimension);
            }
            float[] similarities = kernel.multiply(tile, 0, count);
            for (int i = 0; i < count; i++) {
                offer(cell, rows[start + i], slots[start + i], similarities, i, lists);
            }
        }
        return true;
    }

    private void offer(
            Cell cell, int row, int slot, float[] similarities, int line, NearestLists lists) {
        int self = VectorBlock.address(probed.block().block(), row);
        int base = line * cell.size();
        float worst = lists.worst(slot);
        for (int column = 0; column < cell.size(); column++) {
            float similarity = similarities[base + column];
            if (similarity >= worst && cell.address(column) != self) {
                lists.offer(slot, cell.address(column), similarity);
                worst = lists.worst(slot);
            }
        }
    }
}
