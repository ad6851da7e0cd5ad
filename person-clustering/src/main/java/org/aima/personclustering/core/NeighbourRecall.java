package org.aima.personclustering.core;

import java.util.Locale;

/**
 * How many of the exact nearest neighbours of audited vectors were found.
 *
 * <p>A neighbour counts as found when either of the two has the other in its list, since a link has
 * no direction. Two shares: of all k, and of those similar enough to be linked at all; what is less
 * similar than that never changes a result.
 */
public final class NeighbourRecall {
    private final VectorSet vectors;
    private final CalibratedLinking linking;
    private long all;
    private long allFound;
    private long near;
    private long nearFound;

    /**
     * @param linking has taken in all neighbours, and not yet clustered them
     */
    public NeighbourRecall(VectorSet vectors, CalibratedLinking linking) {
        this.vectors = vectors;
        this.linking = linking;
    }

    public void add(NeighbourBlock block) {
        int k = block.k();
        for (int row = 0; row < block.audited().length; row++) {
            int audited = block.audited()[row];
            int index = vectors.indexOf(VectorBlock.address(block.block(), audited));
            for (int i = 0; i < k; i++) {
                int address = block.exactAddresses()[row * k + i];
                if (address != -1) {
                    boolean found =
                            listed(block, audited, address)
                                    || linking.knows(index, vectors.indexOf(address));
                    all++;
                    allFound += found ? 1 : 0;
                    boolean linkable = block.exactSimilarities()[row * k + i] >= linking.linkable();
                    near += linkable ? 1 : 0;
                    nearFound += linkable && found ? 1 : 0;
                }
            }
        }
    }

    private static boolean listed(NeighbourBlock block, int row, int address) {
        for (int i = row * block.k(); i < (row + 1) * block.k(); i++) {
            if (block.addresses()[i] == address) {
                return true;
            }
        }
        return false;
    }

    /** Share of all k nearest neighbours, 0 to 1. */
    public double ofAll() {
        return all == 0 ? 1 : (double) allFound / all;
    }

    /** Share of the neighbours that may be linked, 0 to 1. */
    public double linkable() {
        return near == 0 ? 1 : (double) nearFound / near;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT, "%.4f (%.4f of those that may be linked)", ofAll(), linkable());
    }
}
