package org.aima.personclustering.core;

import java.util.Comparator;
import java.util.List;

/** All vectors that live in one cell, in order of address. */
public final class Cell {
    private final int number;
    private final int[] addresses;
    private final float[] vectors;

    /**
     * @param parts in any order
     */
    public Cell(int number, List<CellPart> parts) {
        this.number = number;
        List<CellPart> sorted =
                parts.stream()
                        .sorted(Comparator.comparingInt((CellPart p) -> p.addresses()[0]))
                        .toList();
        this.addresses = new int[sorted.stream().mapToInt(p -> p.addresses().length).sum()];
        this.vectors = new float[sorted.stream().mapToInt(p -> p.vectors().length).sum()];
        int at = 0;
        int vectorAt = 0;
        for (CellPart part : sorted) {
            System.arraycopy(part.addresses(), 0, addresses, at, part.addresses().length);
            System.arraycopy(part.vectors(), 0, vectors, vectorAt, part.vectors().length);
            at += part.addresses().length;
            vectorAt += part.vectors().length;
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

    float[] vectors() {
        return vectors;
    }
}
