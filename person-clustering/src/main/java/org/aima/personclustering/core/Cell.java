package org.aima.personclustering.core;

import java.nio.FloatBuffer;
import java.util.Comparator;
import java.util.List;

/** All vectors that live in one cell, in order of address; for one thread. */
public final class Cell implements UnitVectors {
    private final int number;
    private final int dimension;
    private final int[] addresses;
    private final FloatBuffer vectors;
    private final long[] frames;
    private final float[] boxes;
    private final float[] quality;

    /**
     * A part of a cell whose vectors lie elsewhere.
     *
     * @param addresses ascending
     * @param vectors beside them, one after another
     * @param frames {@link Sighting#frame} of each
     * @param boxes {@link Sighting#box} of each, one after another
     * @param quality {@link Observation#quality} of each
     */
    public record Part(
            int[] addresses, FloatBuffer vectors, long[] frames, float[] boxes, float[] quality) {

        /** A part with its vectors where they have been put. */
        public static Part of(CellPart part, FloatBuffer vectors) {
            return new Part(part.addresses(), vectors, part.frames(), part.boxes(), part.quality());
        }
    }

    /**
     * Lays the parts side by side, so that no search has to gather them again.
     *
     * @param parts in any order
     * @param spill where the cell's vectors are put
     */
    public Cell(int number, int dimension, List<Part> parts, SpillFile spill) {
        this.number = number;
        this.dimension = dimension;
        this.addresses = new int[parts.stream().mapToInt(p -> p.addresses().length).sum()];
        this.vectors = spill.floats(addresses.length * dimension);
        this.frames = new long[addresses.length];
        this.boxes = new float[addresses.length * Sighting.BOX];
        this.quality = new float[addresses.length];
        int at = 0;
        for (Part part :
                parts.stream()
                        .sorted(Comparator.comparingInt((Part p) -> p.addresses()[0]))
                        .toList()) {
            int rows = part.addresses().length;
            System.arraycopy(part.addresses(), 0, addresses, at, rows);
            vectors.put(at * dimension, part.vectors(), 0, rows * dimension);
            System.arraycopy(part.frames(), 0, frames, at, rows);
            System.arraycopy(part.boxes(), 0, boxes, at * Sighting.BOX, rows * Sighting.BOX);
            System.arraycopy(part.quality(), 0, quality, at, rows);
            at += rows;
        }
    }

    int number() {
        return number;
    }

    @Override
    public int size() {
        return addresses.length;
    }

    @Override
    public int dimension() {
        return dimension;
    }

    @Override
    public void read(int row, float[] into) {
        vectors.get(row * dimension, into, 0, dimension);
    }

    @Override
    public long frame(int row) {
        return frames[row];
    }

    @Override
    public boolean apart(int a, int b) {
        return Sighting.apart(boxes, a * Sighting.BOX, b * Sighting.BOX);
    }

    float quality(int row) {
        return quality[row];
    }

    int address(int row) {
        return addresses[row];
    }

    /** Makes the cell's vectors the right-hand side of the kernel's next products. */
    void load(SimilarityKernel kernel) {
        kernel.load(vectors, addresses.length, dimension);
    }
}
