package org.aima.personclustering.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** The unit vectors of one space in order of id, as views into their blocks. */
public final class VectorSet {
    private final String[] ids;
    private final float[][] arrays;
    private final int[] offsets;
    private final long[] frames;
    private final float[] boxes;
    private final int dimension;
    private final int[][] indexByBlockRow;

    /**
     * @param blocks every block of one space; ids must be distinct
     */
    public VectorSet(List<VectorBlock> blocks) {
        List<VectorBlock> sorted = new ArrayList<>(blocks);
        sorted.sort(Comparator.comparingInt(VectorBlock::block));
        int rows = sorted.stream().mapToInt(VectorBlock::rows).sum();
        this.dimension = sorted.isEmpty() ? 0 : sorted.get(0).dimension();
        int highest = sorted.isEmpty() ? -1 : sorted.get(sorted.size() - 1).block();
        long[] order = new long[rows];
        VectorBlock[] byNumber = new VectorBlock[highest + 1];
        int at = 0;
        for (VectorBlock block : sorted) {
            byNumber[block.block()] = block;
            for (int row = 0; row < block.rows(); row++) {
                order[at++] = (long) block.block() << 32 | row;
            }
        }
        Long[] boxed = Arrays.stream(order).boxed().toArray(Long[]::new);
        Arrays.sort(
                boxed, Comparator.comparing(o -> byNumber[(int) (o >>> 32)].ids()[(int) (long) o]));
        this.ids = new String[rows];
        this.arrays = new float[rows][];
        this.offsets = new int[rows];
        this.frames = new long[rows];
        this.boxes = new float[rows * Sighting.BOX];
        this.indexByBlockRow = new int[highest + 1][];
        for (VectorBlock block : sorted) {
            indexByBlockRow[block.block()] = new int[block.rows()];
        }
        for (int i = 0; i < rows; i++) {
            VectorBlock block = byNumber[(int) (boxed[i] >>> 32)];
            int row = (int) (long) boxed[i];
            ids[i] = block.ids()[row];
            arrays[i] = block.vectors();
            offsets[i] = row * dimension;
            frames[i] = block.frames()[row];
            System.arraycopy(
                    block.boxes(), row * Sighting.BOX, boxes, i * Sighting.BOX, Sighting.BOX);
            indexByBlockRow[block.block()][row] = i;
        }
    }

    public int size() {
        return ids.length;
    }

    public int dimension() {
        return dimension;
    }

    public String id(int index) {
        return ids[index];
    }

    /** The index of an id, or a negative number when no vector has it. */
    int indexOfId(String id) {
        return Arrays.binarySearch(ids, id);
    }

    /** The picture a vector was found in, 0 when unknown. */
    long frame(int index) {
        return frames[index];
    }

    /** Whether two vectors of one picture show two faces. */
    boolean apart(int a, int b) {
        return Sighting.apart(boxes, a * Sighting.BOX, b * Sighting.BOX);
    }

    float[] array(int index) {
        return arrays[index];
    }

    int offset(int index) {
        return offsets[index];
    }

    /** The index of a neighbour's {@link VectorBlock#address address}. */
    public int indexOf(int address) {
        return indexByBlockRow[VectorBlock.blockOf(address)][VectorBlock.rowOf(address)];
    }

    /** The dot product of two vectors. */
    public double similarity(int a, int b) {
        return dot(arrays[a], offsets[a], arrays[b], offsets[b], dimension);
    }

    // Four partial sums: the order of additions is fixed, and the CPU is not bound by one chain.
    static double dot(float[] a, int aOffset, float[] b, int bOffset, int length) {
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        int i = 0;
        for (; i + 3 < length; i += 4) {
            s0 += a[aOffset + i] * b[bOffset + i];
            s1 += a[aOffset + i + 1] * b[bOffset + i + 1];
            s2 += a[aOffset + i + 2] * b[bOffset + i + 2];
            s3 += a[aOffset + i + 3] * b[bOffset + i + 3];
        }
        double sum = (double) s0 + s1 + s2 + s3;
        for (; i < length; i++) {
            sum += a[aOffset + i] * b[bOffset + i];
        }
        return sum;
    }
}
