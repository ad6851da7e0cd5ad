package org.aima.personclustering.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Finds the cells of a block's vectors and cuts blocks into parts of cells. */
public final class CellAssigner {
    private static final int TILE_ROWS = 512;
    private static final int NO_CELL = -1;
    private static final int AUDIT_SALT = 0x5bd1e995;

    private final int probes;
    private final double auditShare;

    /**
     * @param probes cells in which the neighbours of a vector are looked for
     * @param auditShare share of the vectors whose neighbours are also found exactly
     */
    public CellAssigner(int probes, double auditShare) {
        this.probes = probes;
        this.auditShare = auditShare;
    }

    /**
     * @param centres null when the space is compared exactly
     */
    public ProbedBlock assign(
            VectorBlock block, @Nullable CellCentres centres, SimilarityKernel kernel) {
        if (centres == null) {
            return ProbedBlock.exact(block);
        }
        int count = centres.count();
        int width = Math.min(probes, count);
        int[] cells = new int[block.rows() * width];
        kernel.load(centres.centres(), count, centres.dimension());
        for (int start = 0; start < block.rows(); start += TILE_ROWS) {
            int rows = Math.min(TILE_ROWS, block.rows() - start);
            float[] similarities = kernel.multiply(block.vectors(), start, rows);
            for (int row = 0; row < rows; row++) {
                best(similarities, row * count, count, cells, (start + row) * width, width);
            }
        }
        return new ProbedBlock(block, width, cells, audited(block), centres.strangers());
    }

    /** The block with audited rows of which no cell is searched for the others. */
    public ProbedBlock audit(VectorBlock block) {
        int[] none = new int[block.rows()];
        java.util.Arrays.fill(none, NO_CELL);
        return new ProbedBlock(block, 1, none, audited(block), null);
    }

    private int[] audited(VectorBlock block) {
        return IntStream.range(0, block.rows())
                .filter(r -> sampled(block.ids()[r], AUDIT_SALT, auditShare))
                .toArray();
    }

    /** Whether an id belongs to a sample of the given share; the same on every machine. */
    public static boolean sampled(String id, int salt, double share) {
        int hash = salt;
        for (int i = 0; i < id.length(); i++) {
            hash = (hash ^ id.charAt(i)) * 0x01000193;
        }
        hash ^= hash >>> 16;
        hash *= 0x7feb352d;
        hash ^= hash >>> 15;
        return Integer.toUnsignedLong(hash) < share * (1L << 32);
    }

    private static void best(
            float[] similarities, int from, int count, int[] cells, int to, int width) {
        float[] held = new float[width];
        int size = 0;
        for (int c = 0; c < count; c++) {
            float similarity = similarities[from + c];
            if (size == width && similarity <= held[width - 1]) {
                continue;
            }
            int at = size < width ? size++ : width - 1;
            while (at > 0 && similarity > held[at - 1]) {
                held[at] = held[at - 1];
                cells[to + at] = cells[to + at - 1];
                at--;
            }
            held[at] = similarity;
            cells[to + at] = c;
        }
    }

    /** The block cut by the cells its rows live in; whole, under its own number, when exact. */
    public static List<CellPart> parts(ProbedBlock probed) {
        VectorBlock block = probed.block();
        int dimension = block.dimension();
        Map<Integer, List<Integer>> rowsByCell = new TreeMap<>();
        for (int row = 0; row < block.rows(); row++) {
            int cell = probed.exact() ? block.block() : probed.cells()[row * probed.probes()];
            rowsByCell.computeIfAbsent(cell, c -> new ArrayList<>()).add(row);
        }
        List<CellPart> parts = new ArrayList<>();
        rowsByCell.forEach(
                (cell, rows) -> {
                    int[] addresses = new int[rows.size()];
                    float[] vectors = new float[rows.size() * dimension];
                    long[] frames = new long[addresses.length];
                    float[] boxes = new float[addresses.length * Sighting.BOX];
                    float[] quality = new float[addresses.length];
                    for (int i = 0; i < addresses.length; i++) {
                        addresses[i] = VectorBlock.address(block.block(), rows.get(i));
                        System.arraycopy(
                                block.vectors(),
                                rows.get(i) * dimension,
                                vectors,
                                i * dimension,
                                dimension);
                        frames[i] = block.frames()[rows.get(i)];
                        quality[i] = block.quality()[rows.get(i)];
                        System.arraycopy(
                                block.boxes(),
                                rows.get(i) * Sighting.BOX,
                                boxes,
                                i * Sighting.BOX,
                                Sighting.BOX);
                    }
                    parts.add(
                            new CellPart(
                                    block.space(),
                                    cell,
                                    dimension,
                                    addresses,
                                    vectors,
                                    frames,
                                    boxes,
                                    quality));
                });
        return parts;
    }
}
