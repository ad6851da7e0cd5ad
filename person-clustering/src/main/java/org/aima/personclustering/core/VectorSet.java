package org.aima.personclustering.core;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The unit vectors of one space in order of id, on the heap or in a {@link SpillFile}.
 *
 * <p>For one thread: methods share scratch memory.
 */
public final class VectorSet implements UnitVectors {
    private final String[] ids;
    private final FloatBuffer[] buffers;
    private final int[] bufferOf;
    private final int[] offsets;
    private final long[] frames;
    private final float[] boxes;
    private final long[] tracks;
    private final float[] quality;
    private final int dimension;
    private final int[][] indexByBlockRow;
    private final float[] scratch;
    private final float[] otherScratch;

    /**
     * A block whose vectors lie elsewhere.
     *
     * @param block with or without its own vectors
     * @param vectors {@code rows * dimension} components
     */
    public record Kept(VectorBlock block, FloatBuffer vectors) {

        /** The block with its vectors in a file and not on the heap. */
        public static Kept in(SpillFile spill, VectorBlock block) {
            return new Kept(
                    new VectorBlock(
                            block.space(),
                            block.block(),
                            block.dimension(),
                            block.ids(),
                            new float[0],
                            block.frames(),
                            block.boxes(),
                            block.tracks(),
                            block.quality()),
                    spill.keep(block.vectors()));
        }
    }

    /**
     * @param blocks every block of one space; ids must be distinct
     */
    public VectorSet(List<VectorBlock> blocks) {
        this(
                blocks.stream()
                        .map(b -> new Kept(b, FloatBuffer.wrap(b.vectors())))
                        .toArray(Kept[]::new));
    }

    /**
     * @param kept every block of one space; ids must be distinct
     */
    public VectorSet(Kept... kept) {
        List<Kept> sorted = new ArrayList<>(List.of(kept));
        sorted.sort(Comparator.comparingInt(k -> k.block().block()));
        int rows = sorted.stream().mapToInt(k -> k.block().rows()).sum();
        this.dimension = sorted.isEmpty() ? 0 : sorted.get(0).block().dimension();
        int highest = sorted.isEmpty() ? -1 : sorted.get(sorted.size() - 1).block().block();
        Long[] order = new Long[rows];
        Kept[] byNumber = new Kept[highest + 1];
        int at = 0;
        for (Kept k : sorted) {
            byNumber[k.block().block()] = k;
            for (int row = 0; row < k.block().rows(); row++) {
                order[at++] = (long) k.block().block() << 32 | row;
            }
        }
        Arrays.sort(
                order,
                Comparator.comparing(
                        o -> byNumber[(int) (o >>> 32)].block().ids()[(int) (long) o]));
        this.ids = new String[rows];
        this.bufferOf = new int[rows];
        this.offsets = new int[rows];
        this.frames = new long[rows];
        this.boxes = new float[rows * Sighting.BOX];
        this.tracks = new long[rows];
        this.quality = new float[rows];
        this.buffers = new FloatBuffer[highest + 1];
        this.indexByBlockRow = new int[highest + 1][];
        for (Kept k : sorted) {
            buffers[k.block().block()] = k.vectors();
            indexByBlockRow[k.block().block()] = new int[k.block().rows()];
        }
        for (int i = 0; i < rows; i++) {
            VectorBlock block = byNumber[(int) (order[i] >>> 32)].block();
            int row = (int) (long) order[i];
            ids[i] = block.ids()[row];
            bufferOf[i] = block.block();
            offsets[i] = row * dimension;
            frames[i] = block.frames()[row];
            tracks[i] = block.tracks()[row];
            quality[i] = block.quality()[row];
            System.arraycopy(
                    block.boxes(), row * Sighting.BOX, boxes, i * Sighting.BOX, Sighting.BOX);
            indexByBlockRow[block.block()][row] = i;
        }
        this.scratch = new float[dimension];
        this.otherScratch = new float[dimension];
    }

    @Override
    public int size() {
        return ids.length;
    }

    @Override
    public int dimension() {
        return dimension;
    }

    public String id(int index) {
        return ids[index];
    }

    /** The index of an id, or a negative number when no vector has it. */
    public int indexOfId(String id) {
        return Arrays.binarySearch(ids, id);
    }

    /** The picture a vector was found in, 0 when unknown. */
    @Override
    public long frame(int index) {
        return frames[index];
    }

    /** The track a vector belongs to, 0 for none. */
    long track(int index) {
        return tracks[index];
    }

    /** How good the picture or sound behind a vector was, 0 to 1. */
    float quality(int index) {
        return quality[index];
    }

    /** Whether two vectors of one picture show two faces. */
    @Override
    public boolean apart(int a, int b) {
        return Sighting.apart(boxes, a * Sighting.BOX, b * Sighting.BOX);
    }

    /** The index of a neighbour's {@link VectorBlock#address address}. */
    public int indexOf(int address) {
        return indexByBlockRow[VectorBlock.blockOf(address)][VectorBlock.rowOf(address)];
    }

    /** A copy of a vector. */
    float[] copy(int index) {
        float[] vector = new float[dimension];
        read(index, vector);
        return vector;
    }

    /** The dot product of two vectors. */
    public double similarity(int a, int b) {
        read(a, scratch);
        read(b, otherScratch);
        return dot(scratch, 0, otherScratch, 0, dimension);
    }

    /** Reads a vector. */
    @Override
    public void read(int index, float[] into) {
        buffers[bufferOf[index]].get(offsets[index], into, 0, dimension);
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
