package org.aima.personclustering.core;

import java.nio.FloatBuffer;
import java.util.Comparator;
import java.util.List;

/** All vectors that live in one cell, in order of address; for one thread. */
public final class Cell {
    private final int number;
    private final int dimension;
    private final int[] addresses;
    private final FloatBuffer vectors;

    /**
     * A part of a cell whose vectors lie elsewhere.
     *
     * @param addresses ascending
     * @param vectors beside them, one after another
     */
    public record Part(int[] addresses, FloatBuffer vectors) {}

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
        int at = 0;
        for (Part part :
                parts.stream()
                        .sorted(Comparator.comparingInt((Part p) -> p.addresses()[0]))
                        .toList()) {
            int rows = part.addresses().length;
            System.arraycopy(part.addresses(), 0, addresses, at, rows);
            vectors.put(at * dimension, part.vectors(), 0, rows * dimension);
            at += rows;
        }
    }

    int number() {
        return number;
    }

    int size() {
        return addresses.length;
    }

    int address(int row) {
        return addresses[row];
    }

    /** Makes the cell's vectors the right-hand side of the kernel's next products. */
    void load(SimilarityKernel kernel) {
        kernel.load(vectors, addresses.length, dimension);
    }
}
