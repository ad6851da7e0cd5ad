package org.aima.personclustering.core;

import java.nio.FloatBuffer;
import java.util.Comparator;
import java.util.List;

/** All vectors that live in one cell, in order of address; for one thread. */
public final class Cell {
    private final int number;
    private final int dimension;
    private final int[] addresses;
    private final List<Part> parts;

    /**
     * A part of a cell whose vectors lie elsewhere.
     *
     * @param addresses ascending
     * @param vectors beside them, one after another
     */
    public record Part(int[] addresses, FloatBuffer vectors) {}

    /**
     * @param parts in any order
     */
    public Cell(int number, int dimension, List<Part> parts) {
        this.number = number;
        this.dimension = dimension;
        this.parts =
                parts.stream()
                        .sorted(Comparator.comparingInt((Part p) -> p.addresses()[0]))
                        .toList();
        this.addresses = new int[parts.stream().mapToInt(p -> p.addresses().length).sum()];
        int at = 0;
        for (Part part : this.parts) {
            System.arraycopy(part.addresses(), 0, addresses, at, part.addresses().length);
            at += part.addresses().length;
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
        float[] staging = kernel.staging(addresses.length * dimension);
        int at = 0;
        for (Part part : parts) {
            int length = part.addresses().length * dimension;
            part.vectors().get(0, staging, at, length);
            at += length;
        }
        kernel.load(staging, addresses.length, dimension);
    }
}
